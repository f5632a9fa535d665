"""Whose permit is it? What a person says of a permit, against what the register says. No Django here.

Every comparison is always made, so that an answer takes the same work whatever it is: see
:func:`may_register`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from parloir.foundation.characters import plain
from parloir.people.rules import ADULT_AGE, FIRST_NAMES_AT_MOST, folded, is_adult, short_name
from parloir.permits.rules import Holding

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from zoneinfo import ZoneInfo

COUNTED_FOR = timedelta(hours=1)
"""How long a failure counts against the account and the network address it came from."""

FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 30
FAILURES_PER_NETWORK = 120
FAILURES_AT_A_PERMIT = 20
"""More than an account's: a reception's Wi-Fi is shared by many families. The last is a day's, for one number by one
identity: counted by the number alone, anybody could keep its holder out."""

PERMIT_COUNTED_FOR = timedelta(days=1)

_STROKES = str.maketrans("łøđðħŧı", "loddhti")
"""Letters whose stroke is no accent to Unicode, though people type them without."""


_NUMBER_SIGN = re.compile(r"^(?:permis\s+)?(?:n(?:um[ée]ro|[°ºo])?\s*[.:]?|№|#)\s*(?=[\d])", re.IGNORECASE)
"""« N° », « numéro : »: what people copy with a number."""

_SPACES = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[\s./·‐‑‒–—_-]+")
"""What people add to a number to read it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The civil status by which the holder of a permit is known.

    ``birth_date`` is ``YYYY-MM-DD``; the day, or the month and the day, may be ``00`` where they are unknown.
    ``has_one_name`` says that the source knows of no first name: some people have none. A box that somebody
    left empty never says so.
    """

    birth_name: str
    use_name: str = ""
    first_names: tuple[str, ...]
    birth_date: str
    has_one_name: bool = False


NOBODY = Holder(birth_name="Personne", use_name="Inconnue", first_names=("Aucune", "Aucun"), birth_date="1900-01-01")
"""Compared in place of a holder when there is none, for the work's sake; whatever it gives is thrown away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitClaim:
    """What a person says of the permit they register.

    :ivar establishment_id: the prison they chose, for its contacts; never compared with anything.
    :ivar zone: that prison's zone, in which today's date is read.
    :ivar holder: whom they say it names; None for their own permit: the identity they signed in with.
    """

    establishment_id: int
    zone: ZoneInfo
    number: str
    holding: Holding
    holder: Holder | None = None

    @property
    def typed_name(self) -> str:
        """The name that was typed of somebody else, as names are shown; empty for one's own permit."""
        if self.holder is None:
            return ""
        return short_name(first_names=self.holder.first_names, birth_name=self.holder.birth_name, use_name="")

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that were meant by what was typed; always as many, that the search takes the same work."""
        typed = plain(self.number)
        bare = _NUMBER_SIGN.sub("", typed)
        return (self.number.strip(), typed, _SPACES.sub("", typed), _SPACES.sub("", bare), _SEPARATORS.sub("", bare))


def typed_first_names(text: str) -> tuple[str, ...]:
    """Split first names typed in one box."""
    return tuple(name for name in re.split(r"[\s,;]+", text) if name)


def same_person(one: Holder, other: Holder) -> bool:
    """Tell whether two civil statuses are one person's: a name, the first first name and the birth date.

    The name is the birth name or the name in use; accents, case, hyphens, apostrophes and spaces do not
    count; a compound first name is the same whether it is written as one or as several. Whoever has one name only is
    known by that name and the birth date.
    """
    surnames = bool(_surnames(one) & _surnames(other))
    called = _squeezed(one.first_names[:1]) in _openings(other.first_names)
    called |= _squeezed(other.first_names[:1]) in _openings(one.first_names)
    called |= one.has_one_name | other.has_one_name
    return surnames & called & same_birth_date(one.birth_date, other.birth_date)


def same_birth_date(one: str, other: str) -> bool:
    """Tell whether two birth dates may be one: an unknown day or month goes with any, an unknown year with none."""
    year, month, day = zip(_parts(one), _parts(other), strict=True)
    return (year[0] == year[1] != 0) & (month[0] == month[1] or 0 in month) & (day[0] == day[1] or 0 in day)


def may_register(*, found: bool, barred: bool, matches: bool, holding: Holding, born: date, today: date) -> bool:
    """Tell whether a claim is granted; nothing is left out once the answer is known.

    A child's permit names a minor; another adult's names an adult.
    """
    adult = is_adult(born, today)
    fits = {Holding.OWN: True, Holding.CHILD: not adult, Holding.ADULT: adult}[holding]
    return found & (not barred) & matches & fits


def adults_were_born_by(today: date) -> date:
    """Return the latest day on which those who are adults today were born."""
    try:
        return today.replace(year=today.year - ADULT_AGE)
    except ValueError:
        return date(today.year - ADULT_AGE, 2, 28)


def retry_at(
    *,
    account: Sequence[datetime],
    address: Sequence[datetime],
    network: Sequence[datetime] = (),
    permit: Sequence[datetime] = (),
) -> datetime | None:
    """Return when one may try again; None is now.

    :param account: the failures of the account in the last hour, the latest first.
    :param address: those from the network address, likewise.
    :param network: those from the IPv6 network around it, likewise.
    :param permit: those of this identity with this number, in the last day.
    """
    counts = (
        (account, FAILURES_PER_ACCOUNT, COUNTED_FOR),
        (address, FAILURES_PER_ADDRESS, COUNTED_FOR),
        (network, FAILURES_PER_NETWORK, COUNTED_FOR),
        (permit, FAILURES_AT_A_PERMIT, PERMIT_COUNTED_FOR),
    )
    waits = [failures[limit - 1] + counted for failures, limit, counted in counts if len(failures) >= limit]
    return _next_minute(max(waits)) if waits else None


def _next_minute(moment: datetime) -> datetime:
    """Round up to the minute: clocks are shown without seconds, and the time shown must be late enough."""
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _parts(birth_date: str) -> tuple[int, int, int]:
    """Return year, month and day; all unknown where there is no date to read."""
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", birth_date, re.ASCII)
    return (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)


def _surnames(holder: Holder) -> set[str]:
    return {_squeezed([holder.birth_name]), _squeezed([holder.use_name])} - {""}


def _openings(first_names: Sequence[str]) -> set[str]:
    """Return the first name, the first two, and so on, each as one word; beyond what anybody has, none is read."""
    return set(accumulate(_squeezed([name]) for name in first_names[:FIRST_NAMES_AT_MOST])) - {""}


def _squeezed(names: Collection[str]) -> str:
    return "".join(folded(name) for name in names).replace(" ", "").translate(_STROKES)
