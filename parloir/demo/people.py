"""The shapes of the demonstration's cast: detained people, relatives, permits, personas."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

FRANCE = "99100"
"""INSEE's code of France as a country of birth."""


@dataclass(frozen=True)
class Detained:
    """A detained person of the cast, as a ``detainee`` line of the register tells it.

    ``transfer``, when set, is the prison and wing a later movement leads to; families learn of it
    ``disclosed_after_days`` days after the feed's day.
    """

    number: str
    birth_name: str
    first_names: tuple[str, ...]
    birth_date: date
    category: str
    establishment: str
    wing: str
    transfer: tuple[str, str] | None = None
    disclosed_after_days: int = 0


@dataclass(frozen=True)
class Relative:
    """A relative's civil status; ``visitor_id`` is the register's key of those who are named on a permit."""

    birth_name: str
    first_names: tuple[str, ...]
    birth_date: date
    visitor_id: str = ""
    use_name: str = ""


@dataclass(frozen=True)
class KnownPermit:
    """A permit of the cast: what the register says of it, and what the demonstration's page says of it.

    ``holding`` is what the persona is to its holder (own, child, adult). ``registered`` permits are
    already in the persona's space; the others are there to be registered.
    """

    number: str
    detained: Detained
    holder: Relative
    relationship: str
    shows: str
    holding: str = "own"
    issued_by: str = "juge_instruction"
    status: str = "active"
    suspended_for_days: int | None = None
    visits_allowed: int | None = None
    weekdays: tuple[int, ...] | None = None
    alone_from_16: bool = False
    registered: bool = False

    @property
    def whose(self) -> str:
        """The holder as the registration form asks for them: first name, birth name, birth date."""
        return f"{self.holder.first_names[0]} {self.holder.birth_name}, {self.holder.birth_date:%d/%m/%Y}"

    @property
    def establishment(self) -> str:
        """The slug of the prison to choose in the form."""
        return self.detained.establishment

    def __str__(self) -> str:
        """Return one line in French for the demonstration's page."""
        return f"{self.number} – {self.whose} – {self.shows}"


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Someone the look-alike identity provider can sign in as; the properties follow FranceConnect's claims.

    ``email`` may be empty; ``birthplace`` (a code of INSEE) is empty for those born abroad.
    """

    key: str
    label: str
    civil: Relative
    gender: str
    birthplace: str
    birthcountry: str = FRANCE
    email: str = ""
    permits: tuple[KnownPermit, ...] = ()

    @property
    def birth_name(self) -> str:
        """The claim ``family_name``."""
        return self.civil.birth_name

    @property
    def use_name(self) -> str:
        """The claim ``preferred_username``; empty when there is none."""
        return self.civil.use_name

    @property
    def first_names(self) -> tuple[str, ...]:
        """The claim ``given_name_array``."""
        return self.civil.first_names

    @property
    def birth_date(self) -> str:
        """The claim ``birthdate``: a complete ISO date, presumed or not."""
        return self.civil.birth_date.isoformat()

    @property
    def name(self) -> str:
        """First name and name in use."""
        return f"{self.first_names[0]} {self.use_name or self.birth_name}"

    @property
    def sub_seed(self) -> str:
        """What the persona's ``sub`` is derived from."""
        return f"parloir-demo:{self.key}"


def sub_of(persona: Persona) -> str:
    """Return the persona's pairwise identifier, shaped as FranceConnect's: 64 hexadecimal digits and ``v1``."""
    return sha256(persona.sub_seed.encode()).hexdigest() + "v1"
