"""Cancel a visit, whole or for some of those who come, at the wish of a family or an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from parloir.establishments.rules import Channel
from parloir.journal.operations import Act, Actor, record
from parloir.visits.models import Attendance, Draft, Visit
from parloir.visits.operations.changing import announce_change, remove_people
from parloir.visits.operations.holding import leave_without_places
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.reviewed import close_with_visits, judge_again_beside
from parloir.visits.operations.telling import tell
from parloir.visits.queries.facts import NO_USAGE, booking_facts, detainees_with_restrictions, person_facts, slot_facts
from parloir.visits.queries.mine import own_attendances
from parloir.visits.rules import (
    CancelledBy,
    Refusal,
    VisitStatus,
    reasons_to_refuse_cancelling,
    reasons_to_refuse_party,
    visit_is_given_back,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.people.models import Account


def cancel_visit(*, booker: Account | None, visit_id: int, now: datetime, agent: Actor | None = None) -> Visit:
    """Cancel a visit; its place is free at once. Cancelled already by a family, nothing happens.

    Of a relative, only a visit they booked; inside the policy's last hours a limited permit does not get its
    visit back. An agent (``agent``) cancels any, and the visit is then always given back.

    :raises VisitRefused: when it has begun, or is over.
    :raises Visit.DoesNotExist: when it is not one of the booker's.
    """
    with told_as_reasons(), transaction.atomic():
        visit = _visit_in_turn(visit_id, booker=booker, agent=agent)
        if visit.status == VisitStatus.CANCELLED and visit.cancelled_by == CancelledBy.FAMILY:
            return visit
        given_back = _check_cancelling(visit, now=now)
        if agent is not None:
            end_visits({visit: ""}, by=CancelledBy.STAFF, give_back=True, actor=agent, now=now)
        else:
            actor = Actor("account", booker.pk if booker else None)
            end_visits({visit: ""}, by=CancelledBy.FAMILY, give_back=given_back, actor=actor, now=now)
    return visit


def withdraw_people(*, booker: Account, visit_id: int, permit_ids: Collection[int], now: datetime) -> Visit:
    """Take some people out of a visit that this account booked, until it starts; the others still come.

    :raises VisitRefused: when it has begun, or those who remain could not come alone: the whole visit may be cancelled.
    :raises Visit.DoesNotExist: when it is not one of the booker's.
    """
    with told_as_reasons(), transaction.atomic():
        visit = _visit_in_turn(visit_id, booker=booker, agent=None)
        given_back = _check_cancelling(visit, now=now)
        gone = {a.permit_id for a in visit.attendances.filter(permit__in=permit_ids, live=True)}
        if not gone:
            return visit
        refusals = _against_those_who_remain(visit, gone, now=now)
        if refusals:
            raise VisitRefused(refusals)
        remove_people(visit, gone, give_back=given_back)
        actor = Actor("account", booker.pk)
        announce_change(visit, old_slot_id=visit.slot_id, gone=gone, actor=actor, now=now)
    return visit


def withdraw_myself(*, account: Account, visit_id: int, now: datetime) -> Visit:
    """Take an account's own person out of a visit that somebody else booked, until it starts.

    If those who remain could not come alone, the visit is cancelled and its booker told, without who or why.

    :raises VisitRefused: when it has begun, or is over.
    :raises Visit.DoesNotExist: when the account's own person does not attend it.
    """
    with told_as_reasons(), transaction.atomic():
        mine = own_attendances(account.pk).filter(live=True)
        visit = visits_in_turn().filter(Exists(mine.filter(visit=OuterRef("pk")))).get(pk=visit_id)
        given_back = _check_cancelling(visit, now=now)
        gone = set(mine.filter(visit=visit).values_list("permit", flat=True))
        visit.attendances.filter(permit__in=gone).update(left_by_themselves=True)
        actor = Actor("account", account.pk)
        if _against_those_who_remain(visit, gone, now=now):
            causes = {visit: "party_broken"}
            end_visits(causes, by=CancelledBy.FAMILY, give_back=given_back, actor=actor, now=now)
        else:
            remove_people(visit, gone, give_back=given_back)
            announce_change(visit, old_slot_id=visit.slot_id, gone=gone, actor=actor, now=now)
    return visit


def visits_in_turn() -> QuerySet[Visit]:
    """Return visits to be locked in the order of ids, with what judging them needs."""
    return (
        Visit.objects.select_related("slot__wing__policy", "slot__wing__establishment")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )


def _visit_in_turn(visit_id: int, *, booker: Account | None, agent: Actor | None) -> Visit:
    visits = visits_in_turn()
    return visits.get(pk=visit_id) if agent else visits.get(pk=visit_id, booker=booker)


def _check_cancelling(visit: Visit, *, now: datetime) -> bool:
    """Tell whether a limited permit gets its visit back when a family cancels now.

    :raises VisitRefused: when it is too late to cancel, or there is nothing to cancel.
    """
    starts_at = visit.slot.starts_at
    refusals = reasons_to_refuse_cancelling(starts_at=starts_at, now=now, is_booked=visit.status == VisitStatus.BOOKED)
    if refusals:
        raise VisitRefused(refusals)
    return visit_is_given_back(starts_at=starts_at, policy=visit.slot.wing.policy.as_rules(), now=now)


def _against_those_who_remain(visit: Visit, gone: Collection[int], *, now: datetime) -> list[Refusal]:
    """Return why those who remain could not come without the others."""
    remaining = visit.attendances.filter(live=True).exclude(permit__in=gone).select_related("permit__visitor")
    detainee = detainees_with_restrictions(since=now.date()).get(pk=visit.visited_id)
    people = tuple(person_facts(attendance.permit, NO_USAGE) for attendance in remaining)
    facts = booking_facts(detainee, slot_facts(visit.slot), people=people, channel=Channel(visit.channel), now=now)
    return reasons_to_refuse_party(facts)


def end_visits(causes: dict[Visit, str], *, by: CancelledBy, give_back: bool, actor: Actor, now: datetime) -> None:
    """Cancel locked visits, each with its cause: places freed, families told, one journal line each.

    ``give_back`` returns the visit to limited permits. Drafts that would have changed them hold no place any more.
    Runs inside the caller's transaction.
    """
    held = leave_without_places(drafts_replacing(causes))
    ended = write_end(causes, by=by, give_back=give_back, actor=actor, now=now)
    move_places(free=[*ended, *held], now=now)


def drafts_replacing(visits: Iterable[Visit]) -> list[int]:
    """Return the drafts that would change these visits: who ends them takes their places first."""
    replaced = [visit.pk for visit in visits]
    return list(Draft.objects.filter(replaces__in=replaced).values_list("pk", flat=True)) if replaced else []


def write_end(
    causes: Mapping[Visit, str],
    *,
    by: CancelledBy,
    give_back: bool,
    spent: Collection[Visit] = (),
    actor: Actor,
    now: datetime,
) -> list[Place]:
    """Write that locked visits end and have their families told; returns the places that the caller gives back.

    ``give_back`` returns them to limited permits, all but those that are ``spent``. Once for all that a transaction
    ends: what waits about them is locked in one statement.

    The drafts that would have changed them are the caller's to leave without places, in the order of locks.
    """
    visits = sorted(causes, key=lambda visit: visit.pk)
    for visit in visits:
        visit.status, visit.cancelled_by = VisitStatus.CANCELLED, by
        visit.cancelled_at, visit.cancel_cause = now, causes[visit]
    Visit.objects.bulk_update(visits, ["status", "cancelled_by", "cancelled_at", "cancel_cause"])
    given_back = {visit.pk for visit in visits if give_back and visit not in spent}
    Attendance.objects.filter(visit__in=given_back).update(live=False, debits=False)
    Attendance.objects.filter(visit__in={visit.pk for visit in visits} - given_back).update(live=False)
    for visit in visits:
        tell("visits.tell_cancelled", visit)
    acts = [
        Act("visit.cancelled", "visit", v.pk, {"by": by, "cause": causes[v], "given_back": int(v.pk in given_back)})
        for v in visits
    ]
    record(actor=actor, acts=acts, at=now)
    close_with_visits(visits, by=by, actor=actor, now=now)
    judge_again_beside({(visit.visited_id, visit.week) for visit in visits}, but={visit.pk for visit in visits})
    return [Place(slot_id=visit.slot_id, accessible=visit.accessible) for visit in visits]
