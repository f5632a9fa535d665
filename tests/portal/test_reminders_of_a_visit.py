"""What a visit's page says of its reminders, and the SMS that is wanted before there is a telephone to send it to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.notifications.models import Contact, PhoneCode
from parloir.visits.models import Visit
from tests.factories import AccountFactory
from tests.notifications.test_phones import code_of
from tests.portal.booking import about, choose, confirm, new, press, who, words
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

NUMBER = "+33612345678"


def page_of(family):
    return words(family.browser.get(about(Visit.objects.get())))


def booked(family, **more):
    choose(family)
    who(family, family.permit)
    press(family, **more)
    return Visit.objects.get()


def has_phone(**more):
    Contact.objects.update(phone=NUMBER, phone_confirmed_at=timezone.now(), **more)


def test_an_sms_wished_for_without_a_telephone_is_noted_and_holds_once_the_number_is_confirmed(family):
    visit = booked(family, rappel_sms="on")
    assert "C’est noté : un SMS" in page_of(family)
    assert "Donner mon téléphone" in page_of(family)

    asked = family.browser.post("/espace/preferences/telephone/", {"telephone": NUMBER}, follow=True)
    assert "C’est noté : un SMS la veille du rendez-vous du" in words(asked)
    sent = {"code": code_of(PhoneCode.objects.get())}
    done = family.browser.post("/espace/preferences/telephone/code/", sent)

    assert done.headers["location"] == f"{about(visit)}?fait=telephone#rappels"
    assert "Rappel par SMS : le" in page_of(family)
    assert "06 12 34 56 78" in page_of(family)


def test_the_page_says_which_reminders_leave_when_and_where(family):
    booked(family)
    page = page_of(family)

    assert "Rappel par e-mail : le" in page
    assert Contact.objects.get().email in page
    assert "Pas de rappel par SMS." in page


def test_an_sms_about_one_visit_is_asked_for_and_stopped_on_its_page(family):
    visit = booked(family)
    has_phone()

    for wanted in ("oui", "oui", "non", "non", "oui"):
        answer = family.browser.post(about(visit, "rappels/"), {"sms": wanted})
        assert answer.headers["location"] == f"{about(visit)}#rappels"
        visit.refresh_from_db()
        assert (visit.sms_reminder, visit.sms_agreed_at is not None) == (wanted == "oui", wanted == "oui")
        assert ("Rappel par SMS : le" in page_of(family)) is (wanted == "oui")


def test_opening_the_address_of_the_button_changes_nothing(family):
    visit = booked(family)

    assert family.browser.get(about(visit, "rappels/")).status_code == 302
    assert Visit.objects.get().sms_reminder is False


def test_nobody_else_chooses_the_reminders_of_a_visit(family):
    visit = booked(family)

    answer = signed_in(AccountFactory()).post(about(visit, "rappels/"), {"sms": "oui"})

    assert answer.status_code == 404
    assert Visit.objects.get().sms_reminder is False


@pytest.mark.parametrize("status", ["cancelled", "past"])
def test_a_visit_that_is_not_to_come_says_nothing_of_reminders_and_takes_no_wish(family, status):
    visit = booked(family)
    if status == "cancelled":
        family.browser.post(about(visit, "annuler/"))
    else:
        starts_at = timezone.now() - timedelta(hours=1)
        visit.slot.starts_at, visit.slot.ends_at = starts_at, starts_at + timedelta(minutes=45)
        visit.slot.save()

    assert "Vos messages et rappels" not in page_of(family)
    assert family.browser.post(about(visit, "rappels/"), {"sms": "oui"}).status_code == 404


def test_a_visit_booked_after_its_reminder_would_have_left_says_that_none_does(family):
    visit = booked(family)
    Visit.objects.update(booked_at=visit.slot.starts_at - timedelta(hours=1))

    page = page_of(family)

    assert "il n’y a pas de rappel la veille" in page
    assert "Rappel par e-mail" not in page


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_check_and_the_visit_say_where_messages_go_and_how_to_confirm_the_address(family, confirmed):
    Contact.objects.update(email_confirmed_at=timezone.now() if confirmed else None)
    choose(family)
    who(family, family.permit)
    check = words(family.browser.get(new(family, "verifier/")))
    confirm(family, family.permit)

    for page in (check, page_of(family)):
        assert Contact.objects.get().email in page
        assert ("Votre adresse e-mail : confirmez-la" in page) is not confirmed


def test_a_message_sent_again_leads_back_to_where_it_was_asked_for(family):
    Contact.objects.update(email_confirmed_at=None)
    visit = booked(family)

    answer = family.browser.post("/espace/courriel/renvoyer/", {"suite": about(visit)}, follow=True)

    assert answer.redirect_chain[-1][0].startswith(about(visit))
    assert "Le message est reparti" in words(answer)
