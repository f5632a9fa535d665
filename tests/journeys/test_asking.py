"""No permit yet, and something to say of the site: the guide by keyboard alone and the opinion, on a telephone."""

from __future__ import annotations

import pytest

from parloir.content.models import Opinion
from tests.factories import EstablishmentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_asking")]


@pytest.mark.parametrize("javascript", [True, False], ids=["375", "375-without-javascript"])
def test_a_relative_learns_whom_to_write_to_and_says_what_was_hard(site, chromium, look, javascript):
    EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon", phone="+33380664732")
    screen = {"width": 375, "height": 740}
    context = chromium.new_context(viewport=screen, locale="fr-FR", java_script_enabled=javascript)
    page = context.new_page()
    seen = look(page, scripts=javascript)

    ask_by_keyboard(page, site, seen)
    say_what_was_hard(page, seen)
    context.close()

    assert seen.faults() == []
    assert Opinion.objects.values_list("ease", "words").get() == ("hard", "La page est longue.")


def ask_by_keyboard(page, site, seen):
    page.goto(f"{site}/permis/demander/")
    seen("guide")
    tab_to(page, "situation")
    page.keyboard.press("Space")
    tab_to(page, "pour")
    page.keyboard.press("ArrowDown")
    tab_to(page, "etablissement")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**situation=instruction&pour=enfant&etablissement=ma-dijon#reponse")
    seen("whom-to-write-to")
    assert "juge d’instruction" in page.locator("main").inner_text()


def tab_to(page, name):
    """Press Tab until a field of that name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(f"[name={name}]:focus").count():
            return
    raise AssertionError(name)


def say_what_was_hard(page, seen):
    page.get_by_role("link", name="Je donne mon avis").click()
    page.wait_for_url("**/avis/**")
    page.get_by_role("button", name="Envoyer mon avis").click()
    seen("opinion-without-an-answer")
    page.get_by_label("Difficile").check()
    page.get_by_label("Que pouvons-nous améliorer").fill("La page est longue.")
    page.get_by_role("button", name="Envoyer mon avis").click()
    page.wait_for_url("**/avis/?merci")
    seen("thanks")
