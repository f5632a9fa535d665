"""What of the messages about visits waits for the morning. No Django here."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from parloir.notifications.nights import end_of_night, is_night, leaves_at
from parloir.people.rules import NOON

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo


def reminder_waits_until(key: int, *, starts_at: datetime, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when a reminder leaves; None when at once: for a visit before noon by night too, people set out early."""
    if starts_at.astimezone(zone).time() < NOON:
        return None
    return leaves_at(key, now=now, zone=zone)


def reminder_leaves_at(key: int, *, starts_at: datetime, local_date: date, hour: int, zone: ZoneInfo) -> datetime:
    """Return when the reminder of a visit leaves: at an hour of the day before, in the morning where that is night."""
    due = datetime.combine(local_date - timedelta(days=1), time(hour), tzinfo=zone)
    return reminder_waits_until(key, starts_at=starts_at, zone=zone, now=due) or due


def opening_told_at(opens_at: datetime, zone: ZoneInfo) -> datetime:
    """Return the one minute at which all who asked are told that a day opens: 8:00 when it opens at night."""
    return end_of_night(opens_at, zone) if is_night(opens_at, zone) else opens_at
