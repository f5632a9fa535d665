"""When people sleep: night is 21:00–8:00 on the clock of the prison that a message is about. No Django here.

What can wait for the morning leaves between 8:05 and 8:30, each message at a second of its own, so that the night's
messages do not all leave at once.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

NIGHT_BEGINS = time(21)
NIGHT_ENDS = time(8)
MORNING = time(8, 5)
"""When the first of what has waited leaves."""

SPREAD_SECONDS = 25 * 60
"""Over how many seconds from then on the rest leaves, the last one included."""

SPREAD_STEP = 619
"""Prime to the number of seconds above and one: neighbouring keys leave minutes apart, and every second is used."""

_DAY = timedelta(days=1)


def is_night(now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether it is night in a time zone."""
    return not NIGHT_ENDS <= now.astimezone(zone).time() < NIGHT_BEGINS


def end_of_night(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the next 8:00 of a time zone; ``now`` itself when it is that."""
    local = now.astimezone(zone)
    day = local.date() if local.time() <= NIGHT_ENDS else local.date() + _DAY
    return datetime.combine(day, NIGHT_ENDS, tzinfo=zone)


def leaves_at(key: int, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when a message that can wait may leave; None when at once: from its second of the morning to 21:00.

    :param key: what tells it from others, such as the id of what it is about: always the same second.
    """
    local = now.astimezone(zone)
    turn = _turn(key, local)
    if local.time() >= NIGHT_BEGINS:
        return turn + _DAY
    return turn if local < turn else None


def _turn(key: int, local: datetime) -> datetime:
    seconds = key * SPREAD_STEP % (SPREAD_SECONDS + 1)
    return datetime.combine(local.date(), MORNING, tzinfo=local.tzinfo) + timedelta(seconds=seconds)
