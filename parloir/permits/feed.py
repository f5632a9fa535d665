"""What the prisons' system of record tells of permits, and what each line changes. No Django here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parloir.people.feed import Outcome, Reason, Verdict, rejected
from parloir.permits.rules import News, PermitStatus

if TYPE_CHECKING:
    from datetime import date, datetime

    from parloir.people.feed import CivilStatus, Clock, DetaineeLine, MovementLine, RestrictionLine
    from parloir.permits.rules import Authority, Relationship


@dataclass(frozen=True, slots=True)
class Terms:
    """What a permit allows; ``valid_until`` is the last day included, weekdays are 1 (Monday) to 7."""

    status: PermitStatus
    suspended_until: date | None
    issued_by: Authority
    relationship: Relationship
    valid_from: date
    valid_until: date | None
    visits_allowed: int | None
    weekdays: tuple[int, ...] | None
    separated: bool
    alone_from_16: bool


@dataclass(frozen=True, slots=True)
class PermitLine:
    """One permit, and the civil status of the person named on it."""

    clock: Clock
    number: str
    committal_number: str
    terms: Terms
    visitor_id: str
    visitor: CivilStatus

    @property
    def closes(self) -> bool:
        """Whether the line withdraws or suspends the permit."""
        return self.terms.status is not PermitStatus.ACTIVE


type Line = DetaineeLine | MovementLine | RestrictionLine | PermitLine
"""Any line of the feed, its shape already checked."""


@dataclass(frozen=True, slots=True)
class KnownPermit:
    """All that the register has told of one permit so far; closed by a release until a newer line."""

    detainee_id: int
    visitor_id: str
    terms: Terms
    line: Clock
    closed_at: datetime | None


def after_permit_line(
    known: KnownPermit | None, line: PermitLine, *, detainee_id: int | None, released_at: datetime | None
) -> KnownPermit | Outcome:
    """Return what is known of a permit after a line; one told before the last release is closed by it.

    A permit is one visitor and one detained person, and accounts rely on it: a number never passes to
    another pair. Only a line that closes it is applied all the same, to the pair it had: see :func:`disagrees`.

    :param detainee_id: whom the line's committal number names; None for nobody.
    """
    if known is None:
        return _of_nobody() if detainee_id is None else _of_pair(line, detainee_id, released_at)
    other = _other_person(known, line, detainee_id)
    if not other:
        return line.clock.against(known.line) or _of_pair(line, known.detainee_id, released_at)
    if line.closes:
        return line.clock.against(known.line) or replace(known, terms=line.terms, line=line.clock)
    if detainee_id is None:
        return _of_nobody()
    told = line.clock.against(known.line)
    return told if told and told.verdict is not Verdict.REPEATED else rejected(Reason.CONFLICT, "at" if told else other)


def _of_nobody() -> Outcome:
    return rejected(Reason.UNKNOWN_DETAINEE, "committal_number")


def disagrees(known: KnownPermit, line: PermitLine, *, detainee_id: int | None) -> bool:
    """Tell whether a line names another visitor or detained person than the permit's: a human finds out why."""
    return bool(_other_person(known, line, detainee_id))


def _of_pair(line: PermitLine, detainee_id: int, released_at: datetime | None) -> KnownPermit:
    closed = released_at is not None and line.clock.at <= released_at
    return KnownPermit(
        detainee_id=detainee_id,
        visitor_id=line.visitor_id,
        terms=line.terms,
        line=line.clock,
        closed_at=released_at if closed else None,
    )


def after_release(known: KnownPermit, *, released_at: datetime) -> KnownPermit:
    """Return what is known of a permit after its detained person's release: a newer line outlives it."""
    if known.closed_at is not None or known.line.at > released_at:
        return known
    return replace(known, closed_at=released_at)


def touches_visits(before: KnownPermit | None, after: KnownPermit) -> bool:
    """Tell whether a visit booked before a line may be impossible after it."""
    return before is not None and (before.terms, before.closed_at) != (after.terms, after.closed_at)


def news_of(before: KnownPermit | None, after: KnownPermit) -> News | None:
    """Return what those who registered a permit are told of a line; nothing of one that a release closes."""
    if before is None or after.closed_at is not None:
        return None
    if (before.terms.status, before.terms.suspended_until) == (after.terms.status, after.terms.suspended_until):
        return None
    return _NEWS[after.terms.status]


_NEWS = {
    PermitStatus.ACTIVE: News.RESTORED,
    PermitStatus.SUSPENDED: News.SUSPENDED,
    PermitStatus.WITHDRAWN: News.WITHDRAWN,
}


def _other_person(known: KnownPermit, line: PermitLine, detainee_id: int | None) -> str:
    """Return the key by which a line names another person than the permit's, or nothing."""
    if known.detainee_id != detainee_id:
        return "committal_number"
    return "" if known.visitor_id == line.visitor_id else "visitor.id"
