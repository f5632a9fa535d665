"""Keep a freed place for families who wait, instead of leaving it to whoever clicks first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from procrastinate.contrib.django import app

from parloir.visits.models import Offer
from parloir.visits.rules import OfferState

if TYPE_CHECKING:
    from datetime import datetime

RESERVED_FOR = timedelta(minutes=10)
"""How long a place waits for its family to be found; then it is everybody's, should the worker be away."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """How many of the freed places are kept, and how many of these are accessible."""

    places: int = 0
    accessible: int = 0


def reserve_for_those_who_wait(*, slot_id: int, places: int, accessible: int, now: datetime) -> Reserved:
    """Keep as many freed places as families wait for such a slot; a job finds the family whose turn it is.

    Runs before the slot's counter is changed, inside the transaction that frees the places.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITED_FOR, {"slot": slot_id, "places": places, "now": now})
        kept = min(places, cursor.fetchone()[0])
    if kept <= 0:
        return Reserved()
    for n in range(kept):
        offer = Offer.objects.create(
            slot_id=slot_id,
            state=OfferState.RESERVED,
            accessible=n < accessible,
            made_at=now,
            expires_at=now + RESERVED_FOR,
        )
        app.configure_task("visits.offer_place", lock=f"slot-{slot_id}").defer(offer_id=offer.pk)
    return Reserved(kept, min(kept, accessible))


_WAITED_FOR = """
SELECT least(count(*), (
    SELECT greatest(0, s.capacity - (s.taken - %(places)s)) FROM timetable_slot s WHERE s.id = %(slot)s
))
FROM visits_waitingentry w
JOIN timetable_slot s ON s.id = %(slot)s AND s.wing_id = w.wing_id
JOIN establishments_wing g ON g.id = s.wing_id
JOIN establishments_establishment e ON e.id = g.establishment_id
JOIN establishments_bookingpolicy p ON p.wing_id = s.wing_id
WHERE w.ended_at IS NULL
    AND s.kind = 'ordinaire' AND s.capacity > 0
    AND (%(now)s::timestamptz AT TIME ZONE e.time_zone)::date BETWEEN w.active_from AND s.local_date
    AND s.local_date - p.opens_days_before <= (%(now)s::timestamptz AT TIME ZONE e.time_zone)::date
    AND s.local_date BETWEEN w.first_day AND w.last_day
    AND extract(isodow FROM s.local_date)::int = ANY(w.weekdays)
    AND (s.starts_at AT TIME ZONE e.time_zone)::time BETWEEN w.earliest AND w.latest
    AND s.starts_at - %(now)s::timestamptz
        > make_interval(hours => greatest(w.notice_hours, p.closes_hours_before_online), mins => 30)
    AND NOT EXISTS (SELECT FROM visits_offer o WHERE o.entry_id = w.id AND (o.state = 'open' OR o.slot_id = s.id))
"""
