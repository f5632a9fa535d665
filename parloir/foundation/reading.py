"""Read dates as people type or paste them, in digits or words.

They are day first in every language, as on French papers, unless they begin with the year.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from typing import NamedTuple

from django.utils import dates, translation

from parloir.foundation.characters import plain

LONGEST_DATE = 40
"""Signs beyond which a text is no date."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 9000
"""Beyond them nobody means a date, and adding some days to one may be more than a calendar holds."""

_MONTHS_ARE_SAID_IN = ("fr", "en", "ar", "ar-dz")
"""Arabic has two sets of names: those of the East, and those of Algeria and Tunisia."""

_SHORTEST_MONTH = 3
_BETWEEN = re.compile(r"[\s/.,،-]+")
_DAY = re.compile(r"(\d{1,2})(?:er|re|ere|st|nd|rd|th)?", re.ASCII)
_TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


class Parts(NamedTuple):
    """A date as three texts, each as it was typed."""

    day: str
    month: str
    year: str


def split_date(text: str) -> Parts | None:
    """Split a whole date typed in one box: « 14/07/1990 », « 1er mai 1990 », « 1990-07-14 », « 14071990 ».

    None when it is not one; what its parts mean is read by :func:`date_of`.
    """
    if len(text) > LONGEST_DATE:
        return None
    words = _words(text)
    if len(words) == 1 and (found := _TOGETHER.fullmatch(words[0])):
        return Parts(*found.groups())
    if len(words) == len(Parts._fields) + 1 and words[0].isalpha():
        words = words[1:]  # the day of the week
    if len(words) != len(Parts._fields):
        return None
    first, second, third = words
    return Parts(third, second, first) if _is_year(first) else Parts(first, second, third) if _is_year(third) else None


def is_meant_as_whole(text: str) -> bool:
    """Tell whether a text was meant as a day, a month and a year, whether or not it can be read as a date."""
    words = _words(text[:LONGEST_DATE])
    has_number = any(word[:1].isdecimal() for word in words)
    return has_number and (len(words) >= len(Parts._fields) or any(len(word) >= len("140790") for word in words))


def date_of(parts: Parts) -> date | None:
    """Return the date that three texts say; None when one of them cannot be read.

    :raises ValueError: for a date that does not exist.
    """
    if any(len(text) > LONGEST_DATE for text in parts):
        return None
    day, month, year = (plain(text).strip(" .,-/").casefold() for text in parts)
    found, number = _DAY.fullmatch(day), _month(month)
    if not found or number is None or not _is_year(year):
        return None
    return date(int(year), number, int(found[1]))


def whole_date(text: str) -> date | None:
    """Return the date typed in one box, None when there is none to be read or it does not exist."""
    parts = split_date(text)
    try:
        return date_of(parts) if parts else None
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN.split(plain(text).translate(_DASHES)) if word]


def _is_year(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}", text, re.ASCII)) and EARLIEST_YEAR <= int(text) <= LATEST_YEAR


def _month(text: str) -> int | None:
    """Return the number of a month, written in digits or by its name, or enough of its name."""
    if re.fullmatch(r"\d{1,2}", text, re.ASCII):
        return int(text)
    name = _bare(text)
    known = _months()
    if name in known:
        return known[name]
    begun = {number for said, number in known.items() if len(name) >= _SHORTEST_MONTH and said.startswith(name)}
    return begun.pop() if len(begun) == 1 else None


@cache
def _months() -> dict[str, int]:
    known: dict[str, int] = {}
    for language in _MONTHS_ARE_SAID_IN:
        with translation.override(language):
            known |= {_bare(str(name)): number for number, name in dates.MONTHS.items()}
    return known


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
