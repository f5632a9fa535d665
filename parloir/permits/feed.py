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
    known: KnownPermit | None, line: PermitLine, *, detainee_id: int, released_at: datetime | None
) -> KnownPermit | Outcome:
    """Return what is known of a permit after a line; one told before the last release is closed by it.

    A permit is one visitor and one detained person, and accounts rely on it: a number never passes to
    another pair.
    """
    if known is not None:
        other = _other_person(known, line, detainee_id)
        told = line.clock.against(known.line)
        if told and other and told.verdict is Verdict.REPEATED:
            return rejected(Reason.CONFLICT, "at")
        if told:
            return told
        if other:
            return rejected(Reason.CONFLICT, other)
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


def _other_person(known: KnownPermit, line: PermitLine, detainee_id: int) -> str:
    """Return the key by which a line names another person than the permit's, or nothing."""
    if known.detainee_id != detainee_id:
        return "committal_number"
    return "" if known.visitor_id == line.visitor_id else "visitor.id"
