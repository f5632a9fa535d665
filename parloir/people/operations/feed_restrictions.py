"""Apply what the register tells of periods without visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.foundation.rows import write_rows
from parloir.people.feed import (
    Clock,
    KnownRestriction,
    Outcome,
    Reason,
    after_restriction,
    rejected,
)
from parloir.people.models import Restriction

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from parloir.people.feed import RestrictionLine
    from parloir.people.operations.feed import DetaineeBook, DetaineeCard

type _Key = tuple[int, str, date]


class RestrictionBook:
    """The restrictions of the detained persons of a batch; their locks are the persons'."""

    def __init__(self, detainees: DetaineeBook, *, detainee_ids: Collection[int]) -> None:
        """Load the restrictions of these persons."""
        self._detainees = detainees
        self._known: dict[_Key, KnownRestriction] = {}
        self._changed: set[_Key] = set()
        if detainee_ids:
            for row in Restriction.objects.filter(detainee__id__any_of=detainee_ids):
                known = KnownRestriction(until=row.until, line=Clock(row.line_at, row.line_digest))
                self._known[row.detainee_id, row.kind, row.since] = known

    def apply(self, line: RestrictionLine) -> DetaineeCard | Outcome:
        """Apply a restriction line; the key is the person, the kind and the first day."""
        lost = self._detainees.just_replaced(line.committal_number, line.clock.at)
        if lost and (earlier := self._known.get((lost.id, line.kind, line.since))):
            told = line.clock.against(earlier.line)
            if told:
                return told
        card = self._detainees.holder(line.committal_number, line.clock.at)
        if card is None:
            return rejected(Reason.UNKNOWN_DETAINEE, "committal_number")
        key = (card.id, str(line.kind), line.since)
        known = after_restriction(self._known.get(key), line)
        if isinstance(known, Outcome):
            return known
        self._known[key] = known
        self._changed.add(key)
        return card

    def write(self) -> None:
        """Write what changed since the last time."""
        write_rows(
            [_row(key, self._known[key]) for key in sorted(self._changed)],
            key=("detainee_id", "kind", "since"),
            update=("until", "line_at", "line_digest"),
        )
        self._changed.clear()


def _row(key: _Key, known: KnownRestriction) -> Restriction:
    detainee_id, kind, since = key
    return Restriction(
        detainee_id=detainee_id,
        kind=kind,
        since=since,
        until=known.until,
        line_at=known.line.at,
        line_digest=known.line.digest,
    )
