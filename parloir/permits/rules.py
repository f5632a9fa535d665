"""What a permit is and when it speaks for a person. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class PermitStatus(StrEnum):
    """The register's word on a permit."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


class Authority(StrEnum):
    """Who issued a permit."""

    INVESTIGATING_JUDGE = "juge_instruction"
    OTHER_MAGISTRATE = "autre_magistrat"
    PROSECUTOR = "procureur"
    GENERAL_PROSECUTOR = "procureur_general"
    HEAD_OF_ESTABLISHMENT = "chef_etablissement"
    PREFECT = "prefet"


class Relationship(StrEnum):
    """What the visitor is to the detained person."""

    PARTNER = "conjoint"
    PARENT = "parent"
    CHILD = "enfant"
    SIBLING = "frere_soeur"
    GRANDPARENT = "grand_parent"
    OTHER_FAMILY = "autre_famille"
    FRIEND = "ami"
    OTHER = "autre"


class Holding(StrEnum):
    """What the account is to the holder of a permit that it registers."""

    OWN = "own"
    CHILD = "child"
    ADULT = "adult"


class PermitState(StrEnum):
    """What a permit is worth on a given day, as its holder may read it."""

    ACTIVE = "active"
    NOT_YET = "not_yet"
    SUSPENDED = "suspended"
    SUSPENDED_UNTIL = "suspended_until"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


class News(StrEnum):
    """What those who registered a permit are told of it."""

    REGISTERED = "registered"
    ENDING = "ending"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What decides a permit’s state; dates are local to the prison, the last ones included."""

    status: PermitStatus
    suspended_until: date | None
    valid_from: date
    valid_until: date | None
    closed: bool


def state_of(standing: Standing, *, on: date) -> PermitState:
    """Return what a permit is worth on a day; what lasts longest is said first."""
    if standing.closed:
        return PermitState.CLOSED
    if standing.status is PermitStatus.WITHDRAWN:
        return PermitState.WITHDRAWN
    if standing.valid_until and on > standing.valid_until:
        return PermitState.EXPIRED
    if standing.status is PermitStatus.SUSPENDED:
        if standing.suspended_until is None:
            return PermitState.SUSPENDED
        if on <= standing.suspended_until:
            return PermitState.SUSPENDED_UNTIL
    return PermitState.NOT_YET if on < standing.valid_from else PermitState.ACTIVE


def ends_soon(standing: Standing, *, on: date, days: int) -> bool:
    """Tell whether a permit that is worth something on a day ends within so many days of it."""
    if standing.valid_until is None or state_of(standing, on=on) is not PermitState.ACTIVE:
        return False
    return standing.valid_until < on + timedelta(days=days)


def is_followed(standing: Standing, others: Iterable[Standing]) -> bool:
    """Tell whether, the day after a permit ends, another of the same person for the same detained one is good."""
    if standing.valid_until is None or standing.valid_until == date.max:
        return False
    after = standing.valid_until + timedelta(days=1)
    return any(state_of(other, on=after) is PermitState.ACTIVE for other in others)


def most_useful(standing: Standing, *, on: date) -> tuple[int, int]:
    """Return what orders the permits of one person, the one that serves best first: good today, and the longest."""
    return _BY_USE.index(state_of(standing, on=on)), -(standing.valid_until or date.max).toordinal()


_BY_USE = (
    PermitState.ACTIVE,
    PermitState.NOT_YET,
    PermitState.SUSPENDED_UNTIL,
    PermitState.SUSPENDED,
    PermitState.EXPIRED,
    PermitState.WITHDRAWN,
    PermitState.CLOSED,
)
