"""What the home of a space shows: the next visit, what needs attention, and the ways to everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parloir.notifications.queries import address_of, choices_of
from parloir.permits.queries.cards import cards_of, elsewhere_cards
from parloir.permits.rules import PermitState
from parloir.portal.countdown import countdown
from parloir.portal.documents.house_rules import house_rules
from parloir.portal.documents.routes import routes_to
from parloir.visits.queries.drafts import drafts_of
from parloir.visits.queries.mine import lost_visits_of, upcoming_visits_of
from parloir.visits.queries.waiting import offers_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from parloir.establishments.models import Establishment
    from parloir.people.models import Account
    from parloir.portal.documents.routes import Route
    from parloir.visits.models import Visit

UPCOMING = 4
"""Visits shown: the next one in full, then a line for each of the others."""

LOST = 3
PERMITS = 8
_WORRYING = {PermitState.SUSPENDED, PermitState.SUSPENDED_UNTIL}


@dataclass(frozen=True)
class NextVisit:
    """The next visit, with all that a person wants to know before leaving home."""

    visit: Visit
    prison: Establishment
    zone: ZoneInfo
    in_words: str
    people: list[str]
    rules: list[str]
    routes: list[Route]


def home_context(account: Account, *, now: datetime) -> dict[str, Any]:
    """Return what the page shows, in a fixed number of statements: each person once, by their best permit."""
    every = cards_of(account, now=now)
    cards = [card for card in every if card.is_best]
    upcoming = list(upcoming_visits_of(account, now=now)[:UPCOMING])
    drafts = drafts_of(account, now=now)
    lost = list(lost_visits_of(account, now=now)[:LOST])
    return {
        "coming": _next(upcoming, now=now),
        "later": upcoming[1:],
        "lost": lost,
        "drafts": drafts,
        "offers": offers_of(account),
        "elsewhere": elsewhere_cards(account, now=now),
        "cards": cards[:PERMITS],
        "worrying": [card for card in cards if card.ends_soon or card.state in _WORRYING],
        "can_book": any(card.bookable for card in every),
        "is_new": not (cards or upcoming or drafts or lost),
        "address": address_of(account.pk),
        "choices": choices_of(account.pk),
    }


def _next(upcoming: Sequence[Visit], *, now: datetime) -> NextVisit | None:
    if not upcoming:
        return None
    visit = upcoming[0]
    prison = visit.slot.wing.establishment
    return NextVisit(
        visit=visit,
        prison=prison,
        zone=prison.zone,
        in_words=countdown(visit.slot.starts_at, zone=prison.zone, now=now),
        people=[attendance.told_name for attendance in visit.coming],
        rules=house_rules(visit),
        routes=routes_to(prison),
    )
