"""What would serve a thief best is done only by somebody who has just proved who they are, at FranceConnect."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from parloir.notifications.models import Contact, PhoneCode
from parloir.notifications.queries import address_of
from parloir.people.models import Account, SignIn
from tests.factories import ContactFactory
from tests.look_alike import first
from tests.portal.booking import a_family
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

EMAIL = "/espace/courriel/"
PHONE = "/espace/preferences/telephone/"
ERASE = "/espace/mes-donnees/effacer/"
ASKED = "Confirmez que c’est vous"


def somebody(**contact):
    """Return a browser whose session is open, and was opened without being asked for anew."""
    family = a_family()
    Contact.objects.filter(account=family.account).update(**contact)
    family.browser = signed_in(family.account, again=False)
    return family


def confirmed():
    return {"phone": "+33612345678", "phone_confirmed_at": timezone.now()}


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        (EMAIL, {"courriel": "nouvelle@example.org"}),
        (PHONE, {"telephone": "06 98 76 54 32"}),
        (f"{PHONE}retirer/", {}),
        (ERASE, {}),
    ],
)
def test_changing_an_address_a_telephone_or_erasing_asks_who_is_there(address, typed):
    family = somebody(**confirmed())
    before = Contact.objects.values().get(account=family.account)

    answer = family.browser.post(address, typed)

    assert answer.status_code == 403
    assert ASKED in answer.content.decode()
    assert "encore=1" in answer.content.decode()
    assert Contact.objects.values().get(account=family.account) == before
    assert (PhoneCode.objects.count(), Account.objects.filter(erased_at__isnull=False).count()) == (0, 0)


def test_whoever_has_just_proved_it_is_asked_no_more_for_five_minutes(time_machine_at):
    family = somebody()
    family.browser = signed_in(family.account)
    proven = SignIn.objects.latest("pk").proven_at

    with time_machine_at(proven + timedelta(minutes=4, seconds=50)):
        soon = family.browser.post(EMAIL, {"courriel": "nouvelle@example.org"})
    with time_machine_at(proven + timedelta(minutes=5, seconds=10)):
        later = family.browser.post(EMAIL, {"courriel": "encore@example.org"})

    assert (soon.status_code, later.status_code) == (302, 403)
    assert address_of(family.account.pk).email == "nouvelle@example.org"


def test_a_first_address_and_a_first_telephone_are_given_without_being_asked():
    family = somebody(email="", email_confirmed_at=None)

    address = family.browser.post(EMAIL, {"courriel": "premiere@example.org"})
    telephone = family.browser.post(PHONE, {"telephone": "06 98 76 54 32"})

    assert (address.status_code, telephone.status_code) == (302, 302)


def test_reading_a_page_asks_nothing():
    family = somebody(**confirmed())

    assert [family.browser.get(address).status_code for address in (EMAIL, PHONE, ERASE)] == [200, 200, 200]


def asked_again(relative, address, typed):
    """Send a form, and follow its page's link to FranceConnect; return where that leads."""
    page = relative.ours.post(address, typed, headers={"referer": f"http://testserver{address}"}).content.decode()
    link = first(r'class="fr-connect"\s+href="([^"]+)"', page).replace("&amp;", "&")
    return relative.ours.get(link).headers["Location"]


def test_franceconnect_asks_anew_and_the_form_comes_back_filled_in(relative):
    relative.sign_in("prete")
    ContactFactory._meta.model.objects.update(email="ancienne@example.org")

    there = asked_again(relative, EMAIL, {"courriel": "nouvelle@example.org"})
    choice = relative.theirs.get(there, follow_redirects=True).text
    back = relative.come_back(relative.choose(there, "prete"))

    assert parse_qs(urlsplit(there).query)["prompt"] == ["login"]
    assert "Choisissez un compte" in choice
    assert back.headers["Location"] == EMAIL
    assert 'value="nouvelle@example.org"' in relative.ours.get(EMAIL).content.decode()
    assert relative.ours.post(EMAIL, {"courriel": "nouvelle@example.org"}).status_code == 302
    assert address_of(Account.objects.get().pk).email == "nouvelle@example.org"


def test_an_ordinary_sign_in_proves_nothing_even_a_moment_ago(relative):
    relative.sign_in("prete")

    assert relative.ours.post(ERASE).status_code == 403
    assert SignIn.objects.get().proven_at is None


def test_taking_the_asking_out_of_the_address_proves_no_more_than_franceconnect_says(relative):
    relative.sign_in("prete")
    identified_at = timezone.now()
    there = asked_again(relative, ERASE, {}).replace("&prompt=login", "")

    relative.come_back(relative.choose(there, choice="continuer"))

    proven_at = SignIn.objects.latest("pk").proven_at
    assert proven_at is not None
    assert proven_at <= identified_at


def test_somebody_else_who_identifies_there_gets_their_own_space_and_not_the_form(relative):
    relative.sign_in("prete")
    there = asked_again(relative, EMAIL, {"courriel": "nouvelle@example.org"})

    relative.come_back(relative.choose(there, "belle-mere"))

    assert 'value="nouvelle@example.org"' not in relative.ours.get(EMAIL).content.decode()
    assert not Contact.objects.filter(email="nouvelle@example.org").exists()


def test_giving_up_there_leaves_the_session_open_and_says_so(relative):
    relative.sign_in("prete")
    there = asked_again(relative, EMAIL, {"courriel": "nouvelle@example.org"})

    answer = relative.come_back(relative.choose(there, choice="annuler"))

    assert answer.status_code == 200
    assert "Votre connexion d’avant est restée ouverte" in answer.content.decode()
    assert f'href="{EMAIL}"' in answer.content.decode()
    assert relative.ours.get("/espace/").status_code == 200


def test_under_another_name_of_the_site_the_asking_is_not_lost(relative):
    moved = relative.ours.get("/connexion/franceconnect/?suite=/espace/&encore=1", SERVER_NAME="localhost")

    assert moved.headers["Location"].endswith("ici=1&encore=1")
