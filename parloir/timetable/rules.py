"""How a weekly session becomes dated slots. No Django here.

A session speaks in the prison's local time; a slot is an instant. Twice a year the two disagree:

- in spring an hour does not exist: a session that starts within it starts at the first instant that does,
  03:00 for 02:30 in Paris;
- in autumn an hour happens twice: a session that starts within it starts at its first occurrence.

A slot ends when its duration has *elapsed*, whatever clocks on walls do meanwhile.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from zoneinfo import ZoneInfo

HORIZON_DAYS = 60
"""How many days ahead slots exist."""


@dataclass(frozen=True, kw_only=True)
class WeeklySession:
    """One weekly session of a wing. ``valid_until`` is the last day included; None is for ever.

    ``id`` is None until the database has given one.
    """

    id: int | None = None
    wing_id: int
    kind: str
    weekday: int
    starts_at: time
    duration_minutes: int
    capacity: int
    accessible_capacity: int = 0
    valid_from: date
    valid_until: date | None = None
    fictional: bool = False


@dataclass(frozen=True, slots=True)
class DatedSlot:
    """A session on one day: ``local_date`` is the prison's, the two instants are UTC."""

    session: WeeklySession
    local_date: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Local days, both ends included, on which a wing receives nobody, or one of its sessions alone."""

    wing_id: int
    session_id: int | None
    since: date
    until: date

    def concerns(self, session: WeeklySession, day: date) -> bool:
        """Whether a session does not happen on a day because of it."""
        return (
            self.wing_id == session.wing_id
            and self.session_id in {None, session.id}
            and self.since <= day <= self.until
        )


def first_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, at which local clocks show a time, or the first one after it.

    The second case is that of a time which clocks jump over on that day.
    """
    wall = datetime.combine(day, at.replace(fold=0), tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # Before the jump clocks were behind: read as of after it, the same wall time is an instant before it.
    earliest = wall.replace(fold=1).astimezone(UTC)
    jumped = instant.astimezone(zone).utcoffset()
    seconds = range(int((instant - earliest).total_seconds()))
    jump = bisect_left(
        seconds, True, key=lambda second: (earliest + timedelta(seconds=second)).astimezone(zone).utcoffset() == jumped
    )
    return earliest + timedelta(seconds=jump)


@dataclass(frozen=True, slots=True)
class WeekLine:
    """Days of the week, Monday being 1, that have the same visiting times."""

    weekdays: tuple[int, ...]
    times: tuple[time, ...]
    fictional: bool


def week_lines(sessions: Iterable[tuple[int, time, bool]]) -> list[WeekLine]:
    """Gather weekly sessions (weekday, time, whether fictional) into lines that people read, in the week's order."""
    by_day: dict[int, set[time]] = {}
    fictional: set[int] = set()
    for weekday, starts_at, is_fictional in sessions:
        by_day.setdefault(weekday, set()).add(starts_at)
        if is_fictional:
            fictional.add(weekday)
    lines: dict[tuple[tuple[time, ...], bool], list[int]] = {}
    for weekday in sorted(by_day):
        lines.setdefault((tuple(sorted(by_day[weekday])), weekday in fictional), []).append(weekday)
    return [WeekLine(tuple(days), times, is_fictional) for (times, is_fictional), days in lines.items()]


def days_of(session: WeeklySession, *, first: date, last: date) -> Iterator[date]:
    """Yield the days of a range, both ends included, on which a session happens."""
    first = max(first, session.valid_from)
    last = last if session.valid_until is None else min(last, session.valid_until)
    day = first + timedelta(days=(session.weekday - first.isoweekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(days=7)


def dated_slots(sessions: Iterable[WeeklySession], *, first: date, last: date, zone: ZoneInfo) -> Iterator[DatedSlot]:
    """Yield the slots of sessions over a range of local days, both ends included."""
    for session in sessions:
        duration = timedelta(minutes=session.duration_minutes)
        for day in days_of(session, first=first, last=last):
            starts_at = first_instant(day, session.starts_at, zone)
            yield DatedSlot(session, day, starts_at, starts_at + duration)
