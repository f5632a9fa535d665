"""Whom a relative can call or write to: the prisons of their permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from parloir.permits.queries.cards import cards_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest


@require_safe
def contacts(request: AccountRequest) -> HttpResponse:
    """Show the telephone and the address of each prison of the account's permits, as far as it may know them."""
    cards = cards_of(request.account, now=timezone.now())
    prisons = {card.place.pk: card.place for card in cards if card.place}
    return render(request, "portal/contacts.html", {"prisons": list(prisons.values())})
