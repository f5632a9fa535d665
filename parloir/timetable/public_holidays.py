"""Public holidays: they differ in Alsace and Moselle, and from one overseas territory to the next.

A prison works on them unless its wing's policy closes them.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from datetime import date

_TERRITORIES = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""The library's name of each territory with days of its own, by the first characters of the INSEE code."""


def is_public_holiday(day: date, *, insee: str) -> bool:
    """Tell whether a local day is a public holiday where a town is, by the town's INSEE code."""
    territory = _TERRITORIES.get(insee[:3] if insee[:2] in {"97", "98"} else insee[:2])
    return day in _days(territory, day.year)


def public_holidays(first: date, last: date, *, insee: str) -> list[date]:
    """Return the public holidays of a town between two local days, both included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if is_public_holiday(day, insee=insee)]


@lru_cache(maxsize=256)
def _days(territory: str | None, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", subdiv=territory, years=year))
