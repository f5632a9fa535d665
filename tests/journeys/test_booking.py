"""A family books a visit: from the sign-in to the freed place, on a telephone, a tablet, a desk, without JavaScript."""

from __future__ import annotations

import re

import pytest

from parloir.timetable.models import Slot
from parloir.visits.models import Visit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_booking")]

SCREENS = [
    pytest.param(375, 740, True, id="375"),
    pytest.param(768, 1024, True, id="768", marks=pytest.mark.soak),
    pytest.param(1280, 800, True, id="1280", marks=pytest.mark.soak),
    pytest.param(375, 740, False, id="375-without-javascript"),
]
WIDER = (768, 1280)
"""A telephone at each run of the tests, its pages widened to a tablet and a desk; these do it all in `make soak`."""

TELEPHONE_FIRST = [
    pytest.param(375, 740, True, id="375"),
    *(pytest.param(*screen.values, id=screen.id, marks=pytest.mark.soak) for screen in SCREENS[1:]),
]
"""The telephone alone at each run of the tests."""


def sign_in(page, service, persona):
    """Sign in as a persona through the look-alike."""
    page.goto(f"{service.site}/connexion/")
    page.get_by_role("link", name="S’identifier avec FranceConnect").click()
    page.locator('a[href*="/impots/"]').click()
    page.locator(f'button[name="personne"][value="{persona}"]').click()
    page.wait_for_url(f"{service.site}/espace/**")


def register_permit(page, service, number, *, child=None):
    """Register one's own permit, or a child's."""
    page.goto(f"{service.site}/espace/permis/ajouter/")
    page.get_by_label("Établissement").select_option("ma-dijon")
    page.get_by_label("Mon enfant" if child else "Moi", exact=True).check()
    page.get_by_label("Numéro du permis de visite").fill(number)
    if child:
        page.get_by_label("Son nom de naissance").fill(child["birth_name"])
        page.get_by_label("Son premier prénom").fill(child["first_name"])
        for part, value in zip(("Jour", "Mois", "Année"), child["born"], strict=True):
            page.get_by_label(part, exact=True).fill(value)
        page.get_by_label("Je suis titulaire de l’autorité parentale").check()
    page.get_by_role("button", name="Enregistrer ce permis").click()


@pytest.mark.parametrize(("width", "height", "javascript"), SCREENS)
def test_a_mother_books_for_her_son_and_herself_then_cancels(service, chromium, look, width, height, javascript):
    screen = {"width": width, "height": height}
    context = chromium.new_context(viewport=screen, locale="fr-FR", java_script_enabled=javascript)
    page = context.new_page()
    seen = look(page, scripts=javascript, widths=WIDER if width == SCREENS[0].values[0] else ())

    arrive(page, service, seen)
    register_both(page, service, seen)
    visit = book_both(page, service, seen)
    confirm_address(page, service, seen, visit)
    cancel(page, service, seen, visit)
    leave(page, service, seen)
    context.close()

    assert seen.faults() == []


def arrive(page, service, seen):
    page.goto(service.site)
    seen("home")
    page.get_by_role("link", name="Prendre rendez-vous").first.click()
    seen("sign-in")
    sign_in(page, service, "avec-enfant")
    seen("empty-space")
    page.goto(f"{service.site}/espace/rendez-vous/nouveau/")
    seen("no-permit-yet")


def register_both(page, service, seen):
    page.goto(f"{service.site}/espace/permis/ajouter/")
    seen("permit-form")
    page.get_by_role("button", name="Enregistrer ce permis").click()
    seen("permit-form-with-errors")
    register_permit(page, service, "2026900299")
    seen("no-such-permit")
    register_permit(page, service, "2026900201")
    seen("own-permit-registered")
    yanis = {"birth_name": "Mercier", "first_name": "yanis", "born": ("3", "6", "2018")}
    register_permit(page, service, "2026900202", child=yanis)
    seen("child-s-permit-registered")
    page.goto(f"{service.site}/espace/permis/")
    seen("permits")


def book_both(page, service, seen):
    page.goto(f"{service.site}/espace/rendez-vous/nouveau/")
    seen("days-and-times")
    page.locator("button.p-time").first.click()
    seen("who-comes")
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_role("button", name="Continuer").click()
    seen("nobody-chosen")
    for box in page.locator("input[name=permis]").all():
        box.check()
    page.get_by_role("button", name="Continuer").click()
    seen("check")
    assert not page.get_by_role("checkbox").first.is_checked()
    page.get_by_role("button", name="Confirmer le rendez-vous").click()
    seen("booked")
    visit = Visit.objects.get()
    assert visit.reference in page.locator("main").inner_text()
    assert Slot.objects.get(pk=visit.slot_id).taken == 1
    return visit


def confirm_address(page, service, seen, visit):
    """Until the address is confirmed a letter says nothing of the place, and holds the link that confirms."""
    letter = letter_about(service, "confirmé")
    assert visit.reference in letter.text
    assert "Dijon" not in letter.text
    page.goto(next(link for link in letter.links if "/courriel/confirmer/" in link))
    seen("confirm-address")
    page.get_by_role("button", name="Oui, c’est mon adresse").click()
    seen("address-confirmed")


def cancel(page, service, seen, visit):
    page.goto(f"{service.site}/espace/")
    seen("space")
    page.goto(f"{service.site}/espace/rendez-vous/")
    seen("list")
    page.get_by_role("main").get_by_role("link", name=re.compile(" h ")).first.click()
    page.get_by_role("link", name="Annuler ce rendez-vous").click()
    seen("cancel")
    page.get_by_role("button", name="Oui, annuler le rendez-vous").click()
    seen("cancelled")
    assert Slot.objects.get(pk=visit.slot_id).taken == 0
    letter = letter_about(service, "annulé")
    assert visit.reference in letter.text
    assert "/courriel/confirmer/" not in letter.text


def leave(page, service, seen):
    page.goto(f"{service.site}/deconnexion/")
    seen("sign-out")
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/deconnexion/retour/**")
    seen("signed-out")


def letter_about(service, word):
    """Wait for a letter whose subject holds a word."""
    for _ in range(300):
        found = [letter for letter in service.mailbox.letters if word in letter.subject]
        if found:
            return found[-1]
        service.mailbox.wait_for(len(service.mailbox.letters) + 1, seconds=0.5)
    raise AssertionError([letter.subject for letter in service.mailbox.letters])
