"""Move places between slots: the one module that changes the counters of slots.

Slots are always taken in the order of their ids, at the end of a transaction, so that a place many want
is held for the shortest time and two writers never wait for each other in a ring.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest, Least

from parloir.journal.operations import SERVICE, Act, record
from parloir.timetable.models import Slot
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.operations.reserving import Reserved, reserve_for_those_who_wait
from parloir.visits.rules import RESERVED_FOR, Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place in a slot, in an accessible cabin or not.

    ``overbooked`` is one beyond capacity, which an agent has allowed. ``hours`` are those that were judged:
    a slot that nobody holds a place in may still follow its timetable.
    """

    slot_id: int
    accessible: bool = False
    overbooked: bool = False
    hours: tuple[datetime, datetime] | None = None

    @classmethod
    def judged(cls, slot: Slot, *, accessible: bool, overbooked: bool = False) -> Place:
        """Return a place in a slot as it was when it was judged."""
        hours = (slot.starts_at, slot.ends_at)
        return cls(slot_id=slot.pk, accessible=accessible, overbooked=overbooked, hours=hours)


@dataclass(frozen=True, slots=True)
class Size:
    """How many places a slot shall have, given how many were ``taken`` in it when this was decided.

    More than fit are kept beyond capacity: whoever decides has allowed it. ``by_hand`` keeps the size from
    following the timetable.
    """

    capacity: int
    taken: int
    by_hand: bool = False


CLOSED = 0
"""The capacity of a slot that does not happen."""


@dataclass(slots=True)
class _Move:
    places: int = 0
    accessible: int = 0
    overbooked: bool = False
    hours: tuple[datetime, datetime] | None = None


class SoldMeanwhile(Exception):
    """Somebody took a place in a slot, or the slot away, between the reading and the writing: read again."""


def move_places(
    *,
    take: Iterable[Place] = (),
    free: Iterable[Place] = (),
    resize: Mapping[int, Size] | None = None,
    to_everybody: bool = False,
    sparing_draft_id: int = 0,
    now: datetime,
) -> None:
    """Take some places and give others back, all or none, in the order of slots.

    A place given back goes first to those who wait for it, unless it was found that nobody can have it
    (``to_everybody``), and except in a slot that gets another size (``resize``): there nobody is offered what
    is about to go. Making room for what is taken gives back what is kept past its time, never what the caller's
    own draft holds (``sparing_draft_id``); what the worker should have passed on a while ago is then everybody's.

    :raises VisitRefused: when a place is not there to be taken; the caller's transaction undoes the rest.
    :raises SoldMeanwhile: when a slot to be resized has other places taken than its new size says.
    """
    sizes = resize or {}
    moves: dict[int, _Move] = defaultdict(_Move)
    for sign, places in ((1, take), (-1, free)):
        for place in places:
            move = moves[place.slot_id]
            move.places += sign
            move.accessible += sign * place.accessible
            move.overbooked |= sign > 0 and place.overbooked
            move.hours = place.hours or move.hours
    for slot_id in sorted(moves.keys() | sizes.keys()):
        move = moves[slot_id]
        if slot_id in sizes:
            _resize(slot_id, move, sizes[slot_id], now=now)
        elif move.places < 0:
            _give_back(slot_id, move, to_everybody=to_everybody, now=now)
        elif move.places > 0 or move.accessible:
            _take(slot_id, move, sparing_draft_id=sparing_draft_id, now=now)


def lapse_expired_holds(*, slot_id: int, sparing_draft_id: int = 0, now: datetime) -> int:
    """Give back the places of a slot that were held too long; a draft being confirmed this instant keeps its own."""
    lapsed = _lapsed(slot_id, sparing_draft_id=sparing_draft_id, over=now)
    move_places(free=lapsed, now=now)
    return len(lapsed)


def _lapsed(slot_id: int, *, sparing_draft_id: int, over: datetime) -> list[Place]:
    """End what is held of a slot since before a moment; returns the places to give back."""
    with connection.cursor() as cursor:
        cursor.execute(_LAPSE, {"slot": slot_id, "spared": sparing_draft_id, "over": over})
        return [Place(slot_id=slot_id, accessible=accessible) for (accessible,) in cursor.fetchall()]


_LAPSE = """
WITH gone AS (
    SELECT id, accessible FROM visits_hold
    WHERE slot_id = %(slot)s AND held AND expires_at <= %(over)s AND draft_id <> %(spared)s
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE visits_hold h SET held = false, accessible = false FROM gone WHERE h.id = gone.id RETURNING gone.accessible
"""


def _take(slot_id: int, move: _Move, *, sparing_draft_id: int, now: datetime) -> None:
    if _is_taken(slot_id, move):
        return
    long_over = _long_past_their_time(slot_id, sparing_draft_id=sparing_draft_id, now=now)
    move_places(free=long_over, to_everybody=True, now=now)
    lapsed = lapse_expired_holds(slot_id=slot_id, sparing_draft_id=sparing_draft_id, now=now)
    if not (long_over or lapsed) or not _is_taken(slot_id, move):
        raise VisitRefused([Refusal(_what_is_missing(slot_id, move))])


def _long_past_their_time(slot_id: int, *, sparing_draft_id: int, now: datetime) -> list[Place]:
    """End what of a slot the worker should have passed on a while ago; returns places that are whoever's comes.

    A family that accepts an offer at this instant keeps it: what another writer has in hand is left.
    """
    long_ago = now - RESERVED_FOR
    held = _lapsed(slot_id, sparing_draft_id=sparing_draft_id, over=long_ago)
    with connection.cursor() as cursor:
        cursor.execute(_END_OFFERS, {"slot": slot_id, "now": now, "long_ago": long_ago})
        ended = cursor.fetchall()
    record(
        actor=SERVICE, acts=[Act(f"offer.{state}", "offer", pk, {"slot": slot_id}) for pk, state, _ in ended], at=now
    )
    return [*held, *(Place(slot_id=slot_id, accessible=accessible) for _, _, accessible in ended)]


_END_OFFERS = """
WITH gone AS (
    SELECT id, state, accessible FROM visits_offer WHERE slot_id = %(slot)s AND (
        (state = 'reserved' AND expires_at <= %(now)s) OR (state = 'open' AND expires_at <= %(long_ago)s))
    ORDER BY id FOR UPDATE SKIP LOCKED
)
UPDATE visits_offer o SET state = CASE gone.state WHEN 'open' THEN 'expired' ELSE 'released' END, ended_at = %(now)s
FROM gone WHERE o.id = gone.id RETURNING o.id, o.state, gone.accessible
"""


def _is_taken(slot_id: int, move: _Move) -> bool:
    """Count places in a slot if they are there: one conditional statement, under the table's own checks."""
    taken = F("taken") + move.places
    slots = Slot.objects.filter(pk=slot_id)
    if move.accessible:
        slots = slots.filter(accessible_taken__lte=F("accessible_capacity") - move.accessible)
    if move.hours:
        slots = slots.filter(starts_at=move.hours[0], ends_at=move.hours[1])
    if move.overbooked:
        beyond = Greatest(F("overbooked"), taken - F("capacity"))
        # An exception adds a place to a session, not to one that does not happen.
        changed = slots.filter(capacity__gt=CLOSED).update(
            taken=taken, accessible_taken=F("accessible_taken") + move.accessible, overbooked=beyond
        )
    else:
        room = slots.filter(taken__lte=F("capacity") - move.places) if move.places else slots
        changed = room.update(taken=taken, accessible_taken=F("accessible_taken") + move.accessible)
    return changed > 0


def _what_is_missing(slot_id: int, move: _Move) -> Code:
    slot = Slot.objects.filter(pk=slot_id).first()
    if slot is None:
        return Code.NO_SUCH_SLOT
    if slot.capacity == CLOSED:
        return Code.CLOSED
    # Who has a place there already lacks none, however far beyond capacity the slot is.
    is_free = move.places == 0 or slot.taken <= slot.capacity - move.places
    return Code.ACCESSIBLE_FULL if is_free and move.accessible > 0 else Code.FULL


def _resize(slot_id: int, move: _Move, size: Size, *, now: datetime) -> None:
    """Give back and resize in one conditional statement; added places go first to those who wait.

    :raises SoldMeanwhile: when other places are taken than were counted.
    """
    before = Slot.objects.filter(pk=slot_id).values_list("capacity", flat=True).first() if size.capacity else CLOSED
    left, cabins = size.taken + move.places, F("accessible_taken") + move.accessible
    changed = Slot.objects.filter(pk=slot_id, taken=size.taken).update(
        capacity=size.capacity,
        taken=left,
        overbooked=max(0, left - size.capacity),
        accessible_capacity=Greatest(cabins, Least(F("accessible_capacity"), size.capacity)),
        accessible_taken=cabins,
        set_by_hand=size.by_hand,
    )
    if not changed or before is None:
        raise SoldMeanwhile
    added = min(size.capacity - before, size.capacity - left)
    if added > 0:
        kept = reserve_for_those_who_wait(slot_id=slot_id, places=added, accessible=0, now=now)
        Slot.objects.filter(pk=slot_id).update(taken=F("taken") + kept.places)


def _give_back(slot_id: int, move: _Move, *, to_everybody: bool, now: datetime) -> None:
    """Give places back: first what was overbooked, then to those who wait, then to everybody."""
    reserved = Reserved()
    if not to_everybody:
        reserved = reserve_for_those_who_wait(
            slot_id=slot_id, places=-move.places, accessible=max(0, -move.accessible), now=now
        )
    left = F("taken") + move.places + reserved.places
    Slot.objects.filter(pk=slot_id).update(
        taken=left,
        accessible_taken=F("accessible_taken") + move.accessible + reserved.accessible,
        overbooked=Least(F("overbooked"), Greatest(left - F("capacity"), 0)),
    )
