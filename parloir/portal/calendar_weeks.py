"""The weeks of a calendar as the page draws them: a column for each weekday on which the prison receives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parloir.foundation.text import short_day
from parloir.visits.day_sentences import day_without_visits, full_day, told_of_day
from parloir.visits.rules import monday_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from parloir.visits.day_sentences import DayTold
    from parloir.visits.queries.calendar import Calendar, DayChoice


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the grid as it is drawn: ``said`` is for who listens, with the cause, and ``mark`` for who looks.

    ``told`` is why it cannot be chosen; a day without hours leads nowhere (``address`` is empty).
    """

    day: date
    said: str
    mark: str
    address: str = ""
    told: DayTold | None = None
    is_own: bool = False
    is_chosen: bool = False

    @property
    def look(self) -> str:
        """Its classes in the style sheet."""
        return f"p-day{' p-day--full' * bool(self.told)}{' p-day--own' * self.is_own}"


@dataclass(frozen=True, slots=True)
class Week:
    """A row of the grid: a cell for each column, None where the period holds no such day."""

    cells: tuple[Cell | None, ...]

    @property
    def days(self) -> list[date]:
        """Its days."""
        return [cell.day for cell in self.cells if cell]

    @property
    def title(self) -> str:
        """Its first and last day: « Du 8 au 12 décembre »."""
        first, last = (short_day(day).partition(" ")[2] for day in (self.days[0], self.days[-1]))
        if first == last:
            return first
        if self.days[0].month == self.days[-1].month:
            first = first.partition(" ")[0]
        return _("Du %(first)s au %(last)s") % {"first": first, "last": last}


@dataclass(frozen=True, slots=True)
class Grid:
    """All weeks; the hours of the chosen day come after ``until``, the ``rest`` after them."""

    weekdays: tuple[int, ...]
    until: tuple[Week, ...]
    rest: tuple[Week, ...]

    @property
    def causes(self) -> list[DayTold]:
        """Why days cannot be chosen, each cause once, in the order of the days."""
        cells = (cell for week in (*self.until, *self.rest) for cell in week.cells)
        return list(dict.fromkeys(cell.told for cell in cells if cell and cell.told))

    @property
    def first_days(self) -> list[date]:
        """A day of each column, to be named by."""
        monday = monday_of((*self.until, *self.rest)[0].days[0])
        return [monday + timedelta(days=weekday - 1) for weekday in self.weekdays]


def grid_of(
    calendar: Calendar,
    chosen: DayChoice | None,
    *,
    zone: ZoneInfo,
    names: Mapping[int, str],
    changed: date | None = None,
) -> Grid:
    """Lay out the days of a calendar that has some.

    ``names`` say whose permit a cause is about; ``changed`` is the day of the visit for which another time is sought.
    """
    own = {visit.day for visit in calendar.own} | {changed}
    shown = {day.day: day for day in calendar.days}
    cells = {}
    for day in _days(min(shown), max(shown)):
        if choice := shown.get(day):
            told = told_of(choice, zone=zone, names=names)
            cells[day] = _cell(choice, told, is_own=day in own, is_chosen=choice is chosen)
        elif day.isoweekday() in calendar.weekdays and day not in calendar.received:
            told = day_without_visits()
            cells[day] = Cell(day, _said(day, told), told.mark, told=told)
    monday, last, weeks = monday_of(min(cells)), max(cells), list[Week]()
    while monday <= last:
        row = tuple(cells.get(monday + timedelta(days=weekday - 1)) for weekday in calendar.weekdays)
        if any(row):
            weeks.append(Week(row))
        monday += timedelta(days=7)
    split = next((n for n, week in enumerate(weeks, 1) if chosen and chosen.day in week.days), len(weeks))
    return Grid(tuple(calendar.weekdays), tuple(weeks[:split]), tuple(weeks[split:]))


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _cell(choice: DayChoice, told: DayTold | None, *, is_own: bool, is_chosen: bool) -> Cell:
    mark = _("Votre rendez-vous") if is_own else told.mark if told else _places(choice)
    said = _said(choice.day, told, mark="" if told and not is_own else mark)
    return Cell(choice.day, said, mark, f"?jour={choice.day.isoformat()}#heures", told, is_own, is_chosen)


def _said(day: date, told: DayTold | None, mark: str = "") -> str:
    """Say a day, its mark where the cause does not say it already, and the cause."""
    named = f"{short_day(day)}{_(', ')}{mark}" if mark else short_day(day)
    return f"{named}{_(' : ')}{told.cause}" if told else named


def _places(choice: DayChoice) -> str:
    """Say that a day is free, and how many places it has left when they are few."""
    if not choice.few:
        return _("libre")
    words = ngettext("plus qu’une place", "plus que %(places)s places", choice.few)
    return words % {"places": choice.few}


@dataclass(frozen=True, slots=True)
class Run:
    """Days of a calendar, one after the other, that cannot be chosen for one same cause."""

    first: date
    last: date
    cause: str


def closed_runs(calendar: Calendar, *, zone: ZoneInfo) -> list[Run]:
    """Return why days cannot be chosen, from when to when, in their order."""
    runs = []
    for told, days in groupby(calendar.days, key=lambda day: told_of(day, zone=zone, names={})):
        if told:
            each = [day.day for day in days]
            runs.append(Run(each[0], each[-1], told.cause))
    return runs


def told_of(choice: DayChoice, *, zone: ZoneInfo, names: Mapping[int, str]) -> DayTold | None:
    """Say why no hour of a day can be chosen; nothing of one that is open."""
    if choice.is_open:
        return None
    if choice.is_full:
        return full_day()
    return in_name(told_of_day([refusal for time in choice.times for refusal in time.refusals], zone=zone), names)


def in_name(told: DayTold, names: Mapping[int, str]) -> DayTold:
    """Say whose permit a cause is about, where there are several persons to tell apart."""
    name = names.get(told.permit_id or 0)
    return replace(told, cause=f"{name}{_(' : ')}{told.cause}") if name else told
