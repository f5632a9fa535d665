"""The same hour, a week later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from parloir.timetable.models import Slot

if TYPE_CHECKING:
    from parloir.visits.models import Visit


def same_hour_next_week(visit: Visit) -> datetime:
    """Return the instant (UTC) seven local days after a visit, at the same time on the prison's clock.

    Not 168 hours: the night the clocks change lies between some weeks.
    """
    zone = visit.slot.wing.establishment.zone
    local = visit.slot.starts_at.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days=7), local.time(), tzinfo=zone).astimezone(UTC)


def same_time_next_week(visit: Visit) -> Slot | None:
    """Return the slot of the same wing and kind at the same local time seven local days later, if there is one.

    The visit comes with its slot, wing and prison.
    """
    slot = visit.slot
    same = Slot.objects.filter(wing=slot.wing_id, kind=slot.kind, starts_at=same_hour_next_week(visit))
    return same.filter(capacity__gt=0).first()
