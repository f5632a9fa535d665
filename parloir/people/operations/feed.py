"""Apply what the register tells of detained persons: a batch is locked, worked out in memory, written at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from parloir.establishments.rules import PenalCategory
from parloir.foundation.rows import reserve_ids, write_rows
from parloir.people.feed import (
    CivilStatus,
    Clock,
    KnownDetainee,
    Outcome,
    Reason,
    after_detainee_line,
    after_movement,
    rejected,
)
from parloir.people.models import Detainee, FormerNumber
from parloir.people.operations.feed_places import Places, places_of_wings
from parloir.people.rules import Presence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from parloir.people.feed import DetaineeLine, MovementLine, Place, PlaceName

_UPDATED = (
    *("birth_name", "use_name", "first_names", "birth_date", "category", "wing_id", "presence", "disclose_from"),
    *("line_at", "line_digest", "movement_at", "movement_digest", "transferred_at", "released_at"),
)


@dataclass(slots=True, eq=False)
class DetaineeCard:
    """One detained person of the batch, as known after the lines applied so far."""

    id: int
    known: KnownDetainee
    zone: ZoneInfo
    number_in_rows: str | None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class DetaineeNews:
    """An accepted line's person, and what was known of them before it."""

    card: DetaineeCard
    before: KnownDetainee | None


class DetaineeBook:
    """The detained persons whom a batch names, locked in the order of ids.

    A number names its last holder, except on lines dated before it was replaced: those are about the
    person who held it then.
    """

    def __init__(
        self,
        *,
        numbers: Iterable[str],
        ids: Collection[int],
        places: Iterable[PlaceName],
        newcomers: Iterable[str],
    ) -> None:
        """Lock and load, by numbers and by ids.

        ``newcomers`` are the numbers under which the batch may tell of a new person.
        """
        self._places = Places({place.establishment for place in places})
        self._holders: dict[str, DetaineeCard] = {}
        self._former: dict[str, list[tuple[datetime, DetaineeCard]]] = {}
        self._replaced: list[FormerNumber] = []
        self._load(set(numbers), ids)
        self._ids = reserve_ids(Detainee, len(set(newcomers) - self._holders.keys()))

    @property
    def cards(self) -> list[DetaineeCard]:
        """Everyone in the book."""
        return list({card.id: card for card in self._everyone()}.values())

    def card(self, detainee_id: int) -> DetaineeCard | None:
        """Return a person of the book."""
        return next((card for card in self._everyone() if card.id == detainee_id), None)

    def ids_named(self, numbers: Collection[str]) -> set[int]:
        """Return the persons who hold one of these numbers, or held it."""
        holders = {card.id for number in numbers if (card := self._holders.get(number))}
        return holders | {card.id for number in numbers for _, card in self._former.get(number, ())}

    def holder(self, number: str, at: datetime) -> DetaineeCard | None:
        """Return the person whom a number named at a moment."""
        for replaced_at, card in self._former.get(number, ()):
            if at < replaced_at:
                return card
        return self._holders.get(number)

    def just_replaced(self, number: str, at: datetime) -> DetaineeCard | None:
        """Return the person who lost a number at that very moment: a line told again finds its own traces."""
        return next((card for replaced_at, card in self._former.get(number, ()) if at == replaced_at), None)

    def apply_detainee(self, line: DetaineeLine, *, now: datetime) -> DetaineeNews | Outcome:
        """Apply a detainee line to its person, who may be new."""
        place = self._places.find(line.place)
        if isinstance(place, Outcome):
            return place
        if line.civil.birth_date > now.astimezone(place.zone).date():
            return rejected(Reason.BAD_VALUE, "birth_date")
        lost = self.just_replaced(line.committal_number, line.clock.at)
        if lost and (told := line.clock.against(lost.known.line)):
            return told
        card = self.holder(line.committal_number, line.clock.at)
        known = after_detainee_line(card.known if card else None, line, place)
        if isinstance(known, Outcome):
            return known
        if card is None:
            card = DetaineeCard(self._new_id(), known, place.zone, number_in_rows=None, changed=True)
            self._holders[line.committal_number] = card
            return DetaineeNews(card, before=None)
        return self._learn(card, known, place)

    def apply_movement(self, line: MovementLine) -> DetaineeNews | Outcome:
        """Apply a movement to its person."""
        place = self._places.find(line.place) if line.place else None
        if isinstance(place, Outcome):
            return place
        lost = self.just_replaced(line.committal_number, line.clock.at)
        if lost and (told := line.clock.against(lost.known.movement)):
            return told
        card = self.holder(line.committal_number, line.clock.at)
        if card is None:
            return rejected(Reason.UNKNOWN_DETAINEE, "committal_number")
        known = after_movement(card.known, line, place)
        if isinstance(known, Outcome):
            return known
        if known.committal_number != card.known.committal_number:
            if self._is_taken(known.committal_number, line.clock.at, card):
                return rejected(Reason.CONFLICT, "new_committal_number")
            self._renumber(card, known.committal_number, line.clock.at)
        return self._learn(card, known, place)

    def write(self) -> None:
        """Write what changed since the last time."""
        changed = [card for card in self.cards if card.changed]
        if not changed:
            return
        renumbered = [card for card in changed if card.number_in_rows not in {None, card.known.committal_number}]
        # Numbers are left out of ordinary updates: changing a key would lock out whoever refers to the row.
        write_rows([_row(card) for card in changed if card not in renumbered], update=_UPDATED)
        write_rows([_row(card) for card in renumbered], update=("committal_number", *_UPDATED))
        FormerNumber.objects.bulk_create(self._replaced)
        self._replaced = []
        for card in changed:
            card.changed, card.number_in_rows = False, card.known.committal_number

    def _load(self, numbers: set[str], ids: Collection[int]) -> None:
        former = list(
            FormerNumber.objects.filter(committal_number__any_of=numbers)
            .order_by("replaced_at")
            .values_list("committal_number", "replaced_at", "detainee_id")
        )
        named = Q(committal_number__any_of=numbers)
        if former or ids:
            named |= Q(pk__any_of={detainee_id for _, _, detainee_id in former} | set(ids))
        rows = list(Detainee.objects.filter(named).order_by("pk").select_for_update(no_key=True))
        places = places_of_wings({row.wing_id for row in rows})
        by_id = {row.pk: _card(row, places[row.wing_id]) for row in rows}
        self._holders = {card.known.committal_number: card for card in by_id.values()}
        for number, replaced_at, detainee_id in former:
            self._former.setdefault(number, []).append((replaced_at, by_id[detainee_id]))

    def _new_id(self) -> int:
        return next(self._ids, None) or next(reserve_ids(Detainee, 1))

    def _everyone(self) -> Iterable[DetaineeCard]:
        yield from self._holders.values()
        for aliases in self._former.values():
            yield from (card for _, card in aliases)

    def _is_taken(self, number: str, at: datetime, card: DetaineeCard) -> bool:
        return bool({self.holder(number, at), self._holders.get(number)} - {card, None})

    def _renumber(self, card: DetaineeCard, number: str, at: datetime) -> None:
        old = card.known.committal_number
        self._holders.pop(old, None)
        self._holders[number] = card
        self._former.setdefault(old, []).append((at, card))
        self._former[old].sort(key=lambda replaced: replaced[0])
        self._replaced.append(FormerNumber(committal_number=old, detainee_id=card.id, replaced_at=at))

    @staticmethod
    def _learn(card: DetaineeCard, known: KnownDetainee, place: Place | None) -> DetaineeNews:
        before = card.known
        if place and place.establishment_id == known.establishment_id:
            card.zone = place.zone
        card.known, card.changed = known, True
        return DetaineeNews(card, before)


def _card(row: Detainee, place: Place) -> DetaineeCard:
    """Return what a row says that the register told."""
    known = KnownDetainee(
        committal_number=row.committal_number,
        civil=CivilStatus(row.birth_name, row.use_name, tuple(row.first_names), row.birth_date),
        category=PenalCategory(row.category),
        wing_id=row.wing_id,
        establishment_id=place.establishment_id,
        line=Clock(row.line_at, row.line_digest),
        presence=Presence(row.presence),
        disclose_from=row.disclose_from,
        movement=Clock(row.movement_at, row.movement_digest) if row.movement_at else None,
        transferred_at=row.transferred_at,
        released_at=row.released_at,
    )
    return DetaineeCard(id=row.pk, known=known, zone=place.zone, number_in_rows=row.committal_number)


def _row(card: DetaineeCard) -> Detainee:
    known = card.known
    return Detainee(
        id=card.id,
        committal_number=known.committal_number,
        birth_name=known.civil.birth_name,
        use_name=known.civil.use_name,
        first_names=list(known.civil.first_names),
        birth_date=known.civil.birth_date,
        category=known.category,
        wing_id=known.wing_id,
        presence=known.presence,
        disclose_from=known.disclose_from,
        line_at=known.line.at,
        line_digest=known.line.digest,
        movement_at=known.movement.at if known.movement else None,
        movement_digest=known.movement.digest if known.movement else "",
        transferred_at=known.transferred_at,
        released_at=known.released_at,
    )
