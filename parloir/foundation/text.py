"""Dates, times and telephone numbers as people read them, in the language of the page.

French time is « 14 h 00 », any other “14:00”: the 24-hour clock of the prison's own door. Digits are those of French
papers and keyboards in every language.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import phonenumbers
from django.utils import dates
from django.utils.translation import get_language_bidi

from parloir.foundation import languages

if TYPE_CHECKING:
    from collections.abc import Iterable

_NATIONAL = {33, 262, 590, 594, 596}
"""Country codes dialled from mainland France in their national form (overseas departments included)."""

_APART, _BACK = "\u2066", "\u2069"
"""Unicode's marks around a text with a direction of its own: they work in a page, a message and a sheet of paper."""


def local_day(moment: datetime | date, zone: ZoneInfo | str | None = None) -> str:
    """Say a day in full: « mercredi 11 novembre 2026 », “Wednesday 11 November 2026”.

    :param moment: a local date, or an aware instant that is read in ``zone``.
    :param zone: the prison's zone; needed for an instant, useless for a date.
    :raises ValueError: for an instant without a zone to read it in.
    """
    if isinstance(moment, datetime):
        moment = _local(moment, zone).date()
    return _day(moment, languages.current())


def short_day(moment: datetime | date, zone: ZoneInfo | str | None = None) -> str:
    """Say a day whose year goes without saying: « mercredi 11 novembre »; see :func:`local_day`."""
    return local_day(moment, zone).rpartition(" ")[0]


def civil_date(written: str) -> str:
    """Say a date of civil status, written ``1992-01-30``: « 30 janvier 1992 ».

    One whose day or month nobody knows (``1990-00-00``) is given as it is written.
    """
    try:
        return local_day(date.fromisoformat(written)).partition(" ")[2]
    except ValueError:
        return written


def local_time(moment: datetime, zone: ZoneInfo | str) -> str:
    """Say the time of an aware instant on the prison's clock: « 14 h 00 », “14:00”."""
    return clock_time(_local(moment, zone).time())


def clock_time(at: time) -> str:
    """Say a time of the prison's clock: « 14 h 00 », “14:00”."""
    return f"{at.hour} h {at.minute:02}" if languages.current() == "fr" else f"{at.hour:02}:{at.minute:02}"


def weekdays(days: Iterable[int]) -> list[str]:
    """Name days of the week, Monday being 1."""
    return [str(dates.WEEKDAYS[day - 1]) for day in days]


def telephone(e164: str) -> str:
    """Space a number the way it is dialled from France: « 03 80 66 47 32 », « +687 26 12 34 ».

    What cannot be read as a number is returned unchanged. Amid a right-to-left text its groups would be read from the
    last to the first, so there it is set apart.
    """
    return left_to_right(_spaced(e164)) if e164 else e164


def left_to_right(text: str) -> str:
    """Set apart what reads from left to right in every language: a number, a name of ours, an address."""
    return f"{_APART}{text}{_BACK}" if get_language_bidi() else text


@lru_cache(maxsize=512)
def _spaced(e164: str) -> str:
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    if number.country_code not in _NATIONAL:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace(".", " ")
    digits = f"0{number.national_number}"
    return " ".join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _local(moment: datetime, zone: ZoneInfo | str | None) -> datetime:
    if zone is None:
        raise ValueError("an instant needs the zone it is read in")
    return moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)


@lru_cache(maxsize=2048)
def _day(day: date, language: str) -> str:
    # The names come from Django's own catalogue, in the language that is also the cache's key.
    number = "1er" if day.day == 1 and language == "fr" else str(day.day)
    return f"{dates.WEEKDAYS[day.weekday()]} {number} {dates.MONTHS[day.month]} {day.year}"
