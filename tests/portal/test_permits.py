"""The pages of permits: register one, what a refusal shows, the list, taking one out."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parloir.journal.models import Entry
from parloir.journal.queries import entries as journal_entries
from parloir.permits.models import Attempt, Barred, Registration
from tests.factories import (
    AccountFactory,
    EstablishmentFactory,
    PermitFactory,
    RegistrationFactory,
    VisitorFactory,
)
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

ADD = "/espace/permis/ajouter/"
BORN = {"date_naissance_jour": "8", "date_naissance_mois": "3", "date_naissance_annee": "1960"}


@pytest.fixture
def prison():
    return EstablishmentFactory(slug="ma-dijon", name="Maison d'arrêt de Dijon", phone="+33380664732")


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def space(account, prison):
    return signed_in(account)


def own(number, **more):
    return {"etablissement": "ma-dijon", "pour": "moi", "numero": number, **more}


def adult(number, **more):
    return own(number) | {"pour": "adulte", "nom_naissance": "Petit", "prenom": "Monique", **BORN} | more


def monique():
    return VisitorFactory(birth_name="PETIT", first_names=["Monique"], birth_date=date(1960, 3, 8))


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def without_token(answer):
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content)


def test_the_form_asks_for_the_prison_first_and_names_every_field(space):
    page = space.get(ADD).content.decode()

    form = page[page.index("p-permit-form") :]
    names = list(dict.fromkeys(re.findall(r'<(?:select|input)[^>]* name="(\w+)"', form)))
    assert names[1:10] == [
        "etablissement",
        "pour",
        "numero",
        "nom_naissance",
        "prenom",
        "date_naissance_jour",
        "date_naissance_mois",
        "date_naissance_annee",
        "autorite_parentale",
    ]


def test_a_link_may_say_for_whom_and_which_prison(space):
    page = text(space.get(f"{ADD}?pour=enfant&etablissement=ma-dijon"))

    assert re.search(r'value="enfant"[^>]* checked', page)
    assert '<option value="ma-dijon" selected>' in page


def test_registering_ones_own_permit_leads_to_its_page(space, account):
    permit = PermitFactory()

    answer = space.post(ADD, own(permit.number))

    registration = Registration.objects.get(account=account, permit=permit)
    assert answer.headers["location"] == f"/espace/permis/{registration.pk}/?fait=enregistre"
    page = text(space.get(answer.headers["location"]))
    assert "Le permis est enregistré" in page
    assert "Paul MARTIN" in page


def test_the_prison_chosen_is_not_compared_with_where_the_person_is(space):
    permit = PermitFactory()
    assert permit.detainee.wing.establishment.slug != "ma-dijon"

    assert space.post(ADD, own(permit.number)).status_code == 302


def test_a_permit_registered_twice_says_so(space):
    permit = PermitFactory()
    space.post(ADD, own(permit.number))

    answer = space.post(ADD, own(permit.number))

    assert answer.headers["location"].endswith("?fait=deja")
    assert "Ce permis était déjà enregistré" in text(space.get(answer.headers["location"]))


def test_a_suspended_permit_is_registered_and_says_until_when(space):
    until = timezone.localdate() + timedelta(days=40)
    permit = PermitFactory(status="suspended", suspended_until=until)

    page = text(space.post(ADD, own(permit.number), follow=True))

    assert "Ce permis est suspendu jusqu’au" in page
    assert "Prendre rendez-vous tout de suite" not in page


def test_the_space_offers_no_visit_that_no_permit_allows(space, account):
    until = timezone.localdate() + timedelta(days=40)
    RegistrationFactory(account=account, permit=PermitFactory(status="suspended", suspended_until=until))

    page = text(space.get("/espace/"))

    assert "aucun de vos permis ne permet de prendre rendez-vous" in page
    assert "Ce permis est suspendu jusqu’au" in page
    assert "/espace/rendez-vous/nouveau/" not in page


def test_a_child_needs_the_box_of_parental_authority_and_an_adult_does_not(space):
    child = PermitFactory(visitor=VisitorFactory(birth_name="PETIT", first_names=["Léo"], birth_date=date(2020, 3, 8)))
    typed = adult(child.number, pour="enfant", prenom="léo", date_naissance_annee="2020")

    refused = space.post(ADD, typed)
    granted = space.post(ADD, typed | {"autorite_parentale": "on"})

    assert refused.status_code == 400
    assert "Cochez cette case" in text(refused)
    assert granted.status_code == 302
    assert Registration.objects.get().holding == "child"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (own(""), "Recopiez le numéro"),
        (own("1", etablissement=""), "Choisissez un établissement"),
        (own("1", etablissement="ailleurs"), "Sélectionnez un choix valide"),
        (own("1", pour=""), "Dites à qui est ce permis"),
        (own("1" * 101), "100 caractères"),
        (adult("1", date_naissance_jour="31", date_naissance_mois="2"), "Cette date n’existe pas"),
        (adult("1", date_naissance_annee="2999"), "ne peut pas être dans le futur"),
        (adult("1", date_naissance_jour="", date_naissance_mois="", date_naissance_annee=""), "Indiquez la date"),
        (adult("1", nom_naissance=""), "Écrivez le nom de naissance"),
        (adult("1", prenom=""), "Écrivez le premier prénom"),
    ],
)
def test_a_mistake_of_shape_is_told_and_is_no_attempt(space, typed, said):
    answer = space.post(ADD, typed)

    assert answer.status_code == 400
    assert said in text(answer)
    assert Attempt.objects.count() == 0


def test_for_oneself_whatever_stands_in_the_other_boxes_does_not_matter(space):
    permit = PermitFactory()

    assert space.post(ADD, own(permit.number, date_naissance_jour="99", prenom="x")).status_code == 302


def refusals(account):
    barred = PermitFactory()
    Barred.objects.create(account=account, visitor=barred.visitor, at=timezone.now())
    known = PermitFactory(visitor=monique()).number
    child = PermitFactory(visitor=VisitorFactory(birth_name="PETIT", first_names=["Léo"], birth_date=date(2020, 3, 8)))
    return {
        "moi": [own("0000"), own(known), own(barred.number)],
        "adulte": [
            adult("0000"),
            adult(known, nom_naissance="Dupont"),
            adult(known, prenom="Paule"),
            adult(known, date_naissance_jour="9"),
            adult(child.number, prenom="Léo", date_naissance_annee="2020"),
        ],
    }


def test_every_refusal_is_the_same_page_and_takes_the_same_statements(space, account):
    for for_whom, tries in refusals(account).items():
        Attempt.objects.all().delete()
        space.get(ADD)
        pages, counts = set(), set()
        for typed in tries:
            with CaptureQueriesContext(connection) as queries:
                answer = space.post(ADD, typed)
            assert answer.status_code == 409
            pages.add(without_token(answer))
            counts.add(len(queries))

        assert (for_whom, len(pages), len(counts)) == (for_whom, 1, 1)
    assert Registration.objects.count() == 0


def test_a_refusal_says_what_to_check_and_whom_to_ask(space):
    page = text(space.post(ADD, own("0000")))

    assert "Vérifiez sur le permis" in page
    assert "Maison d&#x27;arrêt de Dijon" in page
    assert "03 80 66 47 32" in page
    assert "1 rue de l&#x27;Essai" in page
    assert 'action="/espace/permis/aide/"' in page


def test_what_was_typed_is_given_back_to_be_corrected_but_not_to_another_account(space):
    space.post(ADD, adult("2026 777"))

    again = text(space.get(ADD))
    assert 'value="2026 777"' in again
    assert 'value="Monique"' in again
    assert re.search(r'value="adulte"[^>]* checked', again)
    assert 'value="1960"' in again

    stranger = signed_in(AccountFactory())
    stranger.cookies["saisie"] = space.cookies["saisie"].value
    assert "2026 777" not in text(stranger.get(ADD))


def test_a_draft_that_nobody_sealed_is_ignored(space):
    space.cookies["saisie"] = "forged"

    assert space.get(ADD).status_code == 200


def test_after_five_failures_the_page_says_when_to_come_back(space):
    permit = PermitFactory()
    for _ in range(5):
        space.post(ADD, own("0000"))

    answer = space.post(ADD, own(permit.number))

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3661
    assert re.search(r'à partir de <strong class="p-nowrap">\d\d? h \d\d</strong>', text(answer))
    assert Registration.objects.count() == 0
    assert Entry.objects.filter(verb="permit.registration_limited").count() == 1


def test_asking_for_help_gives_the_same_answer_to_all(space, prison):
    refused = space.post("/espace/permis/aide/", {"etablissement": "ma-dijon"})

    other = signed_in(AccountFactory())
    answer = other.post("/espace/permis/aide/", {"etablissement": "ma-dijon"})

    def body(page):
        return re.sub(r'<header.*?</header>|name="csrfmiddlewaretoken" value="\w+"', "", text(page))

    assert body(refused) == body(answer)
    assert "Votre demande est notée" in text(answer)
    assert "03 80 66 47 32" in text(answer)
    helped = journal_entries().filter(verb="permit.help_asked")
    assert list(helped.values_list("subject_id", flat=True)) == [prison.pk, prison.pk]


def test_help_without_a_prison_asks_for_one(space):
    assert space.get("/espace/permis/aide/").status_code == 200
    assert space.post("/espace/permis/aide/", {}).status_code == 400


def test_the_list_shows_each_permit_by_detained_person(space, account):
    RegistrationFactory(account=account, permit__status="withdrawn")

    page = text(space.get("/espace/permis/"))

    assert "Pour voir Paul MARTIN" in page
    assert "Retiré" in page


def test_an_empty_list_says_where_to_begin(space):
    assert "Commencez par enregistrer votre permis" in text(space.get("/espace/permis/"))


def test_a_prison_that_may_not_be_known_yet_is_named_nowhere(space, account):
    registration = RegistrationFactory(
        account=account, permit__detainee__disclose_from=timezone.localdate() + timedelta(days=2)
    )
    name = registration.permit.detainee.wing.establishment.name.replace("'", "&#x27;")

    for address in ("/espace/", "/espace/permis/", f"/espace/permis/{registration.pk}/"):
        assert name not in text(space.get(address))
    assert "Lieu de visite communiqué plus tard" in text(space.get("/espace/permis/"))


@pytest.mark.parametrize("address", ["/espace/", "/espace/permis/"])
def test_a_page_costs_a_fixed_number_of_statements(space, account, address):
    counts = set()
    for length in (1, 3):
        while Registration.objects.filter(account=account).count() < length:
            mine = RegistrationFactory(account=account)
            RegistrationFactory(permit=mine.permit, holding="adult")
        space.get(address)
        with CaptureQueriesContext(connection) as queries:
            space.get(address)
        counts.add(len(queries))

    assert len(counts) == 1


def test_taking_a_permit_out_asks_first(space, account):
    registration = RegistrationFactory(account=account)
    address = f"/espace/permis/{registration.pk}/retirer/"

    assert "Enlever ce permis de votre espace ?" in text(space.get(address))
    assert Registration.objects.count() == 1

    page = text(space.post(address, follow=True))
    assert Registration.objects.count() == 0
    assert "Le permis est enlevé de votre espace" in page


def test_somebody_elses_permit_is_not_found(space):
    registration = RegistrationFactory()

    for address in ("", "retirer/"):
        assert space.get(f"/espace/permis/{registration.pk}/{address}").status_code == 404
    assert space.post(f"/espace/permis/{registration.pk}/retirer/").status_code == 404
    assert space.get(f"/espace/permis/ailleurs/{registration.pk}/retirer/").status_code == 404
    assert space.post(f"/espace/permis/ailleurs/{registration.pk}/retirer/").status_code == 404
    assert Registration.objects.count() == 1


def test_the_holder_sees_who_registered_their_permit_and_takes_it_back(space, account):
    mine = RegistrationFactory(account=account)
    theirs = RegistrationFactory(
        permit=mine.permit, account=AccountFactory(birth_name="LEROY", first_names=["Marc"]), holding="adult"
    )
    address = f"/espace/permis/ailleurs/{theirs.pk}/retirer/"

    assert "Marc LEROY" in text(space.get("/espace/permis/"))
    assert "Enlever votre permis de l’espace de Marc LEROY ?" in text(space.get(address))
    page = text(space.post(address, follow=True))

    assert "Elle ne pourra plus l’enregistrer" in page
    assert "Marc LEROY" not in page
    assert Barred.objects.filter(account=theirs.account, visitor=mine.permit.visitor).exists()
    assert list(Registration.objects.all()) == [mine]


def test_another_method_is_not_allowed(space):
    assert space.post("/espace/permis/").status_code == 405
    assert space.put(ADD).status_code == 405
