"""A relative's space: what comes next, and the way to everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from parloir.notifications.queries import address_of, choices_of
from parloir.permits.queries import cards_of, elsewhere_cards
from parloir.visits.queries.drafts import drafts_of
from parloir.visits.queries.mine import upcoming_visits_of
from parloir.visits.queries.waiting import offers_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest

UPCOMING = 3


@require_safe
def home(request: AccountRequest) -> HttpResponse:
    """Show the next visits and the permits; without a permit, where to begin."""
    now = timezone.now()
    cards = cards_of(request.account, now=now)
    context = {
        "drafts": drafts_of(request.account, now=now),
        "cards": cards,
        "can_book": any(card.bookable for card in cards),
        "elsewhere": elsewhere_cards(request.account, now=now),
        "offers": offers_of(request.account),
        "upcoming": upcoming_visits_of(request.account, now=now)[:UPCOMING],
        "address": address_of(request.account.pk),
        "choices": choices_of(request.account.pk),
    }
    return render(request, "portal/home.html", context)
