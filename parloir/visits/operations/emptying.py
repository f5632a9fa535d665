"""Take people out of slots that get fewer places, or none: visits end, held and offered places are given back."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from parloir.timetable.models import Slot
from parloir.visits.models import Hold, Offer, Visit
from parloir.visits.operations.cancelling import drafts_replacing, write_end
from parloir.visits.operations.holding import lock_drafts, release_holds
from parloir.visits.operations.letting_go import release_offers
from parloir.visits.operations.places import CLOSED, Size, SoldMeanwhile, move_places
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.rules import LIVE_OFFERS, CancelledBy, Code, Refusal, VisitStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from parloir.journal.operations import Actor
    from parloir.visits.operations.places import Place

TRIES = 10
"""How often a slot is read anew because somebody booked in it meanwhile."""


def close_slots(slot_ids: Collection[int], *, actor: Actor, now: datetime) -> int:
    """Leave these slots without places nor anybody in them, and return how many visits were cancelled.

    Each family is told once. Runs inside the caller's transaction.

    :raises VisitRefused: when booking goes on faster than it can be read.
    """
    capacities = dict.fromkeys(slot_ids, CLOSED)
    return read_until_still(lambda: _empty(capacities, why=Code.CLOSED, by_hand=False, actor=actor, now=now))


def fit_slots(capacities: Mapping[int, int], *, by_hand: bool, actor: Actor, now: datetime) -> int:
    """Give slots other places; where too few are left, held ones go first, then offers, then the visits booked last.

    Returns how many visits were cancelled. Runs inside the caller's transaction.

    :raises VisitRefused: when booking goes on faster than it can be read.
    """
    return read_until_still(lambda: _empty(capacities, why=Code.FULL, by_hand=by_hand, actor=actor, now=now))


def read_until_still[Result](write: Callable[[], Result]) -> Result:
    """Read who holds places and write what follows, again whenever somebody took one in between.

    Places are counted last, in the order of locks, so nobody is kept waiting while visits are ended: the count
    itself tells whether what was read still held, and a savepoint undoes what was written on it.

    :raises VisitRefused: when it never does.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return write()
        except SoldMeanwhile:
            continue
    raise VisitRefused([Refusal(Code.TRY_AGAIN)])


def _empty(capacities: Mapping[int, int], *, why: Code, by_hand: bool, actor: Actor, now: datetime) -> int:
    """Take out of each slot whoever does not fit: locks visits, drafts that would change them, holds, offers, slots."""
    slots = Slot.objects.in_bulk(list(capacities))
    visits = _visits_in(slots)
    drafts = lock_drafts(drafts_replacing(visits))
    in_hand = Q(slot__in=slots) | Q(draft__in=drafts)
    locked = list(Hold.objects.filter(in_hand, held=True).order_by("pk").select_for_update())
    holds = [hold for hold in locked if hold.slot_id in slots]
    offers = list(
        Offer.objects.filter(slot__in=slots, state__in=LIVE_OFFERS).order_by("pk").select_for_update(no_key=True)
    )
    taken = Counter([visit.slot_id for visit in visits])
    taken.update([hold.slot_id for hold in holds] + [offer.slot_id for offer in offers])
    excess = {slot_id: taken[slot_id] - capacity for slot_id, capacity in capacities.items()}
    gone_holds = _latest_in_excess(sorted(holds, key=lambda hold: (hold.expires_at <= now, hold.pk)), excess)
    gone_offers = _latest_in_excess(offers, excess)
    gone_visits = _latest_in_excess(sorted(visits, key=lambda visit: (visit.booked_at, visit.pk)), excess)
    if gone_visits:
        # What would have changed a visit that ends holds its new place no longer: its family is told.
        ended = set(drafts) & set(drafts_replacing(gone_visits))
        gone_holds += [hold for hold in locked if hold.draft_id in ended and hold not in gone_holds]
    places: list[Place] = [*release_holds(gone_holds), *release_offers(gone_offers, now=now)]
    if gone_visits:
        causes = dict.fromkeys(gone_visits, str(why))
        places += write_end(causes, by=CancelledBy.STAFF, give_back=True, actor=actor, now=now)
    sizes = {
        slot_id: Size(capacity=capacities[slot_id], taken=taken[slot_id], by_hand=by_hand) for slot_id in sorted(slots)
    }
    move_places(free=places, resize=sizes, now=now)
    return len(gone_visits)


def _visits_in(slot_ids: Collection[int]) -> list[Visit]:
    """Lock the visits that take places in these slots."""
    visits = Visit.objects.filter(slot__in=slot_ids).exclude(status=VisitStatus.CANCELLED)
    return list(visits.select_related("slot").order_by("pk").select_for_update(of=("self",), no_key=True))


def _latest_in_excess[Row: (Hold, Offer, Visit)](rows: Collection[Row], excess: dict[int, int]) -> list[Row]:
    """Return the latest rows of each slot that do not fit in it, and count them off the excess."""
    by_slot: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_slot[row.slot_id].append(row)
    gone: list[Row] = []
    for slot_id, some in by_slot.items():
        n = min(len(some), max(0, excess[slot_id]))
        gone += some[len(some) - n :]
        excess[slot_id] -= n
    return gone
