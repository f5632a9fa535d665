"""Book a visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app
from psycopg.types.range import TimestamptzRange

from parloir.journal.operations import Act, Actor, record
from parloir.permits.models import Permit
from parloir.permits.rules import Holding
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.queries.facts import (
    booking_facts,
    detainees_with_restrictions,
    person_facts,
    slot_facts,
    usage_around,
)
from parloir.visits.rules import Code, Refusal, monday_of, reasons_to_refuse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from parloir.establishments.rules import Channel
    from parloir.people.models import Account, Detainee
    from parloir.visits.queries.facts import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asks for when they book; the key makes a second submission the same booking."""

    detainee_id: int
    slot_id: int
    permit_ids: frozenset[int]
    idempotency_key: str
    sms_reminder: bool = False


@dataclass(frozen=True, slots=True)
class _Loaded:
    detainee: Detainee
    permits: Sequence[Permit]
    slot: Slot
    usage: Usage
    own: frozenset[int]


def book_visit(*, booker: Account, wish: Wish, channel: Channel, now: datetime) -> Visit:
    """Give a family its place in a slot, confirmed at once; sent twice, it is the same visit.

    Everything is judged under the detained person's lock, which orders all that is done for them; the
    slot's counter is taken last, so that a place many want is held for the shortest time.

    :raises VisitRefused: with every reason that stands in the way.
    """
    with told_as_reasons(), transaction.atomic():
        loaded = _load(booker=booker, wish=wish, now=now)
        if loaded.usage.earlier_id is not None:
            return Visit.objects.get(pk=loaded.usage.earlier_id)
        _judge(loaded, booker=booker, wish=wish, channel=channel, now=now)
        visit = _write(loaded, booker=booker, wish=wish, channel=channel, now=now)
        app.configure_task("visits.tell_booked", lock=f"visit-{visit.pk}").defer(visit_id=visit.pk)
        act = Act("visit.booked", "visit", visit.pk, {"channel": channel, "people": len(loaded.permits)})
        record(actor=Actor("account", booker.pk), acts=[act], at=now)
        _take_place(loaded.slot)
    return visit


def _load(*, booker: Account, wish: Wish, now: datetime) -> _Loaded:
    """Lock the detained person, then read what is needed; a permit of somebody else is simply not found."""
    detainee = (
        detainees_with_restrictions(since=now.date())
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=wish.detainee_id)
        .first()
    )
    slot = Slot.objects.filter(pk=wish.slot_id).first()
    if detainee is None or slot is None:
        raise VisitRefused([Refusal(Code.TRY_AGAIN)])
    permits = list(
        Permit.objects.filter(pk__in=wish.permit_ids, detainee=detainee, registrations__account=booker)
        .annotate(holding=F("registrations__holding"))
        .select_related("visitor")
        .order_by("visitor_id")
    )
    usage = usage_around(
        slot,
        detainee_id=detainee.pk,
        permits=permits,
        booker_id=booker.pk,
        idempotency_key=wish.idempotency_key,
    )
    own = frozenset(permit.pk for permit in permits if permit.holding == Holding.OWN)
    return _Loaded(detainee=detainee, permits=permits, slot=slot, usage=usage, own=own)


def _judge(loaded: _Loaded, *, booker: Account, wish: Wish, channel: Channel, now: datetime) -> None:
    """Apply every rule.

    :raises VisitRefused: when any stands in the way.
    """
    facts = booking_facts(
        loaded.detainee,
        slot_facts(loaded.slot),
        usage=loaded.usage,
        people=tuple(person_facts(p, loaded.usage, is_booker=p.pk in loaded.own) for p in loaded.permits),
        unregistered=len(wish.permit_ids) - len(loaded.permits),
        booker=booker,
        channel=channel,
        now=now,
    )
    refusals = reasons_to_refuse(facts)
    if refusals:
        raise VisitRefused(refusals)


def _write(loaded: _Loaded, *, booker: Account, wish: Wish, channel: Channel, now: datetime) -> Visit:
    """Write the visit and who attends it, visitors in order: two bookings never wait for each other in a ring."""
    slot = loaded.slot
    if loaded.usage.free_reference is None:
        raise VisitRefused([Refusal(Code.TRY_AGAIN)])
    during = TimestamptzRange(slot.starts_at, slot.ends_at)
    visit = Visit.objects.create(
        reference=loaded.usage.free_reference,
        detainee=loaded.detainee,
        slot=slot,
        booker=booker,
        channel=channel,
        during=during,
        local_date=slot.local_date,
        week=monday_of(slot.local_date),
        booked_at=now,
        sms_reminder=wish.sms_reminder,
        idempotency_key=wish.idempotency_key,
    )
    Attendance.objects.bulk_create(
        Attendance(visit=visit, permit=permit, visitor_id=permit.visitor_id, during=during) for permit in loaded.permits
    )
    return visit


def _take_place(slot: Slot) -> None:
    """Count the visit in its slot, if a place is still there and its hours are those that were judged.

    :raises VisitRefused: when the last place went to somebody else.
    """
    judged = Slot.objects.filter(pk=slot.pk, starts_at=slot.starts_at, ends_at=slot.ends_at)
    if not judged.filter(taken__lt=F("capacity")).update(taken=F("taken") + 1):
        raise VisitRefused([Refusal(Code.FULL)])
