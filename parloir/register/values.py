"""Read the values of a line, each by its key; nothing is converted that was not written as it should be."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from parloir.people.feed import Reason
from parloir.people.rules import FIRST_NAMES_AT_MOST, NO_END

if TYPE_CHECKING:
    from enum import StrEnum

    type Json = dict[str, Any]

LONGEST_TEXT = 100
LARGEST_COUNT = 2**31 - 1
EARLIEST_BIRTH = date(1900, 1, 1)
FIRST_DAY_WITHOUT_END = date(9000, 1, 1)
"""Registers write “no end” as a day so far that a few days more would leave the calendar."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_LONGEST_MOMENT = len("2026-11-02T08:00:00.123456789+01:00")
"""What is remembered of days and moments already read stays small, whatever a line holds."""

_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_UNSEEN = _CONTROL | {"Cf", "Co", "Cn"}
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs, to Unicode, of which nothing is seen."""

_NOT_IN_KEYS = re.compile(rf"[{_BLANK}\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]|(?! )\s")
"""What changes a key without being seen in it, and spaces that pass for another."""
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_EARLIEST_ZONE = timedelta(hours=14)
"""A day begins somewhere on Earth fourteen hours before it begins in UTC."""


class BadLine(Exception):
    """A line cannot be read; ``detail`` names the key at fault."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def key(told: Json, name: str, *, prefix: str = "") -> str:
    """Return a key or a number of the register: a text that can be read aloud and typed again.

    Nothing unseen in it or around it: nobody could ever find it again.
    """
    value = text(told, name, prefix=prefix)
    if value.isascii() and value.isalnum():
        return value
    if value != value.strip() or _NOT_IN_KEYS.search(value) or _UNSEEN.intersection(map(unicodedata.category, value)):
        raise BadLine(Reason.BAD_VALUE, prefix + name)
    return value


def key_or_none(told: Json, name: str) -> str | None:
    """Return a key, or None for null."""
    return None if told[name] is None else key(told, name)


def text(told: Json, key: str, *, prefix: str = "") -> str:
    """Return a text of 1 to 100 characters, none of them a control character, something of which is seen."""
    value = told[key]
    if not is_text(value):
        raise BadLine(Reason.BAD_VALUE, prefix + key)
    return str(value)


def text_or_none(told: Json, key: str, *, prefix: str = "") -> str | None:
    """Return a text, or None for null."""
    return None if told[key] is None else text(told, key, prefix=prefix)


def first_names(told: Json, key: str, *, prefix: str = "") -> tuple[str, ...]:
    """Return a person's first names: at least one, and no more than anybody has."""
    value = told[key]
    if not isinstance(value, list) or not 1 <= len(value) <= FIRST_NAMES_AT_MOST or not all(map(is_text, value)):
        raise BadLine(Reason.BAD_VALUE, prefix + key)
    return tuple(value)


def is_text(value: object) -> bool:
    """Tell whether a value is a text that may be kept and shown."""
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
        return False
    if value.isascii():
        return value.isprintable() and not value.isspace()
    if any(unicodedata.category(char) in _CONTROL or char in _BIDIRECTIONAL for char in value):
        return False
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in value)


def one_of[E: StrEnum](told: Json, key: str, allowed: type[E]) -> E:
    """Return a word of a list."""
    value = told[key]
    member = allowed._value2member_map_.get(value) if isinstance(value, str) else None
    if not isinstance(member, allowed):
        raise BadLine(Reason.BAD_VALUE, key)
    return member


def boolean(told: Json, key: str) -> bool:
    """Return true or false, and nothing that merely counts as it."""
    value = told[key]
    if not isinstance(value, bool):
        raise BadLine(Reason.BAD_VALUE, key)
    return value


def count_or_none(told: Json, key: str) -> int | None:
    """Return a whole number of at least 1, or None for null."""
    value = told[key]
    if value is not None and (type(value) is not int or not 1 <= value <= LARGEST_COUNT):
        raise BadLine(Reason.BAD_VALUE, key)
    return value


def weekdays_or_none(told: Json, key: str) -> tuple[int, ...] | None:
    """Return days in order, 1 (Monday) to 7, each once and at least one; or None for null."""
    value = told[key]
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(type(day) is int and 1 <= day <= 7 for day in value):  # noqa: PLR2004
        raise BadLine(Reason.BAD_VALUE, key)
    if len(set(value)) < len(value):
        raise BadLine(Reason.BAD_VALUE, key)
    return tuple(sorted(value))


def date_of(told: Json, key: str, *, prefix: str = "") -> date:
    """Return a day of the calendar, written YYYY-MM-DD."""
    value = told[key]
    day = _day(value) if isinstance(value, str) and len(value) <= _LONGEST_MOMENT else None
    if day is None:
        raise BadLine(Reason.BAD_VALUE, prefix + key)
    return day


def last_day(told: Json, key: str) -> date:
    """Return the last day of a period, :data:`~parloir.people.rules.NO_END` for one without end."""
    day = date_of(told, key)
    return day if day < FIRST_DAY_WITHOUT_END else NO_END


def last_day_or_none(told: Json, key: str) -> date | None:
    """Return the last day of a period; None when it has no end, whichever way that is written."""
    day = None if told[key] is None else last_day(told, key)
    return None if day == NO_END else day


def day_to_come_or_none(told: Json, key: str) -> date | None:
    """Return the day from which something is so, None for null, :data:`~parloir.people.rules.NO_END` for never."""
    return None if told[key] is None else last_day(told, key)


def birth_date(told: Json, key: str, *, now: datetime, prefix: str = "") -> date:
    """Return a day on which a living person can be born, somewhere on Earth; the prison's own day is judged later."""
    born = date_of(told, key, prefix=prefix)
    if not EARLIEST_BIRTH <= born <= (now.astimezone(UTC) + _EARLIEST_ZONE).date():
        raise BadLine(Reason.BAD_VALUE, prefix + key)
    return born


def moment(told: Json, key: str, *, latest: datetime) -> datetime:
    """Return an instant in UTC, written as RFC 3339 with its zone, not later than another.

    :raises BadLine: ``bad_at``, whatever its fault.
    """
    value = told[key]
    at = _instant(value) if isinstance(value, str) and len(value) <= _LONGEST_MOMENT else None
    if at is None or at > latest:
        raise BadLine(Reason.BAD_AT, key)
    return at


@lru_cache(maxsize=50_000)
def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        return None


@lru_cache(maxsize=1_000)
def _instant(value: str) -> datetime | None:
    if not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
