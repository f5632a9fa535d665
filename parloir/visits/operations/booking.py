"""Book a visit: directly, or from what a draft holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from parloir.journal.operations import Act, Actor, record
from parloir.timetable.models import Slot
from parloir.visits.models import Allowance, Attendance, Visit
from parloir.visits.operations.loading import locked_detainee, people_asked_for
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.telling import tell
from parloir.visits.operations.waits import end_wait_by_booking
from parloir.visits.queries.facts import booking_facts, slot_facts, usage_around
from parloir.visits.rules import AllowanceKind, Code, Refusal, monday_of, reasons_to_refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from parloir.establishments.rules import Channel
    from parloir.people.models import Account, Detainee
    from parloir.permits.models import Permit
    from parloir.visits.operations.loading import PeopleAsked
    from parloir.visits.queries.facts import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asks for when they book; the key makes a second submission the same booking.

    ``allowances`` are an agent's exceptions, each with its reason.
    """

    detainee_id: int
    slot_id: int
    permit_ids: frozenset[int]
    idempotency_key: str
    sms_reminder: bool = False
    accessible: bool = False
    allowances: Mapping[AllowanceKind, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """For whom, by whom, and through which door a visit is booked.

    :ivar booker: the relative's account; None when an agent or a kiosk books for a family without one.
    :ivar agent: who holds the keyboard, when it is not the relative.
    """

    booker: Account | None
    agent: Actor | None
    channel: Channel

    @property
    def actor(self) -> Actor:
        """Who is written in the journal."""
        return self.agent or Actor("account", self.booker.pk if self.booker else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A place that a draft or an offer keeps already: it passes to the visit, and no counter moves.

    ``live`` says that its time is not over: the places past it are counted free with all others. Whoever
    accepts what was ``offered`` ends the wait, which they have locked.
    """

    accessible: bool
    live: bool
    offered: bool = False


class Booked(NamedTuple):
    """A visit, whether this submission made it, and whether its family waits for a place."""

    visit: Visit
    is_new: bool
    waits: bool = False


def book_visit(
    *, booker: Account | None, wish: Wish, channel: Channel, now: datetime, agent: Actor | None = None
) -> Visit:
    """Give a family its place in a slot, confirmed at once; sent twice, it is the same visit.

    Everything is judged under the detained person's lock, which orders all that is done for them; the
    slot's counter is taken last, so that a place many want is held for the shortest time. An agent
    (``agent``) may bring any permit of the detained person, and exceptions.

    :raises VisitRefused: with every reason that stands in the way.
    """
    party = Party(booker=booker, agent=agent, channel=channel)
    with told_as_reasons(), transaction.atomic():
        detainee = locked_detainee(wish.detainee_id, now=now)
        slot = Slot.objects.filter(pk=wish.slot_id).first()
        if slot is None:
            raise VisitRefused([Refusal(Code.NO_SUCH_SLOT)])
        booked = book_in_turn(detainee, party=party, wish=wish, slot=slot, kept=None, now=now)
        if booked.is_new:
            announce_booking([booked.visit], party=party, now=now)
            place = Place.judged(booked.visit.slot, accessible=wish.accessible, overbooked=_overbooks(wish))
            move_places(take=[place], free=places_left_to_others([booked], detainee, party=party, now=now), now=now)
    return booked.visit


def book_in_turn(
    detainee: Detainee, *, party: Party, wish: Wish, slot: Slot, kept: Kept | None, now: datetime
) -> Booked:
    """Judge and write one visit under the detained person's lock, unless the same submission made it before.

    The caller announces it, takes its place unless one is kept, and gives back ``places_left_to_others``.

    :raises VisitRefused: with every reason that stands in the way.
    """
    asked = people_asked_for(detainee, wish.permit_ids, party=party)
    usage = usage_around(
        slot,
        detainee_id=detainee.pk,
        permits=asked.permits,
        booker_id=party.booker.pk if party.booker else None,
        idempotency_key=wish.idempotency_key,
        in_turn=True,
        now=now,
    )
    if usage.earlier_id is not None:
        return Booked(Visit.objects.get(pk=usage.earlier_id), is_new=False)
    permits = _judge(detainee, slot, asked=asked, usage=usage, party=party, wish=wish, kept=kept, now=now)
    visit = _write(detainee, slot, permits=permits, usage=usage, party=party, wish=wish, now=now)
    return Booked(visit, is_new=True, waits=usage.waits)


def places_left_to_others(booked: Sequence[Booked], detainee: Detainee, *, party: Party, now: datetime) -> list[Place]:
    """Return what was offered to a family that waited and now has what it waited for: its wait ends.

    Once for all that a transaction books: a wait locked again after what follows it would be out of order.
    """
    if not party.booker or not any(one.waits for one in booked):
        return []
    slots = [one.visit.slot for one in booked]
    return end_wait_by_booking(account=party.booker, detainee=detainee, slots=slots, now=now)


def announce_booking(visits: Sequence[Visit], *, party: Party, now: datetime) -> None:
    """Have the family told in one message, and write a line for each visit."""
    tell("visits.tell_booked", visits[0])
    acts = [
        Act("visit.booked", "visit", visit.pk, {"channel": party.channel}, {"slot": [visit.slot_id]})
        for visit in visits
    ]
    record(actor=party.actor, acts=acts, at=now)


def _judge(
    detainee: Detainee,
    slot: Slot,
    *,
    asked: PeopleAsked,
    usage: Usage,
    party: Party,
    wish: Wish,
    kept: Kept | None,
    now: datetime,
) -> list[Permit]:
    """Apply every rule, and return the permits by which those asked for come.

    :raises VisitRefused: when any stands in the way.
    """
    allowances = wish.allowances or {}
    if allowances and (party.agent is None or not party.channel.is_staff or not all(allowances.values())):
        raise ValueError("an exception is granted by an agent, with its reason")
    own = int(kept is not None and kept.live)
    place = slot_facts(slot, usage, own=own, own_accessible=own * int(kept is not None and kept.accessible))
    people = asked.by_best_permit(place, usage)
    facts = booking_facts(
        detainee,
        place,
        usage=usage,
        people=people,
        unregistered=asked.unregistered,
        twice=asked.twice,
        booker=None if party.agent else party.booker,
        channel=party.channel,
        wants_accessible=wish.accessible,
        allowed=frozenset(allowances),
        now=now,
    )
    refusals = reasons_to_refuse(facts)
    if refusals:
        raise VisitRefused(refusals)
    return asked.permits_of(people)


def _write(
    detainee: Detainee,
    slot: Slot,
    *,
    permits: Sequence[Permit],
    usage: Usage,
    party: Party,
    wish: Wish,
    now: datetime,
) -> Visit:
    """Write the visit and who attends it, visitors in order: two bookings never wait for each other in a ring."""
    if usage.free_reference is None:
        raise VisitRefused([Refusal(Code.TRY_AGAIN)])
    during = TimestamptzRange(slot.starts_at, slot.ends_at)
    visit = Visit.objects.create(
        reference=usage.free_reference,
        detainee=detainee,
        slot=slot,
        booker=party.booker,
        channel=party.channel,
        during=during,
        local_date=slot.local_date,
        week=monday_of(slot.local_date),
        booked_at=now,
        sms_reminder=wish.sms_reminder,
        accessible=wish.accessible,
        idempotency_key=wish.idempotency_key,
    )
    Attendance.objects.bulk_create(
        Attendance(visit=visit, permit=permit, visitor_id=permit.visitor_id, during=during) for permit in permits
    )
    if wish.allowances:
        _write_allowances(visit, wish.allowances, actor=party.actor, now=now)
    return visit


def _write_allowances(visit: Visit, allowances: Mapping[AllowanceKind, str], *, actor: Actor, now: datetime) -> None:
    """Keep each exception with its reason and author, counted and visible."""
    Allowance.objects.bulk_create(
        Allowance(
            kind=kind,
            slot_id=visit.slot_id,
            visit=visit,
            places=int(kind is AllowanceKind.OVERBOOKING),
            reason=reason,
            author_kind=actor.kind,
            author_id=actor.id,
            at=now,
        )
        for kind, reason in sorted(allowances.items())
    )
    acts = [Act("visit.allowed", "visit", visit.pk, {"kind": kind}) for kind in sorted(allowances)]
    record(actor=actor, acts=acts, at=now)


def _overbooks(wish: Wish) -> bool:
    return AllowanceKind.OVERBOOKING in (wish.allowances or {})
