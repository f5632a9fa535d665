"""The pages of the waiting list: ask, see one's rank, answer an offer, leave, be told of an opening."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parloir.people.models import Detainee
from parloir.visits.models import Offer, WaitingEntry
from parloir.visits.operations import VisitRefused
from parloir.visits.rules import Code, Refusal
from tests.factories import SlotFactory
from tests.portal.waiting_pages import (
    at_two,
    join,
    text,
    today,
    waits_now,
)
from tests.visits.families import Family, slot_in
from tests.visits.waiting_families import wait

pytestmark = pytest.mark.django_db


# The way there ----------------------------------------------------------------------------


def test_where_nothing_is_left_the_page_leads_to_the_list(owner, family):
    page = text(family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/"))

    assert f"/espace/attente/rejoindre/{family.detainee.pk}/" in page
    assert "Prévenez-moi à l’ouverture" not in page


def test_where_a_place_is_left_the_page_does_not(owner, family):
    SlotFactory(wing=family.wing, starts_at=at_two(10))

    assert "/espace/attente/" not in text(family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/"))


def test_a_full_day_leads_to_the_list(owner, family):
    SlotFactory(wing=family.wing, starts_at=at_two(10))
    day = owner.slot.local_date.isoformat()

    page = text(family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/?jour={day}"))

    assert f"/espace/attente/rejoindre/{family.detainee.pk}/" in page


# Asking -----------------------------------------------------------------------------------


def test_the_form_begins_with_ones_own_permit_and_every_day_with_slots(family):
    page = family.browser.get(f"/espace/attente/rejoindre/{family.detainee.pk}/").content.decode()

    assert page.count("checked") == 5  # oneself, the one day, morning, afternoon, a day's notice
    assert "S’inscrire sur la liste d’attente" in page


def test_asking_puts_the_family_on_the_list(family, week):
    child = family.add()

    answer = join(family, family.permit, child, jours=["3", "6"], moments=["apres-midi"], delai="72")

    assert answer.headers["location"] == "/espace/attente/?demande=1"
    entry = WaitingEntry.objects.get()
    assert entry.permit_ids == sorted([family.permit.pk, child.pk])
    assert (entry.weekdays, entry.earliest.hour, entry.latest.hour, entry.notice_hours) == ([3, 6], 12, 23, 72)


@pytest.mark.parametrize(
    ("moments", "words"),
    [(["matin"], "le matin"), (["apres-midi"], "l’après-midi"), (["matin", "apres-midi"], "le matin et l’après-midi")],
)
def test_the_list_says_what_was_asked_for(family, week, moments, words):
    join(family, moments=moments, jours=["3"], delai="48")

    page = text(family.browser.get("/espace/attente/?demande=1"))

    assert f"Mercredi, {words}<" in page
    assert "C’est fait : vous êtes sur la liste." in page
    assert "2 jours avant au moins" in page
    assert "Comment l’ordre est décidé" in page


def test_changing_ones_request_shows_it_first_and_keeps_the_turn(family, week):
    join(family, moments=["matin"], jours=["3"], delai="72")
    since = WaitingEntry.objects.get().since

    page = family.browser.get(f"/espace/attente/rejoindre/{family.detainee.pk}/").content.decode()
    join(family, delai="168")

    assert "Changer ma demande" in page
    assert re.search(r'value="matin"[^>]*checked', page)
    assert not re.search(r'value="apres-midi"[^>]*checked', page)
    assert re.search(r'value="72"[^>]*checked', page)
    entry = WaitingEntry.objects.get()
    assert (entry.since, entry.notice_hours) == (since, 168)


def test_what_is_missing_is_said_field_by_field(family):
    answer = family.browser.post(f"/espace/attente/rejoindre/{family.detainee.pk}/", {"du": ""})

    page = text(answer)
    assert answer.status_code == 400
    for said in (
        "Choisissez au moins une personne",
        "Écrivez une date",
        "Choisissez au moins un jour.",
        "Choisissez le matin, l’après-midi, ou les deux.",
    ):
        assert said in page


def test_a_child_alone_is_refused_by_name(family):
    child = family.add()

    answer = join(family, child)

    assert answer.status_code == 409
    assert "Avant 18 ans, on vient avec un adulte." in text(answer)
    assert WaitingEntry.objects.count() == 0


def test_a_senseless_period_is_refused(family):
    answer = join(family, au=(today() - timedelta(days=1)).isoformat())

    assert answer.status_code == 409
    assert "du premier jour au dernier, de 60 jours au plus" in text(answer)


def test_a_prison_not_yet_known_is_shown_nowhere(family):
    waits_now(family)
    Detainee.objects.update(disclose_from=today() + timedelta(days=5))
    WaitingEntry.objects.update(active_from=today() + timedelta(days=5))

    pages = [f"/espace/attente/rejoindre/{family.detainee.pk}/", "/espace/attente/"]
    pages.append(f"/espace/attente/ouverture/{family.detainee.pk}/")

    for page in pages:
        assert family.wing.establishment.name not in family.browser.get(page).content.decode()
    assert "Votre demande compte à partir du" in text(family.browser.get("/espace/attente/"))


# Waiting ----------------------------------------------------------------------------------


def test_without_a_wait_the_page_says_how_to_begin(family):
    page = text(family.browser.get("/espace/attente/"))

    assert "Vous n’attendez pas de place." in page
    assert "/espace/rendez-vous/nouveau/" in page


def test_the_rank_is_honest(owner, family):
    waits_now(Family(slot=owner.slot))
    waits_now(Family(slot=owner.slot), first_day=today() + timedelta(days=30), last_day=today() + timedelta(days=40))
    waits_now(family)
    waits_now(Family(slot=owner.slot))

    page = text(family.browser.get("/espace/attente/"))

    assert "2 sur 3" in page
    assert "1 famille est avant vous" in page


def test_the_first_is_told_so(family):
    waits_now(family)

    assert "La prochaine place qui vous convient est pour vous." in text(family.browser.get("/espace/attente/"))


def test_a_group_of_which_one_can_no_longer_come_is_warned(family):
    child = family.add()
    waits_now(family)
    WaitingEntry.objects.update(permit_ids=[family.permit.pk, child.pk])
    child.registrations.all().delete()

    assert "Une des personnes de ce groupe ne peut plus venir." in text(family.browser.get("/espace/attente/"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(family, rows):
    for _ in range(rows):
        entry = waits_now(Family(wing=family.wing, slot=family.slot))
        WaitingEntry.objects.filter(pk=entry.pk).update(account=family.account)

    with CaptureQueriesContext(
        connection,
    ) as counted:
        family.browser.get("/espace/attente/")

    assert len(counted) == 5


def test_leaving_asks_first(family):
    entry = waits_now(family)

    asked_first = family.browser.get(f"/espace/attente/quitter/{entry.pk}/")
    assert "Ne plus attendre ?" in text(asked_first)
    assert WaitingEntry.objects.get().end_cause == ""

    answer = family.browser.post(f"/espace/attente/quitter/{entry.pk}/")
    assert answer.headers["location"] == "/espace/attente/"
    assert WaitingEntry.objects.get().end_cause == "left"


def test_the_moved_wait_shows_every_day_and_no_notice(family):
    waits_now(family)
    WaitingEntry.objects.update(notice_hours=0, last_day=date(2099, 1, 1))

    page = family.browser.get(f"/espace/attente/rejoindre/{family.detainee.pk}/").content.decode()

    assert re.search(r'value="24"[^>]*checked', page)
    assert "avant au moins" not in text(family.browser.get("/espace/attente/"))


@pytest.mark.parametrize("press", ["leave_waiting_list", "decline_offer"])
def test_a_press_that_meets_another_writer_is_told_to_be_tried_again(family, monkeypatch, press):
    def busy(**_):
        raise VisitRefused([Refusal(Code.TRY_AGAIN)])

    today = timezone.localdate()
    entry = wait(family, now=timezone.now(), first_day=today, last_day=today + timedelta(days=30))
    until = timezone.now() + timedelta(hours=1)
    offer = Offer.objects.create(
        slot=slot_in(family.wing, days=40, taken=1), entry=entry, state="open", made_at=until, expires_at=until
    )
    monkeypatch.setattr(f"parloir.portal.views.waiting.{press}", busy)
    address = f"quitter/{entry.pk}/" if press == "leave_waiting_list" else f"{offer.pk}/"

    answer = family.browser.post(f"/espace/attente/{address}", {"reponse": "non"})

    assert answer.status_code == 409
    assert "réessayez" in text(answer)
