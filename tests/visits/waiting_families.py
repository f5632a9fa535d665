"""Families that wait, for the tests of the waiting list."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from parloir.visits.models import Offer, WaitingEntry
from parloir.visits.operations import WaitingWish, cancel_visit, join_waiting_list, offer_place
from parloir.visits.rules import OfferState, Terms
from tests.factories import NOW
from tests.visits.families import Family

SOON = NOW + timedelta(minutes=1)


def terms(**about):
    """Return terms that suit any slot of the tests."""
    anything = {
        "first_day": date(2026, 11, 2),
        "last_day": date(2026, 12, 31),
        "weekdays": (1, 2, 3, 4, 5, 6, 7),
        "earliest": time(0),
        "latest": time(23, 59),
    }
    return Terms(**{**anything, **about})


def wait(family, *permits, now=NOW, accessible=False, **about):
    """Have a family wait."""
    ids = frozenset(permit.pk for permit in permits or [family.permit])
    wish = WaitingWish(permit_ids=ids, terms=terms(**about), accessible=accessible)
    return join_waiting_list(account=family.account, detainee_id=family.detainee.pk, wish=wish, now=now)


def full(*, capacity=1):
    """Return families that have taken all the places of one slot."""
    first = Family()
    first.slot.capacity = capacity
    first.slot.save()
    families = [first, *(Family(slot=first.slot) for _ in range(capacity - 1))]
    for family in families:
        family.visit = family.book()
    return families


def cancel(family, now=NOW):
    return cancel_visit(booker=family.account, visit_id=family.visit.pk, now=now)


def offer_reserved(now=NOW):
    """Do what the jobs do: find the families of the reserved places."""
    for offer in Offer.objects.filter(state=OfferState.RESERVED).order_by("pk"):
        offer_place(offer_id=offer.pk, now=now)


def states():
    return list(Offer.objects.order_by("pk").values_list("state", flat=True))


def open_offer():
    return Offer.objects.get(state=OfferState.OPEN)


def ends():
    return list(WaitingEntry.objects.order_by("pk").values_list("end_cause", flat=True))


@pytest.fixture
def owner():
    """A family that has the only place of a slot."""
    return full()[0]


@pytest.fixture
def one(owner):
    """A family that waits for it."""
    family = Family(slot=owner.slot)
    wait(family)
    return family


@pytest.fixture
def two(owner, one):
    """A family that has waited a minute less."""
    family = Family(slot=owner.slot)
    wait(family, now=SOON)
    return family


def whose():
    """Return the account that is offered a place."""
    return open_offer().entry.account
