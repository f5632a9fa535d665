"""Who a person is, decided without a database: presence, ages, names that mean the same. No Django here."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

ADULT_AGE = 18
ALONE_AGE = 16
NOON = time(12)
"""Where the morning ends and the afternoon begins."""
FIRST_NAMES_AT_MOST = 20
"""More are nobody's."""

NO_END = date.max
"""The last day of what has no end, and the day on which what never comes would come."""

NO_DOUBT_BEFORE = date(9900, 1, 1)
"""Stands for a birth date that nobody told: its owner is of age on no day a visit can have."""


FRESH_FOR = timedelta(minutes=5)
"""How long a sign-in that was asked for again proves who is there."""


DEVICE_KEPT_FOR = timedelta(days=390)
"""How long a device is known after its last sign-in: thirteen months, as long as its cookie."""

MOST_DEVICES = 20
"""How many devices of one person are known; one more forgets that unused the longest."""


class Presence(StrEnum):
    """Where a detained person is, as movements tell it."""

    PRESENT = "present"
    HOSPITAL = "hospital"
    DISCIPLINARY = "disciplinary"
    RELEASED = "released"


class PartOfDay(StrEnum):
    """When in the day a family would rather come; the afternoon begins at noon."""

    ANY = ""
    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True, slots=True)
class SuitingTimes:
    """The days (1 is Monday; none are all) and the part of the day that suit a family best."""

    weekdays: frozenset[int] = frozenset()
    part: PartOfDay = PartOfDay.ANY

    def hold(self, local: datetime) -> bool:
        """Whether a moment of the prison's clock is among them."""
        part = PartOfDay.MORNING if local.time() < NOON else PartOfDay.AFTERNOON
        return (not self.weekdays or local.isoweekday() in self.weekdays) and self.part in {PartOfDay.ANY, part}


class RestrictionKind(StrEnum):
    """Why a detained person may receive no visit for a time. For staff only."""

    NO_COMMUNICATION = "no_communication"
    NO_VISITS = "no_visits"


class Reconciliation(StrEnum):
    """Whether a new account's person seems to have another one, and what they said of it."""

    NONE = ""
    PROPOSED = "proposed"
    ASKED = "asked"
    DECLINED = "declined"


def is_fresh(proven_at: datetime | None, *, now: datetime) -> bool:
    """Tell whether somebody has just proved again who they are; an instant to come proves nothing."""
    return proven_at is not None and timedelta() <= now - proven_at <= FRESH_FOR


def birthday(born: date, age: int) -> date:
    """Return the day a person reaches an age; born on 29 February, it is 1 March of a common year."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def has_age(born: date, age: int, on: date) -> bool:
    """Tell whether a person has reached an age on a day."""
    return on >= birthday(born, age)


def is_adult(born: date, on: date) -> bool:
    """Tell whether a person is an adult on a day: from the eighteenth birthday."""
    return has_age(born, ADULT_AGE, on)


def latest_birth_date(text: str) -> date:
    """Read a civil birth date whose day or month may be unknown (``1990-00-00``): the latest it can be.

    A person of unknown birthday is an adult only once there is no doubt; without any date, never.

    :raises ValueError: when the text is no such date.
    """
    if not text:
        return NO_DOUBT_BEFORE
    year, month, day = (int(part) for part in text.split("-"))
    month = month or 12
    return date(year, month, day or calendar.monthrange(year, month)[1])


def short_name(*, first_names: Sequence[str], birth_name: str, use_name: str) -> str:
    """Return the first of the first names and the name in use, as people are called."""
    return f"{first_names[0] if first_names else ''} {use_name or birth_name}".strip()


_APOSTROPHES = str.maketrans(dict.fromkeys("ʹʻʼʽʾʿˈˊꞋꞌ′‵`´＇", "'"))
"""Letters and marks that stand for the glottal stop of Polynesian and other names, where other keyboards have ’."""


def folded(name: str) -> str:
    """Reduce a name to what must match: no accents, case, hyphens, apostrophes, double spaces, nothing unseen."""
    spelled = (
        name.translate(_APOSTROPHES)
        .replace("œ", "oe")
        .replace("Œ", "OE")
        .replace("æ", "ae")
        .replace("Æ", "AE")
        .replace("ß", "ss")
    )
    decomposed = unicodedata.normalize("NFKD", spelled)
    bare = "".join(char for char in decomposed if not (unicodedata.combining(char) or _is_unseen(char)))
    return " ".join(re.sub(r"[^\w]+", " ", bare.casefold()).replace("_", " ").split())


def _is_unseen(char: str) -> bool:
    """Tell whether a character only joins or separates its neighbours: some scripts need it to be written well."""
    return not char.isascii() and unicodedata.category(char) == "Cf"


@dataclass(frozen=True)
class Identity:
    """Who an identity provider says a person is: the key (issuer, sub) and a civil status, parts of it perhaps empty.

    ``birth_date`` is kept as given (``YYYY-MM-DD``): a presumed one may hold ``00``; see :func:`latest_birth_date`.
    ``email`` is what the provider was told; nothing says that it was verified.
    """

    issuer: str
    sub: str
    birth_name: str
    use_name: str
    first_names: tuple[str, ...]
    birth_date: str
    email: str
