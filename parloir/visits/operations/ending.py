"""End the visits that the register's news no longer allows."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from parloir.establishments.rules import Channel
from parloir.journal.operations import REGISTER
from parloir.people.rules import Presence
from parloir.visits.models import Visit
from parloir.visits.operations.cancelling import end_visits
from parloir.visits.queries.facts import NO_USAGE, booking_facts, detainees_with_restrictions, person_facts, slot_facts
from parloir.visits.rules import (
    CancelledBy,
    Code,
    VisitStatus,
    latest_beyond,
    reasons_to_end,
    weekly_maximum,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.people.models import Detainee
    from parloir.visits.rules import BookingFacts


@transaction.atomic
def end_visits_that_no_longer_hold(*, detainee_ids: Collection[int], recount: bool = False, now: datetime) -> int:
    """Cancel the future visits that what is now known of these detained persons no longer allows.

    ``recount`` judges the weekly maximum again: for a new penal category or a disciplinary cell; the
    latest visits beyond it are cancelled (R341-3). Returns how many were cancelled. Places are freed,
    limited permits get their visit back, each family is told once. Locks the detained persons first,
    as every writer does.
    """
    by_id = {detainee.pk: detainee for detainee in _locked_detainees(detainee_ids, now)}
    visits = _upcoming_visits(by_id, now)
    causes: dict[Visit, str] = {}
    for visit in visits:
        refusals = reasons_to_end(_facts(visit, by_id[visit.detainee_id], now))
        if refusals:
            causes[visit] = str(refusals[0].code)
    causes |= dict.fromkeys(_beyond_permits([v for v in visits if v not in causes]), str(Code.PERMIT_USED_UP))
    if recount:
        causes |= _beyond_weeks([v for v in visits if v not in causes], by_id, now)
    if causes:
        end_visits(causes, by=CancelledBy.REGISTER, give_back=True, actor=REGISTER, now=now)
    return len(causes)


def _locked_detainees(detainee_ids: Collection[int], now: datetime) -> QuerySet[Detainee]:
    return (
        detainees_with_restrictions(since=now.date() - timedelta(days=1))
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=detainee_ids)
        .order_by("pk")
    )


def _upcoming_visits(detainee_ids: Collection[int], now: datetime) -> list[Visit]:
    """Lock the visits that have not begun, the soonest first."""
    visits = (
        Visit.objects.filter(detainee__in=detainee_ids, status=VisitStatus.BOOKED, during__startswith__gt=now)
        .select_related("slot")
        .prefetch_related("attendances__permit__visitor")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return sorted(visits, key=lambda visit: visit.slot.starts_at)


def _facts(visit: Visit, detainee: Detainee, now: datetime) -> BookingFacts:
    """Return a booked visit as the rules read it; an agent's channel, since no window is judged again."""
    people = tuple(person_facts(attendance.permit, NO_USAGE) for attendance in visit.attendances.all())
    return booking_facts(detainee, slot_facts(visit.slot), people=people, channel=Channel.DESK, now=now)


def _beyond_weeks(visits: list[Visit], by_id: dict[int, Detainee], now: datetime) -> dict[Visit, str]:
    """Return the latest visits of each week beyond its maximum, with the code that says which maximum."""
    weeks = defaultdict(list)
    for visit in visits:
        weeks[visit.detainee_id, visit.week].append(visit)
    gone: dict[Visit, str] = {}
    for (detainee_id, week), upcoming in weeks.items():
        facts = _facts(upcoming[0], by_id[detainee_id], now)
        counted = Visit.objects.filter(
            Q(during__startswith__lte=now) | Q(pk__in=[visit.pk for visit in upcoming]),
            ~Q(status=VisitStatus.CANCELLED),
            detainee=detainee_id,
            week=week,
        ).count()
        code = Code.DISCIPLINARY_MAXIMUM if facts.detainee.presence is Presence.DISCIPLINARY else Code.WEEKLY_MAXIMUM
        gone |= dict.fromkeys(latest_beyond(upcoming, counted=counted, maximum=weekly_maximum(facts)), str(code))
    return gone


def _beyond_permits(visits: list[Visit]) -> list[Visit]:
    """Return the latest visits beyond what a limited permit now allows."""
    limited = defaultdict(list)
    for visit in visits:
        for attendance in visit.attendances.all():
            if attendance.permit.visits_allowed is not None:
                limited[attendance.permit].append(visit)
    gone: list[Visit] = []
    for permit, upcoming in limited.items():
        counted = permit.attendances.filter(debits=True).count()
        gone += latest_beyond(upcoming, counted=counted, maximum=permit.visits_allowed)
    return gone
