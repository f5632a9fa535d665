"""The pages of a person's address, without JavaScript and as plain POSTs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.identity import cookies
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.queries import address_of, confirmation_url
from parloir.notifications.rules import Address
from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from tests.factories import NOW, ContactFactory
from tests.mailbox import visible

pytestmark = pytest.mark.django_db

SOPHIE = Identity(
    issuer="http://localhost/api/v2",
    sub="a" * 64 + "v1",
    birth_name="DURAND",
    use_name="",
    first_names=("Sophie",),
    birth_date="1992-01-30",
    email="",
)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sophie():
    """A browser in which Sophie is signed in; nobody knows her address yet."""
    opened = sign_in(identity=SOPHIE, id_token="token", language="fr", now=NOW)
    answer = HttpResponse()
    cookies.set_session(answer, opened.key)
    client = Client(enforce_csrf_checks=False)
    client.cookies = answer.cookies
    client.account = opened.account
    return client


def shown(response):
    return visible(response.content.decode().partition("<main")[2].partition("</main>")[0])


def path_of(account, email, *, now=NOW):
    return "/courriel/" + confirmation_url(account_id=account.pk, email=email, now=now).partition("/courriel/")[2]


def jobs():
    return ProcrastinateJob.objects.filter(task_name="notifications.ask_confirmation").count()


def test_without_an_address_the_page_asks_for_one_and_says_why(sophie):
    response = sophie.get("/espace/courriel/")

    assert response.status_code == 200
    assert "Nous avons besoin de votre adresse." in shown(response)
    assert "Renvoyer" not in shown(response)


def test_a_given_address_is_kept_and_asked_to_be_confirmed(sophie):
    response = sophie.post("/espace/courriel/", {"courriel": "sophie@example.org"}, follow=True)

    assert response.redirect_chain == [("/espace/courriel/?fait=enregistre", 302)]
    assert address_of(sophie.account.pk) == Address("sophie@example.org", confirmed=False)
    assert jobs() == 1
    assert "Votre adresse est enregistrée" in shown(response)
    assert "n’est pas encore confirmée" in shown(response)


def test_asked_before_booking_the_page_leads_back_to_it(sophie):
    before = sophie.get("/espace/courriel/", {"suite": "/espace/rendez-vous/nouveau/"})
    after = sophie.post(
        "/espace/courriel/", {"courriel": "sophie@example.org", "suite": "/espace/rendez-vous/nouveau/"}
    )

    assert '<input type="hidden" name="suite" value="/espace/rendez-vous/nouveau/">' in before.content.decode()
    assert (after.status_code, after["Location"]) == (302, "/espace/rendez-vous/nouveau/")


@pytest.mark.parametrize("elsewhere", ["https://example.org/espace/", "//example.org", "/deconnexion/", "espace/"])
def test_the_page_never_leads_elsewhere(sophie, elsewhere):
    response = sophie.post("/espace/courriel/", {"courriel": "sophie@example.org", "suite": elsewhere})

    assert response["Location"] == "/espace/courriel/?fait=enregistre"


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Écrivez votre adresse e-mail."), ("sophie", "Écrivez une adresse complète"), ("a b@c.fr", "complète")],
)
def test_a_mistyped_address_is_told_and_nothing_is_kept(sophie, typed, said):
    response = sophie.post("/espace/courriel/", {"courriel": typed, "suite": "/espace/rendez-vous/nouveau/"})

    assert response.status_code == 400
    assert said in shown(response)
    assert 'name="suite" value="/espace/rendez-vous/nouveau/"' in response.content.decode()
    assert not Contact.objects.exists()
    assert jobs() == 0


def test_the_link_is_sent_again_once_in_five_minutes(sophie, clock):
    sophie.post("/espace/courriel/", {"courriel": "sophie@example.org"})
    too_soon = sophie.post("/espace/courriel/renvoyer/")
    sent_before = jobs()
    clock.shift(timedelta(minutes=5))
    in_time = sophie.post("/espace/courriel/renvoyer/", follow=True)

    assert too_soon.status_code == 429
    assert "Vous pourrez en demander un autre après 10 h 05 (heure de Paris)." in shown(too_soon)
    assert sent_before == 1
    assert "Le message est reparti" in shown(in_time)
    assert jobs() == 2


def test_a_refused_address_is_pointed_out(sophie):
    ContactFactory(account=sophie.account, email="sophie@example.org", email_confirmed_at=None)
    Delivery.objects.create(
        account=sophie.account, dedup_key="k", channel="email", outcome="refused", created_at=NOW, tries=1
    )

    response = sophie.get("/espace/courriel/")

    assert "Notre dernier message n’a pas pu arriver" in shown(response)


@pytest.mark.parametrize("path", ["/espace/courriel/", "/espace/courriel/renvoyer/"])
def test_a_stranger_is_asked_to_sign_in_and_changes_nothing(client, path):
    client.post(path, {"courriel": "stranger@example.org"})

    assert not Contact.objects.exists()
    assert client.get("/espace/courriel/").status_code == 302


def test_the_link_shows_a_button_and_the_button_confirms_without_signing_in(client):
    contact = ContactFactory(email="sophie@example.org", email_confirmed_at=None)
    path = path_of(contact.account, "sophie@example.org")

    opened = [client.get(path), client.head(path), client.get(path)]
    confirmed_by_looking = address_of(contact.account_id).confirmed
    pressed = client.post(path)

    assert [response.status_code for response in opened] == [200, 200, 200]
    assert "Oui, c’est mon adresse" in shown(opened[0])
    assert not confirmed_by_looking
    assert pressed.status_code == 200
    assert "Votre adresse est confirmée" in shown(pressed)
    assert address_of(contact.account_id).confirmed
    assert "Votre adresse est confirmée" in shown(client.get(path))


def test_the_button_needs_the_page_it_is_on():
    contact = ContactFactory(email="sophie@example.org", email_confirmed_at=None)
    path = path_of(contact.account, "sophie@example.org")
    strict = Client(enforce_csrf_checks=True)

    forged = strict.post(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(path).content.decode())
    assert token is not None
    honest = strict.post(path, {"csrfmiddlewaretoken": token[1]})

    assert (forged.status_code, honest.status_code) == (403, 200)


def test_an_old_link_and_that_of_an_earlier_address_say_what_to_do(client):
    contact = ContactFactory(email="new@example.org", email_confirmed_at=None)
    old = path_of(contact.account, "new@example.org", now=NOW - timedelta(days=31))
    earlier = path_of(contact.account, "old@example.org")

    answers = [
        send(path)
        for path in (old, earlier, "/courriel/confirmer/n-importe:quoi/")
        for send in (client.get, client.post)
    ]

    assert [answer.status_code for answer in answers] == [410] * 6
    assert ["Ce lien n’est plus valable" in shown(answer) for answer in answers] == [True, True] + [False] * 4
    assert ["Ce lien ne peut pas être utilisé" in shown(answer) for answer in answers] == [False, False] + [True] * 4
    assert all("Demander un nouveau message" in shown(answer) for answer in answers)
    assert not address_of(contact.account_id).confirmed


def test_the_page_shows_neither_address_nor_name(client):
    contact = ContactFactory(email="sophie@example.org", email_confirmed_at=None)

    page = client.get(path_of(contact.account, "sophie@example.org")).content.decode()

    assert "sophie@" not in page
    assert "DURAND" not in page
