"""“Je donne mon avis”: kept without who, bounded, and every page leads to it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from parloir.content.documents import read_questions
from parloir.content.models import Opinion
from parloir.content.operations import forget_old_opinions
from parloir.content.pages import help_for, pages_with_help
from parloir.content.tasks import forget_opinions
from parloir.public import opinions
from tests.factories import AccountFactory, EstablishmentFactory, RegistrationFactory
from tests.signed_in import signed_in
from tests.test_architecture import patterns

pytestmark = pytest.mark.django_db

OPINION = "/avis/"
GIVEN = {"facilite": "difficile", "texte": "Le calendrier est long.", "page": "portal:visit_slot"}


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_an_opinion_is_kept_with_its_day_its_page_and_nothing_of_who():
    answer = Client().post(OPINION, GIVEN)

    assert answer.headers["location"] == "/avis/?merci"
    kept = Opinion.objects.values().get()
    del kept["id"]
    assert kept == {
        "day": timezone.localdate(),
        "page": "portal:visit_slot",
        "language": "fr",
        "ease": "hard",
        "words": "Le calendrier est long.",
    }
    assert "Merci. Votre avis" in words(Client().get("/avis/?merci"))


@pytest.mark.parametrize(
    "wrong",
    [{"facilite": ""}, {"facilite": "x"}, {"texte": "x" * 1001}, {"page": "/espace/rendez-vous/PAR-2345-67/"}],
)
def test_what_is_missing_too_long_or_an_address_is_refused(wrong):
    answer = Client().post(OPINION, GIVEN | wrong)

    assert (answer.status_code, Opinion.objects.count()) == (400, 0)


def test_the_form_warns_of_names_and_says_how_long_it_is_kept():
    page = words(Client().get(OPINION))

    assert "N’écrivez aucun nom" in page
    assert "effacés après 365 jours" in page


def test_an_address_writes_ten_times_an_hour_and_is_thanked_all_the_same():
    answers = [Client().post(OPINION, GIVEN).status_code for _ in range(opinions.MOST_WRITTEN_PER_ADDRESS + 1)]

    assert (set(answers), Opinion.objects.count()) == ({302}, 10)


def test_a_flood_is_kept_no_more(monkeypatch):
    monkeypatch.setattr("parloir.content.operations.OPINIONS_A_DAY", 1)

    for _ in range(2):
        Client().post(OPINION, GIVEN)

    assert Opinion.objects.count() == 1


def test_another_site_cannot_send_it():
    assert Client(enforce_csrf_checks=True).post(OPINION, GIVEN).status_code == 403


def test_opinions_are_forgotten_after_a_year():
    today = timezone.localdate()
    for days in (365, 366):
        Opinion.objects.create(day=today - timedelta(days=days), ease="easy", language="fr")

    assert forget_old_opinions(days=365, today=today) == 1
    forget_opinions(timestamp=0)
    assert Opinion.objects.count() == 1


def test_every_page_with_a_question_exists_and_its_question_too():
    names = {f"{resolver}:{name}" for resolver, name in _named()}
    answers = {f"/aide/{facts.section}/{facts.slug}/" for facts in read_questions()}

    assert set(pages_with_help()) - names == set()
    assert {page.address for page in [*pages_with_help().values(), help_for("")]} - answers == set()


def _named():
    for front in ("public", "identity", "portal"):
        for entry in get_resolver().namespace_dict[front][1].reverse_dict:
            if isinstance(entry, str):
                yield front, entry


def test_a_sheet_ends_with_its_question_and_says_once_how_to_reach_its_prison():
    EstablishmentFactory(slug="ma-dijon")

    page = words(Client().get("/etablissements/ma-dijon/"))

    assert "/aide/visites/que-faut-il-apporter/" in page
    assert "Téléphone et adresse de l’établissement" not in page  # the sheet says them above
    assert "/avis/?page=public:sheet" in page


def test_a_page_that_does_not_exist_ends_with_whom_to_ask():
    page = words(Client().get("/nulle-part/"))

    assert "/aide/etablissements/a-qui-m-adresser/" in page


def test_a_relative_finds_the_telephone_and_the_address_of_their_prisons():
    account = AccountFactory()
    known = RegistrationFactory(account=account).permit.detainee.wing.establishment
    hidden = RegistrationFactory(
        account=account, permit__detainee__disclose_from=timezone.localdate() + timedelta(days=5)
    ).permit.detainee.wing.establishment
    browser = signed_in(account)

    page = words(browser.get("/espace/contacts/"))

    assert 'href="/espace/contacts/">Téléphone et adresse' in words(browser.get("/espace/permis/"))
    assert f"/etablissements/{known.slug}/" in page
    assert "03 80 00 00 00" in page
    assert hidden.slug not in page


def test_whoever_has_no_permit_yet_is_sent_to_all_prisons():
    page = words(signed_in(AccountFactory()).get("/espace/contacts/"))

    assert "Quand un permis est enregistré" in page


def test_the_addresses_of_this_file_are_those_of_the_site():
    assert (reverse("public:site-opinion"), reverse("portal:contacts")) == (OPINION, "/espace/contacts/")
    assert "avis/" in {route for route, _view in patterns(get_resolver())}
