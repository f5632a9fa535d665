"""The pages of a booking and of a visit: who may see what, and what each says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from parloir.foundation.text import local_day
from parloir.people.models import Detainee
from parloir.review.operations import open_review
from parloir.review.rules import Cause, Subject, Told
from parloir.timetable.models import Slot
from parloir.visits.models import Draft, Hold, Visit
from tests.factories import PermitFactory, RegistrationFactory, SlotFactory
from tests.portal.booking import at_two, choose, confirm, new, press, who
from tests.signed_in import signed_in
from tests.visits.families import Family

pytestmark = pytest.mark.django_db


def test_with_one_detained_person_the_calendar_comes_at_once(family):
    answer = family.browser.get("/espace/rendez-vous/nouveau/")

    assert answer.status_code == 302
    assert answer.headers["location"] == f"/espace/rendez-vous/nouveau/{family.detainee.pk}/"


def test_without_a_permit_the_page_says_to_register_one(family):
    family.permit.registrations.all().delete()

    assert (
        "Commencez par enregistrer votre permis" in family.browser.get("/espace/rendez-vous/nouveau/").content.decode()
    )


def test_without_an_address_one_is_asked_for_first(family):
    family.account.contact.delete()

    answer = family.browser.get("/espace/rendez-vous/nouveau/")

    assert answer.headers["location"].startswith("/espace/courriel/?suite=")


def test_a_full_slot_is_shown_as_full(family):
    SlotFactory(wing=family.wing, starts_at=at_two() + timedelta(hours=1), taken=3)

    page = family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert "3 places" in page
    assert "complet" in page


def test_no_slot_says_when_the_next_open(family):
    Slot.objects.update(taken=3)
    SlotFactory(wing=family.wing, starts_at=at_two(45))

    page = family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert "Tous les créneaux sont complets jusqu’au" in page
    assert "Choisissez un autre" not in page
    assert "De nouveaux jours ouvrent" in page


def test_a_cause_of_the_detained_person_is_not_on_the_page(family):
    Detainee.objects.update(presence="hospital")

    page = family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert "Les visites ne sont pas possibles pour le moment." in page
    assert "hôpital" not in page.lower()
    assert "hospital" not in page.lower()


def test_a_prison_not_yet_disclosed_is_shown_nowhere(family):
    Detainee.objects.update(disclose_from=timezone.now().date() + timedelta(days=5))

    page = family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert family.wing.establishment.name not in page
    assert family.browser.get(new(family, "qui-vient/")).headers["location"] == new(family)
    assert choose(family).status_code == 409
    assert press(family).headers["location"] == new(family)
    assert Visit.objects.count() == 0


def test_those_who_cannot_come_are_shown_with_their_reason(family):
    family.add(status="withdrawn")
    choose(family)

    page = family.browser.get(new(family, "qui-vient/")).content.decode()

    assert "Le permis a été retiré." in page


def test_choosing_who_comes_leads_to_the_last_check(family):
    child = family.add()

    choose(family)

    answer = who(family, family.permit, child)

    assert answer.status_code == 302
    assert answer.headers["location"] == new(family, "verifier/")


def test_a_child_alone_is_refused_before_the_last_check(family):
    child = family.add()

    choose(family)

    answer = who(family, child)

    assert answer.status_code == 409
    assert "Avant 18 ans, on vient avec un adulte." in answer.content.decode()


def test_confirming_books_and_shows_the_reference(family):
    answer = confirm(family, family.permit)

    visit = Visit.objects.get()
    assert answer.headers["location"] == f"/espace/rendez-vous/{visit.reference}/?confirme=1"
    page = family.browser.get(answer.headers["location"]).content.decode()
    assert visit.reference in page
    assert "Rendez-vous confirmé" in page
    assert "La notification de rendez-vous parloir n’est pas un justificatif" in page


def test_confirming_twice_books_once(family):
    first, second = confirm(family, family.permit), press(family)

    assert first.headers["location"] == second.headers["location"]
    assert Visit.objects.count() == 1


def test_a_place_lost_at_the_last_moment_is_said_plainly(family):
    choose(family)
    Hold.objects.update(held=False, expires_at=timezone.now())
    Slot.objects.filter(pk=family.slot.pk).update(taken=3)

    answer = press(family)

    assert answer.status_code == 409
    assert "Ce créneau est complet." in answer.content.decode()
    assert Visit.objects.count() == 0


def test_the_box_for_sms_is_not_ticked_and_is_kept_when_it_is(family):
    choose(family)
    page = family.browser.get(new(family, "verifier/")).content.decode()
    assert "checked" not in page

    press(family, rappel_sms="on")

    assert Visit.objects.get().sms_reminder is True


def test_a_visit_that_the_prison_must_confirm_says_so_everywhere(family):
    visit = family.book(now=timezone.now())
    deadline = timezone.now() + timedelta(days=2)
    subject = Subject("visit", visit.pk)
    open_review(
        cause=Cause.DISCIPLINARY,
        subject=subject,
        establishment_id=family.wing.establishment_id,
        deadline=deadline,
        told=Told.TO_BE_CONFIRMED,
        now=timezone.now(),
    )

    page = family.browser.get(f"/espace/rendez-vous/{visit.reference}/").content.decode()

    assert f"L’établissement vous répond avant le {local_day(deadline, 'Europe/Paris')}" in page
    assert "Changer le jour" not in page
    assert "disciplin" not in page.lower()
    for address in ("/espace/", "/espace/rendez-vous/"):
        assert "À confirmer" in family.browser.get(address).content.decode()


def test_cancelling_asks_first_and_frees_the_place(family):
    confirm(family, family.permit)
    reference = Visit.objects.get().reference

    asked = family.browser.get(f"/espace/rendez-vous/{reference}/annuler/")
    assert "Annuler ce rendez-vous ?" in asked.content.decode()
    assert Slot.objects.get(pk=family.slot.pk).taken == 1

    answer = family.browser.post(f"/espace/rendez-vous/{reference}/annuler/")
    assert answer.headers["location"] == f"/espace/rendez-vous/{reference}/"
    assert Slot.objects.get(pk=family.slot.pk).taken == 0
    assert "Rendez-vous annulé" in family.browser.get(answer.headers["location"]).content.decode()


def test_a_reference_is_found_however_it_is_typed(family):
    confirm(family, family.permit)
    reference = Visit.objects.get().reference

    answer = family.browser.get(f"/espace/rendez-vous/{reference.lower().replace('-', '')}/")

    assert answer.headers["location"] == f"/espace/rendez-vous/{reference}/"


@pytest.mark.parametrize("typed", ["PAR", "😀", "x" * 300])
def test_what_is_no_reference_is_not_found(family, typed):
    assert family.browser.get(f"/espace/rendez-vous/{typed}/").status_code == 404
    assert family.browser.post(f"/espace/rendez-vous/{typed}/annuler/").status_code == 404


def test_nobody_else_sees_books_or_cancels(family):
    confirm(family, family.permit)
    reference = Visit.objects.get().reference
    stranger = signed_in(Family().account)

    for path in (f"/espace/rendez-vous/{reference}/", f"/espace/rendez-vous/{reference}/annuler/"):
        assert stranger.get(path).status_code == 404
    assert stranger.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").status_code == 404
    assert stranger.post(f"/espace/rendez-vous/{reference}/annuler/").status_code == 404
    assert press(family, browser=stranger).status_code == 404
    assert Visit.objects.get().status == "booked"


def test_without_a_session_every_page_asks_to_sign_in(family):
    nobody = Client()

    for path in (
        "/espace/rendez-vous/",
        "/espace/rendez-vous/nouveau/",
        new(family, "qui-vient/"),
        "/espace/rendez-vous/PAR-2222-22/",
    ):
        answer = nobody.get(path)
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("/connexion/?suite=")


def test_the_holder_of_an_attending_permit_sees_the_visit_but_does_not_cancel_it(family):
    partner = Family(wing=family.wing, slot=family.slot)
    theirs = PermitFactory(detainee=family.detainee)
    RegistrationFactory(account=partner.account, permit=theirs, holding="own")
    RegistrationFactory(account=family.account, permit=theirs, holding="adult")
    confirm(family, family.permit, theirs)
    reference, browser = Visit.objects.get().reference, signed_in(partner.account)

    page = browser.get(f"/espace/rendez-vous/{reference}/").content.decode()
    browser.post(f"/espace/rendez-vous/{reference}/annuler/")

    assert "pris par une autre personne" in page
    assert Visit.objects.get().status == "booked"


def test_of_a_relative_s_visit_booked_elsewhere_only_the_day_is_told(family):
    other = Family(wing=family.wing, slot=SlotFactory(wing=family.wing, starts_at=at_two() + timedelta(hours=2)))
    other.detainee = family.detainee
    RegistrationFactory(account=other.account, permit=family.permit, holding="adult")
    family.slot.wing.policy.daily_maximum_detainee = 2
    family.slot.wing.policy.save()
    confirm(family, family.permit)

    other.browser = signed_in(other.account)

    page = choose(other).content.decode()

    assert "Déjà un rendez-vous ce jour-là." in page
    assert Draft.objects.count() == 0  # nobody else could come: no place is kept in vain
    assert Visit.objects.get().reference not in page
    assert signed_in(other.account).get(f"/espace/rendez-vous/{Visit.objects.get().reference}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(family, rows, django_assert_num_queries):
    for index in range(rows):
        slot = SlotFactory(wing=family.wing, starts_at=at_two(10 + 7 * index))
        family.book(slot=slot, key=f"key-{index}", now=timezone.now())

    with django_assert_num_queries(5):
        family.browser.get("/espace/rendez-vous/")


@pytest.mark.parametrize("days", [1, 3])
def test_the_calendar_costs_the_same_whatever_its_length(family, days, django_assert_num_queries):
    for index in range(days):
        SlotFactory(wing=family.wing, starts_at=at_two(10 + index))

    with django_assert_num_queries(6):
        family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/")


def test_a_minor_is_told_who_can_book(family):
    family.account.birth_date = str(timezone.localdate() - timedelta(days=365 * 17))
    family.account.save()

    page = signed_in(family.account).get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/").content.decode()

    assert "Vous avez moins de 18 ans" in page


def test_a_minor_s_own_permit_sends_to_an_adult_not_to_the_calendar(family):
    family.account.birth_date = str(timezone.localdate() - timedelta(days=365 * 17))
    family.account.save()
    registration = family.permit.registrations.get()

    page = signed_in(family.account).get(f"/espace/permis/{registration.pk}/?fait=enregistre").content.decode()

    assert "Un adulte qui a aussi un permis prendra le rendez-vous" in page
    assert f"/espace/rendez-vous/nouveau/{family.detainee.pk}/" not in page


@pytest.mark.parametrize("query", ["?jour=hier", "?jour=2026-02-31", "?jour=", "?jour=9999-99-99"])
def test_a_senseless_day_shows_the_first_open_one(family, query):
    assert family.browser.get(f"/espace/rendez-vous/nouveau/{family.detainee.pk}/{query}").status_code == 200


@pytest.mark.parametrize("permits", ["permis=abc", "permis=" + "9" * 40, "permis=-1", "permis=1&permis=x", ""])
def test_senseless_people_are_refused_in_words(family, permits):
    choose(family)

    sent = {"content_type": "application/x-www-form-urlencoded"}
    answer = family.browser.post(new(family, "qui-vient/"), permits, **sent)

    assert answer.status_code == 400
    assert (
        "Une des réponses n’est pas possible" in answer.content.decode()
        or "au moins une personne" in answer.content.decode()
    )
