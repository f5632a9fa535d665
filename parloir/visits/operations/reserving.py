"""Keep a place for families who wait, instead of leaving it to whoever clicks first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from procrastinate.contrib.django import app

from parloir.visits.models import Offer
from parloir.visits.queries.waiting import SOMEBODY_MAY_WAIT
from parloir.visits.rules import OFFERABLE_MINUTES, RESERVED_FOR, OfferState

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reserved:
    """How many of the freed places are kept, and how many of these are accessible."""

    places: int = 0
    accessible: int = 0


def reserve_for_those_who_wait(*, slot_id: int, places: int, accessible: int, now: datetime) -> Reserved:
    """Keep as many freed places as families wait for such a slot; a job finds the family whose turn it is.

    Runs before the slot's counter is changed, inside the transaction that frees the places. The slot is locked from
    here on: a cut decided at the same moment is seen, and no place is kept beyond it.
    """
    kept = min(places, _waited_for(slot_id, freed=places, now=now))
    _reserve(slot_id, kept, accessible=accessible, now=now)
    return Reserved(max(0, kept), min(max(0, kept), accessible))


def reserve_free_places(*, slot_id: int, places: int, now: datetime) -> int:
    """Keep some places that are free, at most ``places``, and return how many; the caller takes them."""
    kept = min(places, _waited_for(slot_id, freed=0, now=now))
    _reserve(slot_id, kept, accessible=0, now=now)
    return max(0, kept)


def _waited_for(slot_id: int, *, freed: int, now: datetime) -> int:
    """Lock a slot, and count its places, once ``freed`` more are free, that families wait for."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR, {"slot": slot_id, "freed": freed, "now": now, "margin": OFFERABLE_MINUTES})
        return int(cursor.fetchone()[0])


def _reserve(slot_id: int, places: int, *, accessible: int, now: datetime) -> None:
    for n in range(places):
        offer = Offer.objects.create(
            slot_id=slot_id,
            state=OfferState.RESERVED,
            accessible=n < accessible,
            made_at=now,
            expires_at=now + RESERVED_FOR,
        )
        app.configure_task("visits.offer_place", lock=f"slot-{slot_id}").defer(offer_id=offer.pk)


_WAITED_FOR = f"""
SELECT least(
    count(*) - (SELECT count(*) FROM visits_offer r WHERE r.slot_id = %(slot)s AND r.state = 'reserved'),
    (SELECT here.capacity - (here.taken - %(freed)s) FROM timetable_slot here
        WHERE here.id = %(slot)s FOR NO KEY UPDATE OF here))
FROM {SOMEBODY_MAY_WAIT} AND s.id = %(slot)s
"""  # noqa: S608 - made of constants
