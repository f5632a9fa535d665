"""Apply what the register tells of permits: a batch is locked, worked out in memory, written at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Max, Q

from parloir.foundation.rows import reserve_ids, write_rows
from parloir.people.feed import Clock, Outcome, Reason, rejected
from parloir.people.operations.feed_visitors import VisitorBook
from parloir.permits.feed import KnownPermit, Terms, after_permit_line, after_release, disagrees
from parloir.permits.models import Permit
from parloir.permits.rules import Authority, PermitStatus, Relationship

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from parloir.people.operations.feed import DetaineeBook, DetaineeCard
    from parloir.people.operations.feed_visitors import VisitorCard
    from parloir.permits.feed import PermitLine

_UPDATED = (
    *("status", "suspended_until", "issued_by", "relationship", "valid_from", "valid_until", "visits_allowed"),
    *("weekdays", "separated", "alone_from_16", "closed_at", "line_at", "line_digest"),
)


@dataclass(slots=True, eq=False)
class PermitCard:
    """One permit of the batch, as known after the lines applied so far."""

    id: int
    number: str
    holder_id: int
    known: KnownPermit
    changed: bool = False


@dataclass(frozen=True, slots=True)
class PermitNews:
    """What an accepted permit line changed, and for whom.

    ``visitor_aged`` is the visitor whose birth date is not what it was: their visits to anyone may
    now lack an adult. ``disagrees`` is a line that closes a permit under other names than it has.
    """

    permit: PermitCard
    before: KnownPermit | None
    visitor_aged: int | None
    disagrees: bool = False


class PermitBook:
    """The permits that a batch names, and those of the persons whom it releases, locked in the order of ids."""

    def __init__(self, detainees: DetaineeBook, *, lines: Sequence[PermitLine], released: Collection[int]) -> None:
        """Lock and load; ``released`` are the detained persons whom the batch may release."""
        self._detainees = detainees
        self._visitors = VisitorBook(line.visitor_id for line in lines)
        numbers = {line.number for line in lines}
        self._cards = _locked_cards(numbers, released)
        self._ids = reserve_ids(Permit, len(numbers - self._cards.keys()))
        self._told_at = _last_told(self._visitors.known_ids)

    @property
    def known_ids(self) -> list[int]:
        """The permits of the batch that the register has told of."""
        return [card.id for card in self._cards.values()]

    def card(self, number: str) -> PermitCard | None:
        """Return a permit that the register has told of."""
        return self._cards.get(number)

    def ages(self, line: PermitLine) -> bool:
        """Tell whether a line gives a visitor another birth date: it concerns their visits to anyone."""
        visitor = self._visitors.get(line.visitor_id)
        return visitor is not None and visitor.civil.birth_date != line.visitor.birth_date

    def apply(self, line: PermitLine, *, now: datetime) -> PermitNews | Outcome:
        """Apply a permit line; the newest line about a visitor, on whichever permit, tells who they are."""
        permit = self._cards.get(line.number)
        lost = self._detainees.just_replaced(line.committal_number, line.clock.at)
        if lost and permit and permit.known.detainee_id == lost.id and (told := line.clock.against(permit.known.line)):
            return told
        before = permit.known if permit else None
        named = self._detainees.holder(line.committal_number, line.clock.at)
        owner = self._detainees.card(before.detainee_id) if before and line.closes else named
        if owner and line.visitor.birth_date > now.astimezone(owner.zone).date():
            return rejected(Reason.BAD_VALUE, "visitor.birth_date")
        released_at = owner.known.released_at if owner else None
        detainee_id = named.id if named else None
        known = after_permit_line(before, line, detainee_id=detainee_id, released_at=released_at)
        if isinstance(known, Outcome):
            return known
        if permit and disagrees(permit.known, line, detainee_id=detainee_id):
            permit.known, permit.changed = known, True
            return PermitNews(permit=permit, before=before, visitor_aged=None, disagrees=True)
        return self._learn(permit, known, line)

    def close(self, detainee: DetaineeCard, *, released_at: datetime) -> None:
        """Close the permits of a released person that were told before the release."""
        for card in self._cards.values():
            if card.known.detainee_id == detainee.id:
                known = after_release(card.known, released_at=released_at)
                card.changed |= known is not card.known
                card.known = known

    def write(self) -> None:
        """Write what changed since the last time: the visitors, then their permits."""
        self._visitors.write()
        changed = [card for card in self._cards.values() if card.changed]
        write_rows(map(_row, changed), update=_UPDATED)
        for card in changed:
            card.changed = False

    def _learn(self, permit: PermitCard | None, known: KnownPermit, line: PermitLine) -> PermitNews:
        visitor, aged = self._hear_of_visitor(line)
        before = permit.known if permit else None
        if permit is None:
            permit = PermitCard(id=next(self._ids), number=line.number, holder_id=visitor.id, known=known)
            self._cards[line.number] = permit
        permit.known, permit.changed = known, True
        return PermitNews(permit=permit, before=before, visitor_aged=visitor.id if aged else None)

    def _hear_of_visitor(self, line: PermitLine) -> tuple[VisitorCard, bool]:
        """Note who the visitor is, unless another permit has told it since; and whether an age changed."""
        earlier = self._visitors.get(line.visitor_id)
        told_at = self._told_at.get(line.visitor_id)
        if earlier and told_at and line.clock.at < told_at:
            return earlier, False
        born = earlier.civil.birth_date if earlier else None
        self._told_at[line.visitor_id] = line.clock.at
        visitor = self._visitors.tell(line.visitor_id, line.visitor)
        return visitor, born is not None and born != line.visitor.birth_date


def visited_under(numbers: Collection[str]) -> set[int]:
    """Return whom the permits of these numbers are for: that never changes, so no lock is needed to know it."""
    if not numbers:
        return set()
    return set(Permit.objects.filter(number__any_of=numbers).values_list("detainee_id", flat=True))


def _locked_cards(numbers: Collection[str], released: Collection[int]) -> dict[str, PermitCard]:
    named = Q(number__any_of=numbers)
    if released:
        named |= Q(detainee__id__any_of=released)
    elif not numbers:
        return {}
    rows = Permit.objects.filter(named).select_related("visitor").order_by("pk")
    return {row.number: _card(row) for row in rows.select_for_update(of=("self",), no_key=True)}


def _last_told(visitor_ids: Collection[int]) -> dict[str, datetime]:
    """Return when each visitor was last told of, on any permit."""
    if not visitor_ids:
        return {}
    told = (
        Permit.objects.filter(visitor__id__any_of=visitor_ids)
        .values("visitor__register_id")
        .annotate(at=Max("line_at"))
    )
    return dict(told.values_list("visitor__register_id", "at"))


def _card(row: Permit) -> PermitCard:
    """Return what a row says that the register told."""
    terms = Terms(
        status=PermitStatus(row.status),
        suspended_until=row.suspended_until,
        issued_by=Authority(row.issued_by),
        relationship=Relationship(row.relationship),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        visits_allowed=row.visits_allowed,
        weekdays=tuple(row.weekdays) if row.weekdays is not None else None,
        separated=row.separated,
        alone_from_16=row.alone_from_16,
    )
    known = KnownPermit(
        detainee_id=row.detainee_id,
        visitor_id=row.visitor.register_id,
        terms=terms,
        line=Clock(row.line_at, row.line_digest),
        closed_at=row.closed_at,
    )
    return PermitCard(id=row.pk, number=row.number, holder_id=row.visitor_id, known=known)


def _row(card: PermitCard) -> Permit:
    known, terms = card.known, card.known.terms
    return Permit(
        id=card.id,
        number=card.number,
        detainee_id=known.detainee_id,
        visitor_id=card.holder_id,
        status=terms.status,
        suspended_until=terms.suspended_until,
        issued_by=terms.issued_by,
        relationship=terms.relationship,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        visits_allowed=terms.visits_allowed,
        weekdays=list(terms.weekdays) if terms.weekdays is not None else None,
        separated=terms.separated,
        alone_from_16=terms.alone_from_16,
        closed_at=known.closed_at,
        line_at=known.line.at,
        line_digest=known.line.digest,
    )
