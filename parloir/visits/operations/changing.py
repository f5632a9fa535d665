"""Change a visit: another slot, other people, or both; the old place is kept until the new one is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from psycopg.types.range import TimestamptzRange

from parloir.journal.operations import Act, record
from parloir.people.rules import Presence
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations.booking import Party
from parloir.visits.operations.exchanging import exchange_permits
from parloir.visits.operations.loading import locked_detainee, people_asked_for
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.reviewed import judge_again_beside
from parloir.visits.operations.telling import tell
from parloir.visits.queries.facts import booking_facts, slot_facts, usage_around
from parloir.visits.queries.reviews import is_under_review
from parloir.visits.rules import (
    AllowanceKind,
    Code,
    Refusal,
    VisitStatus,
    monday_of,
    reasons_to_refuse,
    reasons_to_refuse_changing,
    visit_is_given_back,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.establishments.rules import Channel
    from parloir.journal.operations import Actor
    from parloir.people.models import Account, Detainee
    from parloir.permits.models import Permit
    from parloir.visits.operations.booking import Kept
    from parloir.visits.operations.loading import PeopleAsked


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a visit should become."""

    slot_id: int
    permit_ids: frozenset[int]
    accessible: bool = False


def change_visit(
    *,
    booker: Account | None,
    visit_id: int,
    change: Change,
    channel: Channel,
    now: datetime,
    agent: Actor | None = None,
) -> Visit:
    """Give a booked visit another slot, other people, or both, at once or not at all; its reference stays.

    Of a relative, only a visit they booked, up to the policy's hours before; an agent may until it starts.
    What it is already changes nothing and tells nobody: a button pressed twice is one change.

    :raises VisitRefused: with every reason; the visit is then as it was.
    """
    party = Party(booker=booker, agent=agent, channel=channel)
    with told_as_reasons(), transaction.atomic():
        detainee_id = Visit.objects.values_list("detainee_id", flat=True).get(pk=visit_id)
        detainee = locked_detainee(detainee_id, now=now)
        visit = _visit_in_turn(visit_id, party=party)
        freed = change_in_turn(detainee, visit, change=change, party=party, kept=None, now=now)
        move_places(take=[Place.judged(visit.slot, accessible=change.accessible)], free=[freed], now=now)
    return visit


def change_in_turn(
    detainee: Detainee, visit: Visit, *, change: Change, party: Party, kept: Kept | None, now: datetime
) -> Place:
    """Judge and write a change of a locked visit, under the detained person's lock; returns the place it gives up.

    The caller takes the new place, unless one is kept.

    :raises VisitRefused: with every reason that stands in the way.
    """
    policy = visit.slot.wing.policy.as_rules()
    refusals = reasons_to_refuse_changing(
        starts_at=visit.slot.starts_at,
        is_booked=visit.status == VisitStatus.BOOKED,
        policy=policy,
        channel=party.channel,
        under_review=is_under_review(visit.pk),
        now=now,
    )
    if refusals:
        raise VisitRefused(refusals)
    slot = Slot.objects.filter(pk=change.slot_id).first()
    if slot is None:
        raise VisitRefused([Refusal(Code.NO_SUCH_SLOT)])
    asked = people_asked_for(detainee, change.permit_ids, party=party)
    attendances = list(visit.attendances.all())
    coming = frozenset(attendance.permit_id for attendance in attendances if attendance.live)
    permits = _judge(detainee, visit, slot, asked=asked, coming=coming, change=change, party=party, kept=kept, now=now)
    given_back = visit_is_given_back(starts_at=visit.slot.starts_at, policy=policy, now=now)
    old, week = visit.slot, visit.week
    freed = Place(slot_id=old.pk, accessible=visit.accessible)
    wished = (change.slot_id, change.accessible, frozenset(permit.pk for permit in permits))
    if wished == (visit.slot_id, visit.accessible, coming):
        return freed
    gone = _write_people(visit, permits, attendances, slot=slot, give_back=given_back)
    moved = _move(visit, slot, accessible=change.accessible)
    announce_change(visit, changed=moved, old_slot_id=old.pk, gone=gone, actor=party.actor, now=now)
    if detainee.presence == Presence.DISCIPLINARY:
        judge_again_beside({(visit.visited_id, week), (visit.visited_id, visit.week)})
    return freed


def visits_to_change() -> QuerySet[Visit]:
    """Return visits to be locked, with what judging a change needs."""
    return Visit.objects.select_related("slot__wing__policy").select_for_update(of=("self",), no_key=True)


def announce_change(
    visit: Visit,
    *,
    changed: Collection[str] = (),
    old_slot_id: int,
    gone: Collection[int],
    actor: Actor,
    now: datetime,
) -> None:
    """Have everybody told of what changed in one message, those who no longer come (``gone``, permits) included.

    The fields of the visit that were ``changed`` are written with its version.
    """
    visit.version += 1
    visit.save(update_fields=["version", *changed])
    tell("visits.tell_changed", visit, version=visit.version, old_slot_id=old_slot_id)
    slots = list(dict.fromkeys([old_slot_id, visit.slot_id]))
    act = Act("visit.changed", "visit", visit.pk, {"gone": len(gone)}, {"slot": slots})
    record(actor=actor, acts=[act], at=now)


def remove_people(visit: Visit, permit_ids: Collection[int], *, give_back: bool) -> None:
    """Note that some no longer come; ``give_back`` returns the visit to their limited permits."""
    gone = Attendance.objects.filter(visit=visit, permit__in=permit_ids, live=True)
    gone.update(live=False, debits=False) if give_back else gone.update(live=False)


def _visit_in_turn(visit_id: int, *, party: Party) -> Visit:
    """Lock a visit that this party may change.

    :raises Visit.DoesNotExist: when it is somebody else's.
    """
    visits = visits_to_change()
    return visits.get(pk=visit_id) if party.agent else visits.get(pk=visit_id, booker=party.booker)


def _judge(
    detainee: Detainee,
    visit: Visit,
    slot: Slot,
    *,
    asked: PeopleAsked,
    coming: Collection[int],
    change: Change,
    party: Party,
    kept: Kept | None,
    now: datetime,
) -> list[Permit]:
    """Apply every rule to what the visit would become, itself left out of what is counted.

    The exceptions once granted to it still hold in its own slot. Returns the permits by which those asked for
    come: whoever comes already does so by the same one (``coming``) as long as it is good.

    :raises VisitRefused: when any stands in the way.
    """
    stays = slot.pk == visit.slot_id
    usage = usage_around(
        slot, detainee_id=detainee.pk, permits=asked.permits, but_visit_id=visit.pk, in_turn=True, now=now
    )
    own = int(stays or (kept is not None and kept.live))
    accessible = visit.accessible if stays else kept is not None and kept.accessible
    allowed = {AllowanceKind(kind) for kind in visit.allowances.values_list("kind", flat=True)} if stays else set()
    place = slot_facts(slot, usage, own=own, own_accessible=own * int(accessible))
    people = asked.by_best_permit(place, usage, keeps=coming)
    facts = booking_facts(
        detainee,
        place,
        usage=usage,
        people=people,
        unregistered=asked.unregistered,
        twice=asked.twice,
        booker=None if party.agent else party.booker,
        channel=party.channel,
        wants_accessible=change.accessible,
        allowed=frozenset(allowed | ({AllowanceKind.OVERBOOKING} if stays else set())),
        keeps_slot=stays,
        now=now,
    )
    refusals = reasons_to_refuse(facts)
    if refusals:
        raise VisitRefused(refusals)
    return asked.permits_of(people)


def _write_people(
    visit: Visit, permits: Sequence[Permit], attendances: Sequence[Attendance], *, slot: Slot, give_back: bool
) -> set[int]:
    """Write who comes now, and return the permits of those who no longer do.

    Who comes by another permit of theirs has not left, and the former one has its visit back.
    """
    during = TimestamptzRange(slot.starts_at, slot.ends_at)
    wanted = {permit.pk: permit for permit in permits}
    by_visitor = {permit.visitor_id: permit for permit in permits}
    exchanged = [
        attendance
        for attendance in attendances
        if attendance.live and attendance.visitor_id in by_visitor and attendance.permit_id not in wanted
    ]
    for attendance in exchanged:
        attendance.permit = by_visitor[attendance.visitor_id]
    exchange_permits(exchanged)
    before = {attendance.permit_id: attendance.live for attendance in attendances} | {
        attendance.permit_id: True for attendance in exchanged
    }
    comes, leaves = Q(permit__in=wanted), Q(live=True) & ~Q(permit__in=wanted)
    kept = Value(False) if give_back else F("debits")
    Attendance.objects.filter(visit=visit).update(
        live=Case(When(comes, then=True), default=False),
        debits=Case(When(comes, then=True), When(leaves, then=kept), default=F("debits")),
        left_by_themselves=Case(When(comes, then=False), default=F("left_by_themselves")),
        during=during,
    )
    Attendance.objects.bulk_create(
        Attendance(visit=visit, permit=permit, visitor_id=permit.visitor_id, during=during)
        for permit in permits
        if permit.pk not in before
    )
    return {pk for pk, live in before.items() if live and pk not in wanted}


def _move(visit: Visit, slot: Slot, *, accessible: bool) -> list[str]:
    """Give a visit its slot, in memory, and return the names of the fields to be written."""
    visit.slot, visit.accessible = slot, accessible
    visit.during = TimestamptzRange(slot.starts_at, slot.ends_at)
    visit.local_date, visit.week = slot.local_date, monday_of(slot.local_date)
    return ["slot", "accessible", "during", "local_date", "week"]
