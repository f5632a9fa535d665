"""Keep what the register tells of the persons named on permits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.foundation.rows import reserve_ids, write_rows
from parloir.people.feed import CivilStatus
from parloir.people.models import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True, eq=False)
class VisitorCard:
    """One visitor of the batch, as known after the lines applied so far."""

    id: int
    register_id: str
    civil: CivilStatus
    changed: bool = False


class VisitorBook:
    """The visitors whom a batch names, locked in the order of ids."""

    def __init__(self, register_ids: Iterable[str]) -> None:
        """Lock and load."""
        named = set(register_ids)
        rows = Visitor.objects.filter(register_id__any_of=named).order_by("pk").select_for_update(no_key=True)
        self._cards = {row.register_id: _card(row) for row in rows} if named else {}
        self._ids = reserve_ids(Visitor, len(named - self._cards.keys()))

    @property
    def known_ids(self) -> list[int]:
        """The visitors of the batch whom the register has told of."""
        return [card.id for card in self._cards.values()]

    def get(self, register_id: str) -> VisitorCard | None:
        """Return a visitor whom the register has told of."""
        return self._cards.get(register_id)

    def tell(self, register_id: str, civil: CivilStatus) -> VisitorCard:
        """Note who a visitor is, new or not."""
        card = self._cards.get(register_id)
        if card is None:
            card = VisitorCard(next(self._ids), register_id, civil, changed=True)
            self._cards[register_id] = card
        elif card.civil != civil:
            card.civil, card.changed = civil, True
        return card

    def write(self) -> None:
        """Write what changed since the last time."""
        changed = [card for card in self._cards.values() if card.changed]
        write_rows(map(_row, changed), update=("birth_name", "use_name", "first_names", "birth_date"))
        for card in changed:
            card.changed = False


def _card(row: Visitor) -> VisitorCard:
    civil = CivilStatus(row.birth_name, row.use_name, tuple(row.first_names), row.birth_date)
    return VisitorCard(row.pk, row.register_id, civil)


def _row(card: VisitorCard) -> Visitor:
    return Visitor(
        id=card.id,
        register_id=card.register_id,
        birth_name=card.civil.birth_name,
        use_name=card.civil.use_name,
        first_names=list(card.civil.first_names),
        birth_date=card.civil.birth_date,
    )
