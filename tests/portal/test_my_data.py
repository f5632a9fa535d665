"""A person sees what is kept about them, takes it along, closes sessions and erases the space."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.notifications.models import PhoneCode
from parloir.notifications.operations import note_returned_address
from parloir.notifications.queries import code_of
from parloir.people.models import Account, SignIn
from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from parloir.review.models import Entry
from parloir.visits.models import Visit
from parloir.visits.operations import erase_account
from tests.factories import AccountFactory, ContactFactory, RegistrationFactory
from tests.portal.booking import confirm
from tests.serving import session_cookie
from tests.signed_in import signed_in
from tests.visits.families import Family

PAGE = "/espace/mes-donnees/"
pytestmark = pytest.mark.django_db


def back_under_another_sub(account):
    """Return a browser of the same person, whom the provider now calls by another name."""
    identity = Identity(
        issuer=account.issuer,
        sub="f" * 64 + "v1",
        birth_name=account.birth_name,
        use_name=account.use_name,
        first_names=tuple(account.first_names),
        birth_date=account.birth_date,
        email="",
    )
    opened = sign_in(identity=identity, id_token="", language="fr", now=timezone.now())
    browser = signed_in(opened.account)
    browser.cookies.load(session_cookie(opened.key))
    return browser


def test_the_page_shows_what_is_kept(family):
    other = AccountFactory(birth_name="AUTRE", first_names=["Luc"])
    RegistrationFactory(account=other, permit=family.permit, holding="adult")
    confirm(family, family.permit)

    page = family.browser.get(PAGE).content.decode()

    reference, email = Visit.objects.get().reference, family.account.contact.email
    for said in (
        reference,
        email,
        family.permit.number,
        "Luc AUTRE",
        "30 janvier 1992",
        "Rendez-vous pris",
        "30 jours",
    ):
        assert said in page


def test_whatever_a_person_does_in_their_preferences_has_words_of_its_own(family):
    def post(page, **fields):
        return family.browser.post(f"/espace/{page}", fields)

    post("preferences/telephone/", telephone="06 12 34 56 78")
    post("preferences/telephone/code/", code=code_of(PhoneCode.objects.get()))
    post("preferences/", sms="on", langue="en")
    post("preferences/", rappel_courriel="on", langue="fr")
    post("preferences/", appareil="on", langue="fr")
    post("preferences/telephone/retirer/")
    note_returned_address(email=family.account.contact.email, now=timezone.now())

    page = family.browser.get(PAGE).content.decode()

    assert "Autre opération" not in page
    for said in (
        "Code demandé pour un téléphone",
        "Téléphone confirmé",
        "SMS acceptés",
        "SMS arrêtés",
        "Rappels par e-mail arrêtés",
        "Rappels par e-mail demandés",
        "Langue des messages choisie",
        "Messages sur les nouveaux appareils arrêtés",
        "Messages sur les nouveaux appareils demandés",
        "Téléphone enlevé",
        "E-mails revenus : adresse à vérifier",
    ):
        assert said in page


def test_nothing_of_somebody_else_is_shown(family):
    stranger = Family()
    ContactFactory(account=stranger.account, email="etrangere@example.org")
    RegistrationFactory(account=stranger.account)

    shown = [family.browser.get(f"{PAGE}{last}").content.decode() for last in ("", "fichier/", "a-lire/")]

    assert [("etrangere" in page, stranger.permit.number in page) for page in shown] == [(False, False)] * 3


def test_the_file_for_machines_holds_all_of_it_under_a_neutral_name(family):
    confirm(family, family.permit)

    answer = family.browser.get(f"{PAGE}fichier/")

    kept = answer.json()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert sorted(kept) == [
        "attentes",
        "brouillons",
        "connexions",
        "contact",
        "identite",
        "journal",
        "mes_permis_chez_d_autres",
        "non_montre",
        "permis",
        "rendez_vous",
        "tout",
    ]
    assert [visit["reference"] for visit in kept["rendez_vous"]] == [Visit.objects.get().reference]
    assert kept["contact"] == {"courriel": family.account.contact.email, "confirme": True}


def test_the_file_to_read_opens_without_us(family):
    answer = family.browser.get(f"{PAGE}a-lire/")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.html"'
    assert "/static/" not in answer.content.decode()
    assert family.permit.number in answer.content.decode()


def test_closing_the_others_leaves_this_one_open(family):
    elsewhere = signed_in(family.account)

    answer = family.browser.post(f"{PAGE}deconnecter/")

    assert answer.headers["location"] == f"{PAGE}?fait=deconnecte"
    assert (family.browser.get(PAGE).status_code, elsewhere.get(PAGE).status_code) == (200, 302)


def test_the_erasing_page_names_the_visits_that_will_be_cancelled_and_changes_nothing(family):
    confirm(family, family.permit)

    page = family.browser.get(f"{PAGE}effacer/").content.decode()

    visit = Visit.objects.get()
    assert visit.reference in page
    assert (visit.status, Account.objects.get(pk=family.account.pk).birth_name) == ("booked", "DURAND")


def test_erasing_cancels_signs_out_and_says_so(family):
    confirm(family, family.permit)

    answer = family.browser.post(f"{PAGE}effacer/", follow=True)

    assert "Votre espace est effacé" in answer.content.decode()
    assert (Visit.objects.get().status, SignIn.objects.count()) == ("cancelled", 0)
    assert family.browser.get(PAGE).status_code == 302


def test_inside_a_visit_erasing_is_refused_in_words(family):
    confirm(family, family.permit)
    now = timezone.now()
    slot = Visit.objects.get().slot
    slot.starts_at, slot.ends_at = now - timedelta(minutes=5), now + timedelta(minutes=40)
    slot.save()

    answer = family.browser.post(f"{PAGE}effacer/")

    assert answer.status_code == 409
    assert "Votre espace n’est pas effacé" in answer.content.decode()
    assert Account.objects.get(pk=family.account.pk).birth_name == "DURAND"


def test_under_another_sub_nothing_of_the_former_space_is_visible_and_a_human_can_be_asked(family):
    confirm(family, family.permit)
    visit = Visit.objects.get()
    browser = back_under_another_sub(family.account)

    pages = [browser.get(at).content.decode() for at in ("/espace/", "/espace/rendez-vous/", "/espace/permis/", PAGE)]
    file = browser.get(f"{PAGE}fichier/").json()

    assert "Vous aviez déjà un espace ?" in pages[0]
    secrets = (visit.reference, family.permit.number, family.account.contact.email, "MARTIN")
    assert [secret for secret in secrets for page in pages if secret in page] == []
    assert (file["permis"], file["rendez_vous"], file["contact"]["courriel"]) == ([], [], "")
    assert browser.get(f"/espace/rendez-vous/{visit.reference}/").status_code == 404

    for page in (pages[0], pages[3]):
        form = page.partition("ancien-espace/")[2].partition("</form>")[0]
        assert "csrfmiddlewaretoken" in form
    answer = browser.post(f"{PAGE}ancien-espace/", {"reponse": "oui"})

    assert answer.headers["location"] == f"{PAGE}?fait=demande"
    new = Account.objects.get(sub="f" * 64 + "v1")
    assert list(Entry.objects.values_list("cause", "subject_kind", "subject_id")) == [
        ("reconciliation", "account", new.pk)
    ]
    assert Visit.objects.get().booker_id == family.account.pk
    assert "Vous aviez déjà un espace ?" not in browser.get("/espace/").content.decode()


def test_whoever_was_never_asked_can_have_a_former_space_looked_for(family):
    page = family.browser.get(PAGE).content.decode()

    answer = family.browser.post(f"{PAGE}ancien-espace/", {"reponse": "oui"}, follow=True)

    asked = answer.content.decode()
    assert "Chercher mon ancien espace" in page
    assert ("Une personne va chercher" in asked, "Chercher mon ancien espace" in asked) == (True, False)
    assert Entry.objects.get().subject_id == family.account.pk


def test_who_never_had_another_space_is_asked_no_more(family):
    browser = back_under_another_sub(family.account)

    browser.post(f"{PAGE}ancien-espace/", {"reponse": "non"})

    assert "Vous aviez déjà un espace ?" not in browser.get("/espace/").content.decode()
    assert Entry.objects.count() == 0


def test_reading_erases_asks_and_closes_nothing(family):
    for last in ("deconnecter/", "ancien-espace/"):
        assert family.browser.get(f"{PAGE}{last}").status_code == 405
    assert family.browser.get("/espace/rester/").status_code == 405


def test_staying_keeps_the_session_open(family):
    long_ago = timezone.now() - timedelta(minutes=28)
    SignIn.objects.update(last_seen_at=long_ago)

    assert family.browser.post("/espace/rester/").status_code == 204

    assert SignIn.objects.get().last_seen_at > long_ago


def test_staying_too_late_opens_nothing(family):
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))

    assert family.browser.post("/espace/rester/").status_code == 403


def test_what_was_done_before_an_erasure_is_not_shown_after_it(family):
    confirm(family, family.permit)
    identity = Identity(
        issuer=family.account.issuer,
        sub=family.account.sub,
        birth_name="DURAND",
        use_name="",
        first_names=("Sophie",),
        birth_date="1992-01-30",
        email="",
    )
    erase_account(account=family.account, now=timezone.now())
    opened = sign_in(identity=identity, id_token="", language="fr", now=timezone.now())
    browser = signed_in(opened.account)

    assert "Rendez-vous pris" not in browser.get(PAGE).content.decode()
