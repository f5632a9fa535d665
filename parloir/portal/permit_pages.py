"""What the pages of permits show: the permits by the person they let one see, each with what remains of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from parloir.permits import sentences
from parloir.permits.queries.cards import card_of, cards_of, elsewhere_cards
from parloir.permits.rules import Holding
from parloir.visits.queries.permits import visits_left, visits_with
from parloir.visits.queries.waiting import entries_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from parloir.people.models import Account
    from parloir.permits.queries.cards import PermitCard

_SHOWN = 20
"""Visits to come that the page of a removal names."""


@dataclass(frozen=True)
class Shown:
    """A permit, and how many visits remain of it in words; nothing for one without limit."""

    card: PermitCard
    left: str
    is_used_up: bool = False

    @property
    def can_book(self) -> bool:
        """Whether it lets a visit be booked online today, and one remains."""
        return self.card.bookable and not self.is_used_up


@dataclass(frozen=True)
class Group:
    """The permits to see one person: one's own first, then the children's, then other adults'."""

    permits: Sequence[Shown]

    @property
    def first(self) -> PermitCard:
        """What is the same for all of them: the person and the prison."""
        return self.permits[0].card

    @property
    def can_book(self) -> bool:
        """Whether one of them lets visits be booked online."""
        return any(shown.can_book for shown in self.permits)


def permits_context(account: Account, *, now: datetime) -> dict[str, Any]:
    """Return what the list shows, in three statements."""
    left = visits_left(account)
    shown = [_shown(card, left) for card in cards_of(account, now=now)]
    groups = groupby(shown, key=attrgetter("card.detainee_id"))
    return {"groups": [Group(list(group)) for _, group in groups], "elsewhere": elsewhere_cards(account, now=now)}


def permit_context(account: Account, registration_id: int, *, now: datetime) -> dict[str, Any]:
    """Return what every page about one permit shows.

    :raises ObjectDoesNotExist: also when it is in somebody else's space.
    """
    shown = _shown(card_of(account, registration_id, now=now), visits_left(account))
    return {"card": shown.card, "left": shown.left, "can_book": shown.can_book}


def removal_context(account: Account, registration_id: int, *, now: datetime) -> dict[str, Any]:
    """Return what taking a permit out would mean: the visits to come that it attends.

    :raises ObjectDoesNotExist: also when it is in somebody else's space.
    """
    context = permit_context(account, registration_id, now=now)
    card: PermitCard = context["card"]
    visits = list(visits_with(account, card.permit_id, now=now)[:_SHOWN])
    return context | {
        "visits": visits,
        "waits": any(card.permit_id in entry.permit_ids for entry in entries_of(account)),
        "is_own": card.holding is Holding.OWN,
        "account_id": account.pk,
    }


def _shown(card: PermitCard, left: dict[int, int]) -> Shown:
    if card.limit is None:
        return Shown(card, "")
    number = left.get(card.permit_id, 0)
    return Shown(card, sentences.visits_left(left=number, limit=card.limit), is_used_up=number <= 0)
