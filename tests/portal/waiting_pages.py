"""Families in front of the pages of the waiting list."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from parloir.visits.models import Offer
from parloir.visits.operations import cancel_visit, offer_place
from tests.factories import ContactFactory, PolicyFactory, SlotFactory
from tests.signed_in import signed_in
from tests.visits.families import Family
from tests.visits.waiting_families import wait


def at_two(days=9):
    return (timezone.now() + timedelta(days=days)).replace(hour=13, minute=0, second=0, microsecond=0)


@pytest.fixture
def owner():
    """A family that has the only place of a slot nine days from now."""
    wing = PolicyFactory().wing
    owner = Family(slot=SlotFactory(wing=wing, starts_at=at_two(), capacity=1))
    owner.visit = owner.book(now=timezone.now())
    return owner


@pytest.fixture
def family(owner):
    family = Family(slot=owner.slot)
    ContactFactory(account=family.account)
    family.browser = signed_in(family.account)
    return family


@pytest.fixture
def week(family):
    """Full slots on every day of a week, so that each may be asked for."""
    for days in range(10, 16):
        SlotFactory(wing=family.wing, starts_at=at_two(days), capacity=1, taken=1)


def text(answer):
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def today():
    return timezone.localdate()


def asked(*permits, **more):
    return {
        "permis": [permit.pk for permit in permits],
        "du": today().isoformat(),
        "au": (today() + timedelta(days=29)).isoformat(),
        "jours": [str(at_two().isoweekday())],
        "moments": ["matin", "apres-midi"],
        "delai": "24",
        **more,
    }


def join(family, *permits, **more):
    ids = permits or [family.permit]
    return family.browser.post(f"/espace/attente/rejoindre/{family.detainee.pk}/", asked(*ids, **more))


def waits_now(family, **about):
    now = timezone.now()
    period = {"first_day": today(), "last_day": today() + timedelta(days=29)}
    return wait(family, now=now, **{**period, **about})


def offered(owner):
    """Free the place and find its family; return the offer."""
    now = timezone.now()
    cancel_visit(booker=owner.account, visit_id=owner.visit.pk, now=now)
    offer = Offer.objects.get()
    offer_place(offer_id=offer.pk, now=now)
    offer.refresh_from_db()
    return offer
