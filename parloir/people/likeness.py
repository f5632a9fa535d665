"""Do two civil statuses seem to be one person's? To ask them, never to decide. No Django here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.people.rules import folded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class CivilStatus(Protocol):
        """What an account and an identity both say of a person."""

        @property
        def birth_name(self) -> str:
            """The name at birth; empty when it is not known."""

        @property
        def birth_date(self) -> str:
            """``YYYY-MM-DD``, where an unknown part is ``00``; empty when it is not known."""

        @property
        def first_names(self) -> Sequence[str]:
            """The first names in their order; none for a person of one name."""


_EQUAL, _CLOSE, _OTHER = 0, 1, 2
_MOST = 1
"""One difference: a letter, a second first name, a corrected part of the birth date."""


def seem_the_same(one: CivilStatus, other: CivilStatus) -> bool:
    """Tell whether two civil statuses differ by one small thing at most, however they are written.

    Never when the name or the birth date is missing; a person of one name has no first name.
    """
    if not (one.birth_name and other.birth_name and one.birth_date and other.birth_date):
        return False
    differences = (
        _names([one.birth_name], [other.birth_name]),
        _names(one.first_names, other.first_names),
        _dates(one.birth_date, other.birth_date),
    )
    return sum(differences) <= _MOST


def _names(one: Sequence[str], other: Sequence[str]) -> int:
    """Compare names word by word: the same, one letter apart, or the same beginning with more behind it."""
    mine, theirs = folded(" ".join(one)), folded(" ".join(other))
    if mine.replace(" ", "") == theirs.replace(" ", ""):
        return _EQUAL
    shorter, longer = sorted((mine.split(), theirs.split()), key=len)
    has_more = longer[: len(shorter)] == shorter
    return _CLOSE if has_more or _is_one_slip(mine, theirs) else _OTHER


def _dates(one: str, other: str) -> int:
    """Compare birth dates: the same, one part corrected or once unknown, or day and month exchanged."""
    mine, theirs = one.split("-"), other.split("-")
    if mine == theirs:
        return _EQUAL
    unlike = sum(a != b and "00" not in (a, b) for a, b in zip(mine, theirs, strict=True))
    is_exchanged = mine[0] == theirs[0] and mine[1:] == theirs[:0:-1]
    return _CLOSE if unlike <= 1 or is_exchanged else _OTHER


def _is_one_slip(one: str, other: str) -> bool:
    """Tell whether one letter too many, too few, another, or two exchanged make one text of the other."""
    shorter, longer = sorted((one, other), key=len)
    start = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    rest, other_rest = shorter[start:], longer[start:]
    if len(shorter) == len(longer):
        return rest[1:] == other_rest[1:] or (rest[1::-1] == other_rest[:2] and rest[2:] == other_rest[2:])
    return rest == other_rest[1:]
