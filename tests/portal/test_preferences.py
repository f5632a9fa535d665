"""A person's preferences, their telephone, and the pages that stop messages: plain POSTs, without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from parloir.notifications.models import Contact, PhoneCode
from parloir.notifications.operations import note_returned_address
from parloir.notifications.queries import choices_of, code_of, withdraw_url
from parloir.notifications.rules import Channel, Choices
from parloir.people.models import Account
from tests.factories import NOW, ContactFactory
from tests.mailbox import visible
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/espace/preferences/"
NUMBER = "+33612345678"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sophie():
    """A browser in which Sophie is signed in; her address is confirmed, her telephone unknown."""
    contact = ContactFactory(email="sophie@example.org")
    browser = signed_in(contact.account)
    browser.account_id = contact.account_id
    return browser


def shown(response):
    return visible(response.content.decode().partition("<main")[2].partition("</main>")[0])


def box(response, name):
    """Return whether a box is ticked, None when it is not there."""
    _, found, rest = response.content.decode().partition(f'name="{name}"')
    return "checked" in rest.partition(">")[0] if found else None


def has_phone(sophie, **more):
    Contact.objects.update(phone=NUMBER, phone_confirmed_at=NOW, **more)
    return sophie


def stop_path(account_id, channel):
    return "/m/" + withdraw_url(account_id, channel).partition("/m/")[2]


# Choices ---------------------------------------------------------------------------------


def test_at_first_the_reminder_by_email_is_on_and_sms_ask_for_a_telephone(sophie):
    page = sophie.get(PAGE)

    assert (box(page, "rappel_courriel"), box(page, "sms")) == (True, None)
    assert "donnez d’abord votre téléphone" in shown(page)
    assert "sophie@example.org" in shown(page)


def test_with_a_telephone_the_box_for_sms_is_there_and_not_ticked(sophie):
    page = has_phone(sophie).get(PAGE)

    assert box(page, "sms") is False
    assert "06 12 34 56 78" in shown(page)


def test_choices_are_kept_with_the_date_of_consent(sophie):
    has_phone(sophie)

    answer = sophie.post(PAGE, {"sms": "on", "appareil": "on", "langue": "en"}, follow=True)

    assert answer.redirect_chain == [(f"{PAGE}?fait=enregistre", 302)]
    assert choices_of(sophie.account_id) == Choices(email_reminder=False, phone=NUMBER, sms_since=NOW)
    assert "Vous avez accepté les SMS le lundi 2 novembre 2026." in shown(answer)
    assert Account.objects.get(pk=sophie.account_id).language == "en"


def test_the_whole_address_goes_into_the_calendar_of_whoever_asks_for_it(sophie):
    assert box(sophie.get(PAGE), "rue_agenda") is False

    sophie.post(PAGE, {"rappel_courriel": "on", "rue_agenda": "on", "langue": "fr"})

    assert choices_of(sophie.account_id).street_in_calendar is True
    assert box(sophie.get(PAGE), "rue_agenda") is True
    sophie.post(PAGE, {"rappel_courriel": "on", "langue": "fr"})
    assert choices_of(sophie.account_id).street_in_calendar is False


def test_a_chosen_language_outlives_the_next_sign_in(sophie):
    sophie.post(PAGE, {"rappel_courriel": "on", "langue": "en"})

    signed_in(Account.objects.get())

    assert Account.objects.get().language == "en"


def test_unticking_withdraws_consent_in_one_press(sophie):
    has_phone(sophie, sms_since=NOW)

    sophie.post(PAGE, {"rappel_courriel": "on", "appareil": "on", "langue": "fr"})

    assert choices_of(sophie.account_id) == Choices(phone=NUMBER, sms_ended=NOW)


def test_a_hand_written_request_gets_no_sms_without_a_telephone(sophie):
    sophie.post(PAGE, {"rappel_courriel": "on", "sms": "on", "appareil": "on", "langue": "fr"})

    assert choices_of(sophie.account_id) == Choices()


def test_an_unknown_language_is_refused_and_nothing_is_kept(sophie):
    answer = sophie.post(PAGE, {"langue": "xx"})

    assert answer.status_code == 400
    assert choices_of(sophie.account_id) == Choices()


def test_who_reads_another_language_is_offered_messages_in_it_until_they_choose(sophie):
    sophie.cookies["langue"] = "ar"
    offered = sophie.get("/espace/").content.decode()

    answer = sophie.post("/espace/preferences/langue/", {"langue": "ar"})

    assert 'action="/espace/preferences/langue/"' in offered
    assert 'name="langue" value="ar">تلقي رسائلي بالعربية</button>' in offered
    assert answer["Location"] == f"{PAGE}?fait=enregistre"
    account = Account.objects.get(pk=sophie.account_id)
    assert (account.language, account.language_chosen) == ("ar", True)
    sophie.cookies["langue"] = "en"
    assert "/espace/preferences/langue/" not in sophie.get("/espace/").content.decode()


def test_the_plain_manner_of_french_has_messages_in_french(sophie):
    sophie.cookies["langue"] = "fr-x-facile"

    assert "/espace/preferences/langue/" not in sophie.get("/espace/").content.decode()
    assert sophie.post("/espace/preferences/langue/", {"langue": "fr-x-facile"})["Location"] == PAGE
    assert sophie.get("/espace/preferences/langue/")["Location"] == PAGE
    assert Account.objects.get(pk=sophie.account_id).language == "fr"


@pytest.mark.parametrize("page", [PAGE, "/espace/"])
@pytest.mark.parametrize(("agreed", "said"), [(False, "donnez votre téléphone"), (True, "aussi par SMS")])
def test_a_dead_address_is_said_in_the_space(sophie, page, agreed, said):
    has_phone(sophie, sms_since=NOW if agreed else None)
    assert "Nos e-mails ne vous parviennent plus" not in shown(sophie.get(page))

    note_returned_address(email="sophie@example.org", now=NOW)

    assert "Nos e-mails ne vous parviennent plus" in shown(sophie.get(page))
    assert said in shown(sophie.get(page))
    assert "Vérifier mon adresse" in shown(sophie.get(page))
    assert "Confirmez votre adresse e-mail" not in shown(sophie.get(page))


# The telephone ---------------------------------------------------------------------------


def test_a_telephone_is_given_then_confirmed_by_its_code(sophie):
    asked = sophie.post(f"{PAGE}telephone/", {"telephone": "06 12 34 56 78"}, follow=True)
    assert asked.redirect_chain == [(f"{PAGE}telephone/code/", 302)]
    assert "06 12 34 56 78" in shown(asked)
    digits = code_of(PhoneCode.objects.get())

    done = sophie.post(f"{PAGE}telephone/code/", {"code": f" {digits[:3]} {digits[3:]} "}, follow=True)

    assert done.redirect_chain == [(f"{PAGE}?fait=telephone", 302)]
    assert "cochez la case plus bas" in shown(done)
    assert choices_of(sophie.account_id) == Choices(phone=NUMBER)
    assert "Votre code a déjà servi, ou son temps est passé." in shown(sophie.get(f"{PAGE}telephone/code/"))


@pytest.mark.parametrize("typed", ["", "01 42 34 56 78", "abc", "0" * 31, "\0"])
def test_what_is_no_mobile_number_is_said_plainly_and_sent_nowhere(sophie, typed):
    answer = sophie.post(f"{PAGE}telephone/", {"telephone": typed})

    assert answer.status_code == 400
    assert PhoneCode.objects.count() == 0


def test_a_wrong_code_says_how_many_tries_are_left(sophie):
    sophie.post(f"{PAGE}telephone/", {"telephone": NUMBER})
    wrong = f"{(int(code_of(PhoneCode.objects.get())) + 1) % 1_000_000:06}"

    answers = [sophie.post(f"{PAGE}telephone/code/", {"code": wrong}) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {400}
    assert "Il vous reste 4 essais." in shown(answers[0])
    assert "Il vous reste 1 essai." in shown(answers[3])
    assert "Votre code a déjà servi, ou son temps est passé." in shown(answers[5])
    assert choices_of(sophie.account_id) == Choices()


def test_a_code_may_be_typed_in_the_digits_of_another_script(sophie):
    sophie.post(f"{PAGE}telephone/", {"telephone": NUMBER})
    digits = code_of(PhoneCode.objects.get()).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    sophie.post(f"{PAGE}telephone/code/", {"code": f"\u200f{digits[:3]} {digits[3:]}"})

    assert choices_of(sophie.account_id).phone == NUMBER


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥"])
def test_what_is_no_code_costs_no_try(sophie, typed):
    sophie.post(f"{PAGE}telephone/", {"telephone": NUMBER})

    assert sophie.post(f"{PAGE}telephone/code/", {"code": typed}).status_code == 400
    assert PhoneCode.objects.get().tries == 0


def test_another_code_may_be_asked_for_after_a_minute(sophie, clock):
    sophie.post(f"{PAGE}telephone/", {"telephone": NUMBER})

    soon = sophie.post(f"{PAGE}telephone/renvoyer/")
    clock.move_to(NOW + timedelta(minutes=1))
    later = sophie.post(f"{PAGE}telephone/renvoyer/", follow=True)

    assert soon.status_code == 429
    assert "après 10 h 01 (heure de Paris)" in shown(soon)
    assert later.redirect_chain == [(f"{PAGE}telephone/code/?fait=renvoye", 302)]
    assert PhoneCode.objects.count() == 2


def test_without_a_code_awaited_there_is_nothing_to_send_again(sophie):
    assert sophie.post(f"{PAGE}telephone/renvoyer/").headers["location"] == f"{PAGE}telephone/"


def test_a_telephone_is_removed_with_its_consent(sophie):
    has_phone(sophie, sms_since=NOW)

    page = sophie.post(f"{PAGE}telephone/retirer/", follow=True)

    assert choices_of(sophie.account_id) == Choices(sms_ended=NOW)
    assert "Votre téléphone est enlevé" in shown(page)


@pytest.mark.parametrize("path", ["telephone/renvoyer/", "telephone/retirer/"])
def test_what_changes_something_is_no_link(sophie, path):
    assert sophie.get(PAGE + path).status_code == 405


# Stopping --------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", list(Channel))
def test_the_link_opens_without_signing_in_and_only_its_button_stops(sophie, channel):
    has_phone(sophie, sms_since=NOW)
    path, nobody = stop_path(sophie.account_id, channel), Client()

    looked = nobody.get(path)
    before = choices_of(sophie.account_id)
    done = nobody.post(path)

    assert (looked.status_code, done.status_code) == (200, 200)
    assert "Oui, arrêter" in shown(looked)
    assert (before.email_reminder, before.sms_since) == (True, NOW)
    after = choices_of(sophie.account_id)
    assert (after.email_reminder, after.sms_since is not None) == (channel == "sms", channel == "email")
    assert "C’est arrêté" in shown(done)
    for page in (looked, done):
        assert "DURAND" not in page.content.decode()
        assert "sophie@" not in page.content.decode()
        assert "612345678" not in page.content.decode()


@pytest.mark.parametrize("channel", list(Channel))
def test_the_mail_programmes_own_button_posts_without_a_page_or_a_token_of_a_form(sophie, channel):
    has_phone(sophie, sms_since=NOW)
    machine = Client(enforce_csrf_checks=True)
    path = f"{stop_path(sophie.account_id, channel)}un-clic/"

    looked = machine.get(path)
    done = machine.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert (looked.status_code, done.status_code, done.content) == (405, 200, b"")
    after = choices_of(sophie.account_id)
    assert (after.email_reminder, after.sms_since is not None) == (channel == "sms", channel == "email")


def test_the_button_of_the_page_needs_its_own_forms_token(sophie):
    stranger = Client(enforce_csrf_checks=True)

    assert stranger.post(stop_path(sophie.account_id, Channel.EMAIL)).status_code == 403
    assert choices_of(sophie.account_id).email_reminder


@pytest.mark.parametrize(("token", "status"), [("s1-AAAAAAAAAAAA", 404), ("x", 404), ("%00", 400), ("é" * 40, 404)])
def test_a_forged_link_stops_nothing(token, status):
    nobody = Client()

    assert nobody.get(f"/m/{token}/").status_code == status
    assert nobody.post(f"/m/{token}/").status_code == status
    assert nobody.post(f"/m/{token}/un-clic/").status_code == status
