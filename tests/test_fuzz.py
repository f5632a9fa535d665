"""Whatever comes with a request, the answer is never that we failed."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from itertools import cycle
from types import ModuleType

import pytest
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from django.test import Client
from django.urls import clear_url_caches, path
from django.utils import timezone

from parloir.config import urls
from parloir.foundation.access import public
from parloir.notifications.queries import receipts_secret
from parloir.visits.models import WaitingEntry
from tests import fuzzing
from tests.factories import SlotFactory
from tests.portal.booking import a_family, at_two
from tests.visits.waiting_families import wait


@pytest.fixture
def everything(settings, db):
    """Every address there can be, and a signed-in person who has something at each."""
    settings.BOUNCES = {"provider": "brevo", "secret": "a:b"}
    settings.ANYMAIL = {"WEBHOOK_SECRET": "a:b"}
    all_urls = ModuleType("every_address")
    bounces = path("retours/", public(BrevoTrackingWebhookView.as_view()), name="bounces")
    all_urls.urlpatterns = [*urls.urlpatterns, bounces]
    all_urls.handler400, all_urls.handler403 = urls.handler400, urls.handler403
    all_urls.handler404, all_urls.handler500 = urls.handler404, urls.handler500
    settings.ROOT_URLCONF = all_urls
    clear_url_caches()
    fuzzing.routes.cache_clear()
    yield a_household()
    clear_url_caches()
    fuzzing.routes.cache_clear()


def a_household():
    family = a_family()
    now, today = timezone.now(), timezone.localdate()
    visit = family.book(slot=SlotFactory(wing=family.wing, starts_at=at_two(12)), now=now)
    wait(family, now=now, first_day=today, last_day=today + timedelta(days=28))
    entry = WaitingEntry.objects.get()
    known = {
        "detainee_id": [str(family.detainee.pk)],
        "registration_id": [str(family.permit.registrations.get().pk)],
        "entry_id": [str(entry.pk)],
        "offer_id": ["1"],
        "reference": [visit.reference],
        "slug": [family.wing.establishment.slug, "a"],
        "secret": [receipts_secret()],
        "token": ["t" * 32],
        "section": ["permis"],
        "creneau": [str(family.slot.pk)],
        "permis": [str(family.permit.pk)],
        "etablissement": [family.wing.establishment.slug],
        "numero": [family.permit.number],
        "date_naissance_jour": ["4"],
        "date_naissance_mois": ["5"],
        "date_naissance_annee": ["1990"],
        "nom_naissance": ["Ouvrard"],
        "prenom": ["Zoa"],
        "status": ["delivered"],
        "dlr": ["1"],
        "texte": ["Bonjour"],
        "courriel": ["zoa@example.org"],
        "telephone": ["0612345678"],
    }
    return family.browser, known


def rounds(everything, *, seed, requests):
    """Send so many requests; return those that failed."""
    browser, known = everything
    chance = random.Random(seed)
    fuzzer = fuzzing.Fuzzer(chance, known=known)
    failed, sent = [], 0
    for route in cycle(chance.sample(list(fuzzing.routes()), k=len(fuzzing.routes()))):
        if sent >= requests:
            return failed
        who = browser if chance.random() < 0.8 else Client()
        plain = fuzzing.Sent("GET", fuzzer.address(route, hostile=False))
        page = fuzzing.send(who, plain)[1] if chance.random() < 0.8 else b""
        for request in [fuzzer.wild(route), *fuzzer.filled(route, page)]:
            sent += 1
            status, _page, wrong = fuzzing.send(who, request)
            if status == 500:
                failed.append(f"{wrong} ← {request}")
    return failed


@pytest.mark.parametrize("seed", [1])
def test_no_request_makes_us_fail(everything, seed):
    assert rounds(everything, seed=seed, requests=len(fuzzing.routes()) * 2) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_request_of_ten_thousand_makes_us_fail(everything):
    seed = int(os.environ.get("FUZZ", random.randrange(10**9)))

    assert rounds(everything, seed=seed, requests=10_000) == [], f"FUZZ={seed} for the same requests"
