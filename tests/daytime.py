"""A prison where it is day, whenever the tests are run: at night much of what a person would be told waits."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

ZONES = ("Europe/Paris", "Indian/Reunion", "Pacific/Noumea", "Pacific/Tahiti", "America/Martinique")
"""Where French prisons are, as far around the world as they go."""

MORNING, EVENING = time(9), time(19)


def zone_by_day(now: datetime) -> str:
    """Return the zone of a prison where nobody sleeps, now nor for an hour or two; the mainland's if it may be.

    :raises StopIteration: when there is none, which no hour of the day allows.
    """
    return next(zone for zone in ZONES if MORNING <= now.astimezone(ZoneInfo(zone)).time() < EVENING)
