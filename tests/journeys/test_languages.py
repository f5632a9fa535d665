"""The main journey read in Arabic, then in « langage simplifié », on a telephone."""

from __future__ import annotations

import pytest

from parloir.people.models import Account
from parloir.visits.models import Visit
from tests.journeys.test_booking import letter_about

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_languages")]

LEFT_IN_FRENCH = """() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("[lang=fr], script, bdi")) continue;
    if (/\\b(le|la|les|un|une|votre|vos|pour|est|dans)\\b/i.test(node.textContent)) found.push(node.textContent.trim());
  }
  return found;
}"""
"""Runs of text that are French and do not say so."""


@pytest.fixture
def read(look, chromium):
    """A telephone's page, and what looks at it."""
    context = chromium.new_context(viewport={"width": 375, "height": 740}, locale="fr-FR", java_script_enabled=True)
    page = context.new_page()
    yield page, look(page, scripts=True)
    context.close()


def choose(page, language):
    page.locator(".p-languages summary").click()
    page.locator(f'button[name="langue"][value="{language}"]').first.click()
    assert page.locator("html").get_attribute("lang") == language


def register(page, service, number):
    page.goto(f"{service.site}/espace/permis/ajouter/")
    page.locator('select[name="etablissement"]').select_option("ma-dijon")
    page.locator('input[name="pour"][value="moi"]').check()
    page.locator('input[name="numero"]').fill(number)
    page.locator("main button[type=submit]").first.click()


def test_a_mother_books_in_arabic_then_cancels_in_plain_french(service, read):
    page, seen = read
    left = []

    def look(name):
        seen(name)
        left.extend((name, text) for text in page.evaluate(LEFT_IN_FRENCH))

    page.goto(service.site)
    choose(page, "ar")
    look("ar-home")
    page.goto(f"{service.site}/connexion/")
    look("ar-sign-in")
    page.locator("a.fr-connect").click()
    page.locator('a[href*="/impots/"]').click()
    page.locator('button[name="personne"][value="avec-enfant"]').click()
    page.wait_for_url(f"{service.site}/espace/**")
    look("ar-empty-space")
    register(page, service, "2026900299")
    look("ar-no-such-permit")
    register(page, service, "2026900201")
    look("ar-permit-registered")
    page.goto(f"{service.site}/espace/rendez-vous/nouveau/")
    look("ar-days-and-times")
    page.locator("button.p-time").first.click()
    look("ar-check")
    # Only she has a permit: nobody is asked who comes, and it can be changed from here.
    page.locator('a[href$="/qui-vient/"]').first.click()
    look("ar-who-comes")
    page.locator("main form#saisie button[type=submit]").click()
    page.locator("main form#saisie button[type=submit]").click()
    look("ar-booked")
    visit = Visit.objects.get()
    assert visit.reference in page.locator("main").inner_text()
    page.goto(f"{service.site}/espace/preferences/")
    look("ar-preferences")

    assert (left, Account.objects.get().language) == ([], "ar")
    assert letter_about(service, "موعد")

    choose(page, "fr-x-facile")
    for address, name in [("/espace/", "space"), ("/espace/permis/", "permits"), ("/espace/permis/ajouter/", "add")]:
        page.goto(service.site + address)
        seen(f"plain-{name}")
    page.goto(f"{service.site}/espace/rendez-vous/{visit.reference}/annuler/")
    seen("plain-cancel")
    page.get_by_role("button", name="Oui, j’annule").click()
    seen("plain-cancelled")
    assert page.get_by_text("Vous avez annulé ce rendez-vous.").is_visible()

    assert seen.faults() == []
