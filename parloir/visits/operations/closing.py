"""Close sessions and days, those sold included: visits end, and their families are told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from procrastinate.contrib.django import app

from parloir.establishments.operations import save_policy
from parloir.establishments.queries import policy_of
from parloir.people.models import Restriction
from parloir.people.rules import Presence
from parloir.timetable import operations as of_timetable
from parloir.visits.models import Visit
from parloir.visits.operations.emptying import close_slots
from parloir.visits.operations.refused import told_as_reasons
from parloir.visits.queries.closures import slots_after, slots_closed_by, slots_on_public_holidays
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from datetime import date, datetime

    from parloir.establishments.rules import Policy, PolicyWarning
    from parloir.journal.operations import Actor
    from parloir.timetable.operations import Made


def close_days(
    *, wing_id: int, since: date, until: date, session_id: int | None = None, actor: Actor, now: datetime
) -> int:
    """Close a wing, or one weekly session, on local days, both included, and return how many visits it cancelled.

    Held and offered places there are given back to nobody. What it would touch is told beforehand by
    :func:`parloir.visits.queries.closures.impact_of_closing`.

    :raises ValueError: when the last day precedes the first.
    :raises VisitRefused: when booking goes on too fast there; nothing is closed.
    """
    with told_as_reasons(), transaction.atomic():
        slots = slots_closed_by(wing_id=wing_id, since=since, until=until, session_id=session_id, now=now)
        ended = close_slots(slots, actor=actor, now=now)
        of_timetable.close_days(wing_id=wing_id, since=since, until=until, session_id=session_id, actor=actor, now=now)
    return ended


def reopen_days(*, closure_id: int, actor: Actor, now: datetime) -> Made:
    """End a closure: the slots of its days to come are made again, for everybody and for those who wait.

    :raises Closure.DoesNotExist: when there is none, or it was ended already.
    :raises VisitRefused: when too much happens at once: nothing is changed, and it may be tried again.
    """
    with told_as_reasons(), transaction.atomic():
        return of_timetable.reopen_days(closure_id=closure_id, actor=actor, now=now)


def withdraw_session(*, session_id: int, last_day: date, actor: Actor, now: datetime) -> int:
    """End a weekly session after a local day, the last on which it happens; returns how many visits it cancelled.

    :raises Session.DoesNotExist: when there is no such session.
    :raises ValueError: when the last day precedes the session's first.
    :raises VisitRefused: when booking goes on too fast there; nothing is changed.
    """
    with told_as_reasons(), transaction.atomic():
        ended = close_slots(slots_after(session_id=session_id, last_day=last_day, now=now), actor=actor, now=now)
        of_timetable.withdraw_session(session_id=session_id, last_day=last_day, actor=actor, now=now)
    return ended


def apply_policy(*, wing_id: int, policy: Policy, actor: Actor, now: datetime) -> list[PolicyWarning]:
    """Set a wing's booking policy with what follows from it, and return what in it falls below the law.

    Public holidays that it begins to close lose their visits; slots are made anew. Visits that something
    hinders are judged again under it, by a job each. A lower weekly maximum ends no visit: what was booked
    under the former one was right then.

    :raises Wing.DoesNotExist: when there is no such wing.
    :raises ValidationError: when nobody could book under the policy.
    :raises VisitRefused: when booking goes on too fast there; nothing is changed.
    """
    with told_as_reasons(), transaction.atomic():
        before = policy_of(wing_id)
        if policy.closed_on_public_holidays and not before.closed_on_public_holidays:
            close_slots(slots_on_public_holidays(wing_id=wing_id, now=now), actor=actor, now=now)
        warnings = save_policy(wing_id=wing_id, policy=policy, actor=actor, now=now)
        of_timetable.make_slots(now=now, wing_ids=[wing_id])
        if _consequences(policy) != _consequences(before):
            _judge_hindered(wing_id, now=now)
    return warnings


def _consequences(policy: Policy) -> tuple[str, str, str]:
    return policy.on_hospital, policy.on_disciplinary, policy.on_restriction


def _judge_hindered(wing_id: int, *, now: datetime) -> None:
    """Have the visits of a wing judged again whose detained person something hinders."""
    restricted = Restriction.objects.filter(detainee=OuterRef("detainee"), until__gte=now.date())
    visits = Visit.objects.filter(
        Q(detainee__presence__in=[Presence.HOSPITAL, Presence.DISCIPLINARY]) | Exists(restricted),
        slot__wing=wing_id,
        status=VisitStatus.BOOKED,
        during__startswith__gt=now,
    )
    for detainee_id in sorted(set(visits.values_list("detainee_id", flat=True))):
        app.configure_task("visits.judge_again", lock=f"detainee-{detainee_id}").defer(detainee_id=detainee_id)
