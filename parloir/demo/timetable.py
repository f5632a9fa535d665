"""A plausible timetable for every wing that receives visits. Every row is flagged as fictional.

The shapes were seen in public sheets of a few prisons (Wednesday to Saturday, some Sundays or Mondays, six or
seven sessions a day); which prison has which is drawn here from its slug, and is nobody's real timetable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from random import Random
from typing import TYPE_CHECKING

from parloir.establishments.rules import OnlineBooking, VisitKind
from parloir.timetable.rules import WeeklySession

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

WITHOUT_VISITS = frozenset({"CSL/QSL"})
"""Wings whose people go out: their families see them outside."""

_DAYS = ((3, 4, 5, 6), (3, 4, 5, 6), (2, 3, 4, 5, 6), (3, 4, 5, 6, 7), (1, 3, 4, 6), (1, 3, 5, 6, 7))
_SEVEN = (time(9), time(10), time(11), time(13, 30), time(14, 30), time(15, 30), time(16, 30))
_SIX = (time(9), time(10), time(13, 30), time(14, 30), time(15, 30), time(16, 30))
_ONE_ACCESSIBLE_AMONG, _ACCESSIBLE_AT_MOST = 3, 3
"""One cabin in three can be reached in a wheelchair, three at most; the smallest wings have none."""
_WEIGHTS = {"MA/QMA": 6, "CD/QCD": 4, "MC/QMC": 2, "EPM": 4}
"""How an establishment's detained people are shared among its wings, for want of a source; others weigh 1."""


@dataclass(frozen=True, kw_only=True)
class PlannedWing:
    """A wing to give hours to. ``detainees`` are its establishment's; ``siblings`` are all its wings' codes."""

    id: int
    code: str
    slug: str
    online_booking: str
    detainees: int
    siblings: tuple[str, ...]
    duration_minutes: int


def receives_visits(*, code: str, online_booking: str) -> bool:
    """Tell whether a wing is given a timetable: neither semi-liberty nor an empty prison is."""
    return online_booking == OnlineBooking.OPEN and code not in WITHOUT_VISITS


def share_of(code: str, siblings: Sequence[str]) -> float:
    """Return the part of an establishment's detained people who live in one wing."""
    return _WEIGHTS.get(code, 1) / sum(_WEIGHTS.get(sibling, 1) for sibling in siblings)


def plausible_sessions(wing: PlannedWing, *, valid_from: date) -> Iterator[WeeklySession]:
    """Yield a wing's weekly sessions; the same wing always has the same ones."""
    draw = Random(f"{wing.slug} {wing.code}")
    days = draw.choice(_DAYS)
    hours = draw.choice((_SEVEN, _SIX))
    people = wing.detainees * share_of(wing.code, wing.siblings)
    capacity = max(2, round(people / draw.randint(25, 50)))
    accessible = min(_ACCESSIBLE_AT_MOST, capacity // _ONE_ACCESSIBLE_AMONG)
    for weekday in days:
        for starts_at in hours:
            yield WeeklySession(
                wing_id=wing.id,
                kind=VisitKind.ORDINARY,
                weekday=weekday,
                starts_at=starts_at,
                duration_minutes=wing.duration_minutes,
                capacity=capacity,
                accessible_capacity=accessible,
                valid_from=valid_from,
                fictional=True,
            )
