"""A telephone number of several countries is asked about: no code goes to a stranger."""

from __future__ import annotations

import re

import pytest
import time_machine

from parloir.notifications.models import PhoneCode
from tests.factories import (
    NOW,
    ContactFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PermitFactory,
    RegistrationFactory,
    WingFactory,
)
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/espace/preferences/telephone/"
SHORT = "75 12 34"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account():
    return ContactFactory(email="sophie@example.org").account


def visits_in(account, insee, **about):
    wing = WingFactory(establishment=EstablishmentFactory(insee=insee))
    permit = PermitFactory(detainee=DetaineeFactory(wing=wing, **about))
    RegistrationFactory(account=account, permit=permit)


def choices(page):
    """Return the countries that a page asks to choose from, and the one chosen so far."""
    radios = re.findall(r'<input[^>]*type="radio"[^>]*>', page.content.decode())
    return (
        [re.search(r'value="(\w+)"', radio)[1] for radio in radios if 'name="pays"' in radio],
        [re.search(r'value="(\w+)"', radio)[1] for radio in radios if "checked" in radio],
    )


def sent():
    return list(PhoneCode.objects.values_list("phone", flat=True))


def test_a_number_of_two_countries_is_asked_about_and_no_code_leaves(account):
    page = signed_in(account).post(PAGE, {"telephone": SHORT})

    assert (page.status_code, choices(page), sent()) == (400, (["PM", "NC"], []), [])
    content = page.content.decode()
    assert f'value="{SHORT}"' in content
    assert "Nouvelle-Calédonie – +687\u00a075\u00a012\u00a034" in content
    assert "Choisissez le pays de ce numéro." in content


@pytest.mark.parametrize(("insee", "likely"), [("98818", "NC"), ("97502", "PM"), ("21231", None)])
def test_the_country_of_the_prisons_of_the_account_is_proposed_and_still_asked(account, insee, likely):
    visits_in(account, insee)

    page = signed_in(account).post(PAGE, {"telephone": SHORT})

    assert (choices(page), sent()) == ((["PM", "NC"], [likely] if likely else []), [])


def test_a_prison_that_the_family_may_not_know_of_yet_proposes_nothing(account):
    visits_in(account, "98818", disclose_from=NOW.date().replace(year=2027))

    assert choices(signed_in(account).post(PAGE, {"telephone": SHORT}))[1] == []


@pytest.mark.parametrize(("country", "number"), [("NC", "+687751234"), ("PM", "+508751234")])
def test_the_code_goes_to_the_country_that_was_chosen_and_its_page_says_which(account, country, number):
    page = signed_in(account).post(PAGE, {"telephone": SHORT, "pays": country}, follow=True)

    assert sent() == [number]
    assert "Pays de ce numéro : " in page.content.decode()


@pytest.mark.parametrize("chosen", ["", "WF", "FR", "XX"])
def test_a_country_that_the_number_is_not_of_sends_nothing(account, chosen):
    page = signed_in(account).post(PAGE, {"telephone": SHORT, "pays": chosen})

    assert (page.status_code, sent()) == (400, [])


def test_a_number_with_its_country_is_not_asked_about_whatever_was_chosen_before(account):
    signed_in(account).post(PAGE, {"telephone": "+687 75 12 34", "pays": "PM"})

    assert sent() == ["+687751234"]


def test_a_number_that_is_a_landline_of_one_of_its_countries_is_asked_about_too(account):
    assert choices(signed_in(account).post(PAGE, {"telephone": "40 12 34"}))[0] == ["PM"]
    assert sent() == []


@pytest.mark.parametrize("typed", ["+870 773 111 632", "+1 202 555 0123", "+8816 1234 56789"])
def test_a_country_that_is_not_served_is_said_plainly(account, typed):
    page = signed_in(account).post(PAGE, {"telephone": typed})

    assert (page.status_code, sent()) == (400, [])
    assert "Nous n’envoyons pas de SMS dans ce pays." in page.content.decode()


def test_the_operator_chooses_the_countries(account, settings):
    settings.SMS_COUNTRIES = frozenset({"RE"})
    browser = signed_in(account)

    answers = [browser.post(PAGE, {"telephone": typed}).status_code for typed in ("06 12 34 56 78", "0692 12 34 56")]

    assert (answers, sent()) == ([400, 302], ["+262692123456"])
