"""What families that wait do in the town, and what is offered to them."""

from __future__ import annotations

from datetime import time, timedelta

from parloir.visits.models import Offer, WaitingEntry
from parloir.visits.operations import (
    WaitingWish,
    accept_offer,
    decline_offer,
    end_waits_that_are_over,
    expire_offers,
    follow_those_who_moved,
    join_waiting_list,
    leave_waiting_list,
    offer_free_places,
    offer_place,
)
from parloir.visits.rules import LIVE_OFFERS, Terms
from tests.visits.town import deed, registered, some, someone


@deed
def wait(town, chance, now):
    account, detainee = someone(town, chance)
    first = now.date() + timedelta(days=chance.randint(0, 3))
    terms = Terms(
        first_day=first,
        last_day=first + timedelta(days=chance.randint(1, 9)),
        weekdays=chance.choice([(1, 2, 3, 4, 5, 6, 7), (6, 7), (7,)]),
        earliest=time.min,
        latest=time(23, 59),
        notice_hours=chance.choice([0, 0, 12]),
    )
    permits = some(chance, registered(account, detainee), most=2)
    wish = WaitingWish(permit_ids=frozenset(permits), terms=terms, accessible=chance.randint(0, 5) == 0)
    return join_waiting_list(account=account, detainee_id=detainee.pk, wish=wish, now=now)


@deed
def stop_waiting(town, chance, now):
    waiting = list(WaitingEntry.objects.select_related("account").filter(ended_at__isnull=True).order_by("pk"))
    if not waiting:
        return None
    entry = chance.choice(waiting)
    leave_waiting_list(account=entry.account, entry_id=entry.pk, now=now)
    return entry


@deed
def do_the_jobs_of_offers(town, chance, now):
    """The worker finds a family for each reserved place, as its jobs ask."""
    reserved = list(Offer.objects.filter(state="reserved").order_by("pk").values_list("pk", flat=True))
    for offer_id in reserved:
        offer_place(offer_id=offer_id, now=now)
    return reserved or None


def _an_offer(town, chance, now):
    do_the_jobs_of_offers(town, chance, now)
    offers = list(Offer.objects.select_related("entry__account").filter(entry__isnull=False).order_by("-pk")[:6])
    live = [offer for offer in offers if offer.state in LIVE_OFFERS]
    return chance.choice(live or offers) if offers else None


@deed
def accept(town, chance, now):
    offer = _an_offer(town, chance, now)
    if offer is None:
        return None
    key = f"offer-{next(town.turns)}"
    town.promised = offer.state in LIVE_OFFERS and offer.expires_at > now
    return accept_offer(account=offer.entry.account, offer_id=offer.pk, idempotency_key=key, now=now)


@deed
def decline(town, chance, now):
    offer = _an_offer(town, chance, now)
    if offer is None:
        return None
    decline_offer(account=offer.entry.account, offer_id=offer.pk, now=now)
    return offer


@deed
def sweep_the_waiting_list(town, chance, now):
    return (
        expire_offers(now=now)
        + end_waits_that_are_over(now=now)
        + follow_those_who_moved(now=now)
        + offer_free_places(now=now)
    )
