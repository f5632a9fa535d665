"""Another adult's data until they agree: what was typed, the prison and hours, general sentences; nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.permits.models import Barred, Registration
from parloir.permits.operations import register_known_permit
from parloir.permits.rules import Holding
from parloir.portal.documents.proof import proof_of_booking
from parloir.visits.models import Visit
from parloir.visits.operations import WaitingWish, join_waiting_list
from parloir.visits.queries.messages import visit_to_tell
from parloir.visits.queries.mine import visits_of
from tests.factories import (
    AccountFactory,
    ContactFactory,
    DetaineeFactory,
    PermitFactory,
    RegistrationFactory,
    VisitorFactory,
)
from tests.portal.booking import a_family, choose, confirm, new, press, who
from tests.signed_in import signed_in
from tests.visits.waiting_families import terms

pytestmark = pytest.mark.django_db

HIDDEN = (
    "NOUVEAUNOM",
    "SECRETNOM",
    "Théodule",
    "Conjoint",
    "juge d’instruction",
    "mercredi et samedi",
    "sans date de fin",
)
TYPED = "Amina ANCIENNOM"


@pytest.fixture
def stranger():
    """Somebody who holds the data of another adult's permit, and that permit alone."""
    family = a_family()
    Registration.objects.all().delete()
    family.detainee = DetaineeFactory(wing=family.wing, birth_name="SECRETNOM", first_names=["Théodule"])
    family.visitor = VisitorFactory(birth_name="ANCIENNOM", use_name="NOUVEAUNOM", first_names=["Amina"])
    family.permit = PermitFactory(detainee=family.detainee, visitor=family.visitor)
    family.registration = RegistrationFactory(
        account=family.account, permit=family.permit, holding="adult", agreed_at=None, typed_name=TYPED
    )
    return family


@pytest.fixture
def holder(stranger):
    account = AccountFactory()
    ContactFactory(account=account)
    RegistrationFactory(account=account, permit=stranger.permit)
    return account


def pages_of(family):
    """Return every page of the space that may name somebody, with what it says."""
    reference = Visit.objects.values_list("reference", flat=True).first()
    addresses = [
        "/espace/", "/espace/permis/", f"/espace/permis/{family.registration.pk}/",
        f"/espace/permis/{family.registration.pk}/retirer/", "/espace/mes-donnees/", "/espace/mes-donnees/fichier/",
        "/espace/mes-donnees/a-lire/", "/espace/mes-donnees/effacer/", "/espace/rendez-vous/", "/espace/contacts/",
        "/espace/rendez-vous/nouveau/", new(family), new(family, "pourquoi/"), new(family, "plusieurs-jours/"),
        new(family, "qui-vient/"), new(family, "verifier/"), "/espace/attente/",
        f"/espace/attente/rejoindre/{family.detainee.pk}/", f"/espace/attente/ouverture/{family.detainee.pk}/",
    ]  # fmt: skip
    if reference:
        visit = f"/espace/rendez-vous/{reference}/"
        addresses += [
            visit,
            *(visit + last for last in ("annuler/", "changer/", "qui-vient/", "retirer/", "calendrier.ics")),
        ]
    return {address: family.browser.get(address).content.decode() for address in addresses}


def assert_nothing_is_told(pages):
    found = {(address, word) for address, body in pages.items() for word in HIDDEN if word in body}
    assert found == set()


def test_before_anything_is_booked_no_page_says_more_than_was_typed(stranger):
    pages = pages_of(stranger)

    assert_nothing_is_told(pages)
    assert TYPED in pages["/espace/permis/"]
    assert "Pour voir la personne de ce permis" in pages["/espace/permis/"]


def test_booking_works_all_the_same_and_its_pages_and_papers_say_no_more(stranger):
    choose(stranger)
    who(stranger, stranger.permit)
    half = pages_of(stranger)
    answer = press(stranger)
    visit = Visit.objects.get()
    wish = WaitingWish(
        permit_ids=frozenset([stranger.permit.pk]),
        terms=terms(first_day=timezone.localdate(), last_day=timezone.localdate() + timedelta(days=40)),
    )
    join_waiting_list(account=stranger.account, detainee_id=stranger.detainee.pk, wish=wish, now=timezone.now())

    assert answer.status_code == 302
    assert_nothing_is_told(half)
    assert_nothing_is_told(pages_of(stranger))
    told = visits_of(stranger.account).get()
    proof = proof_of_booking(told, language="fr", now=timezone.now())
    assert proof.startswith(b"%PDF")
    assert (told.told_detainee, [each.told_name for each in told.coming]) == ("la personne de ce permis", [TYPED])
    recipient = visit_to_tell(visit.pk).recipients[0]
    assert [person.name for person in recipient.people] == [TYPED]


@pytest.mark.parametrize(
    "condition",
    [
        {"status": "suspended", "suspended_until": None},
        {"status": "withdrawn"},
        {"weekdays": [1]},
        {"visits_allowed": 1, "valid_until": None},
        {"valid_until": timezone.localdate() + timedelta(days=3)},
    ],
)
def test_what_stands_in_their_way_is_told_in_general(stranger, condition):
    for name, value in condition.items():
        setattr(stranger.permit, name, value)
    if "weekdays" in condition:
        stranger.permit.weekdays = [stranger.slot.local_date.isoweekday() % 7 + 1]
    stranger.permit.save()
    choose(stranger)

    pages = pages_of(stranger)

    said = " ".join(pages.values())
    for cause in (
        "suspendu",
        "retiré :",
        "expire",
        "Jours de visite autorisés",
        "autorisés par ce permis",
        "visite en tout",
    ):
        assert cause not in said, cause


def test_once_the_holder_agrees_the_permit_is_told_in_full(stranger, holder):
    browser = signed_in(holder)
    page = browser.get("/espace/permis/").content.decode()
    assert "C’est d’accord" in page
    assert "Ce n’est pas d’accord" in page

    answer = browser.post(f"/espace/permis/ailleurs/{stranger.registration.pk}/accord/", follow=True)

    assert "Vous avez donné votre accord" in answer.content.decode()
    assert "C’est d’accord" not in answer.content.decode()
    page = stranger.browser.get("/espace/permis/").content.decode()
    assert "Amina NOUVEAUNOM" in page
    assert "Pour voir Théodule SECRETNOM" in page


def test_a_renewed_permit_is_told_too_once_they_have_agreed(stranger, holder):
    signed_in(holder).post(f"/espace/permis/ailleurs/{stranger.registration.pk}/accord/")
    renewed = PermitFactory(detainee=stranger.detainee, visitor=stranger.visitor)
    row = register_known_permit(
        account=stranger.account, permit_id=renewed.pk, holding=Holding.ADULT, typed_name="x", now=timezone.now()
    )

    assert row.is_told


def test_nobody_agrees_for_somebody_else(stranger, holder):
    address = f"/espace/permis/ailleurs/{stranger.registration.pk}/accord/"

    assert stranger.browser.post(address).status_code == 404
    assert signed_in(AccountFactory()).post(address).status_code == 404
    assert signed_in(holder).get(address).status_code == 405
    assert Registration.objects.get(pk=stranger.registration.pk).agreed_at is None


def test_whoever_took_the_permit_out_again_does_not_read_the_name_in_what_was_booked(stranger):
    confirm(stranger, stranger.permit)
    stranger.browser.post(f"/espace/permis/{stranger.registration.pk}/retirer/")

    reference = Visit.objects.get().reference
    for last in ("", "annuler/", "retirer/"):
        body = stranger.browser.get(f"/espace/rendez-vous/{reference}/{last}").content.decode()
        assert not [word for word in HIDDEN if word in body]


def test_whoever_is_not_agreed_with_loses_this_permit_and_those_to_come(stranger, holder):
    signed_in(holder).post(f"/espace/permis/ailleurs/{stranger.registration.pk}/retirer/")

    assert Barred.objects.filter(account=stranger.account, visitor=stranger.visitor).exists()
    assert not Registration.objects.filter(account=stranger.account).exists()


def test_one_s_own_permit_for_the_same_person_tells_whom_it_is_for(stranger):
    own = PermitFactory(detainee=stranger.detainee)
    RegistrationFactory(account=stranger.account, permit=own)

    page = stranger.browser.get("/espace/permis/").content.decode()

    assert "Pour voir Théodule SECRETNOM" in page
    assert "NOUVEAUNOM" not in page
    assert TYPED in page
