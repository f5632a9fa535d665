"""The pages of the waiting list: answer an offer, be told of an opening."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parloir.permits.models import Permit
from parloir.visits.models import Offer, OpeningAlert, Visit, WaitingEntry
from tests.factories import SlotFactory
from tests.portal.waiting_pages import (
    asked,
    at_two,
    offered,
    text,
    waits_now,
)
from tests.signed_in import signed_in
from tests.visits.families import Family, broken, taken

pytestmark = pytest.mark.django_db


# Offers -----------------------------------------------------------------------------------


def test_an_offer_is_shown_in_the_space_and_on_the_list(owner, family):
    waits_now(family)
    offer = offered(owner)

    for page in ("/espace/", "/espace/attente/"):
        shown = text(family.browser.get(page))
        assert f"/espace/attente/{offer.pk}/" in shown
        assert "Une place est gardée pour vous" in shown


def test_the_page_of_an_offer_says_when_where_who_and_until_when(owner, family):
    waits_now(family)
    offer = offered(owner)

    page = text(family.browser.get(f"/espace/attente/{offer.pk}/"))

    for said in (
        "Elle est à vous jusqu’à",
        "Paul MARTIN",
        "Sophie DURAND",
        family.wing.establishment.name,
        "Accepter",
        "Non merci",
    ):
        assert said in page


def test_one_tap_accepts(owner, family):
    waits_now(family)
    offer = offered(owner)

    answer = family.browser.post(f"/espace/attente/{offer.pk}/", {"reponse": "oui"})
    again = family.browser.post(f"/espace/attente/{offer.pk}/", {"reponse": "oui"})

    visit = Visit.objects.get(status="booked")
    assert answer.headers["location"] == f"/espace/rendez-vous/{visit.reference}/?confirme=1"
    assert again.headers["location"] == answer.headers["location"]
    assert "Vous l’avez acceptée" in text(family.browser.get(f"/espace/attente/{offer.pk}/"))
    assert (taken(owner.slot), broken(timezone.now())) == (1, set())


def test_one_tap_declines(owner, family):
    waits_now(family)
    offer = offered(owner)

    answer = family.browser.post(f"/espace/attente/{offer.pk}/", {"reponse": "non"})

    assert answer.headers["location"] == "/espace/attente/?refuse=1"
    assert "La place passe à une autre famille." in text(family.browser.get(answer.headers["location"]))
    assert "Cette proposition est terminée" in text(family.browser.get(f"/espace/attente/{offer.pk}/"))
    assert taken(owner.slot) == 0


def test_an_offer_passed_on_is_said_to_be_over(owner, family):
    waits_now(family)
    offer = offered(owner)
    Offer.objects.update(state="expired", ended_at=timezone.now())

    answer = family.browser.post(f"/espace/attente/{offer.pk}/", {"reponse": "oui"})

    assert answer.status_code == 409
    assert "Vous gardez votre rang dans la liste." in text(answer)
    assert "Accepter" not in text(answer)


def test_what_stands_in_the_way_is_said_and_the_offer_stays(owner, family):
    waits_now(family)
    offer = offered(owner)
    family.permit.status = "withdrawn"
    family.permit.save()

    answer = family.browser.post(f"/espace/attente/{offer.pk}/", {"reponse": "oui"})

    assert answer.status_code == 409
    assert "Le permis a été retiré." in text(answer)
    assert "Accepter" in text(answer)


def test_nobody_else_sees_or_answers(owner, family):
    entry = waits_now(family)
    offer = offered(owner)
    stranger = signed_in(Family(wing=family.wing, slot=family.slot).account)

    addresses = [f"/espace/attente/{offer.pk}/", f"/espace/attente/quitter/{entry.pk}/"]
    addresses += [f"/espace/attente/{part}/{family.detainee.pk}/" for part in ("rejoindre", "ouverture")]
    for address in addresses:
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, asked(family.permit)).status_code == 404
    assert (Offer.objects.get().state, WaitingEntry.objects.get().end_cause) == ("open", "")
    assert "gardée pour vous" not in text(stranger.get("/espace/"))


def test_the_home_of_the_space_costs_one_statement_more_than_two_with_an_offer(owner, family):
    with CaptureQueriesContext(connection) as without:
        family.browser.get("/espace/")
    waits_now(family)
    offered(owner)
    with CaptureQueriesContext(connection) as having:
        family.browser.get("/espace/")

    assert len(having) - len(without) == 1


# Openings ---------------------------------------------------------------------------------


def test_one_asks_to_be_told_when_days_open(family):
    SlotFactory(wing=family.wing, starts_at=at_two(40))
    address = f"/espace/attente/ouverture/{family.detainee.pk}/"

    calendar = text(family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/"))
    before = text(family.browser.get(address))
    after = text(family.browser.post(address))

    assert address in calendar
    assert "Nous vous écrirons à cette heure." in before
    assert "C’est noté : nous vous écrirons le" in after
    assert OpeningAlert.objects.get().day == at_two(40).date()


def test_the_suspended_are_told_why_and_offered_no_opening(family):
    SlotFactory(wing=family.wing, starts_at=at_two(40))
    Permit.objects.update(status="suspended")
    address = f"/espace/attente/ouverture/{family.detainee.pk}/"

    page = text(family.browser.get(address))
    asked = family.browser.post(address)

    assert "suspendu" in page
    assert "Nous vous écrirons à cette heure." not in page
    assert (asked.status_code, asked.headers["location"]) == (302, address)
    assert OpeningAlert.objects.count() == 0


def test_without_a_day_to_open_the_page_says_so(family):
    address = f"/espace/attente/ouverture/{family.detainee.pk}/"

    assert "Nous ne savons pas encore" in text(family.browser.get(address))
    assert family.browser.post(address).headers["location"] == address
    assert OpeningAlert.objects.count() == 0
