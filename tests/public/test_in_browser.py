"""The public pages and every component, seen by a browser: accessible, valid, light, and whole at every width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parloir.content.documents import read_questions
from parloir.content.models import Question, Word
from parloir.content.operations import load_questions
from parloir.establishments.models import Establishment
from parloir.journal.models import Entry
from tests import standard
from tests.factories import NOW, EstablishmentFactory
from tests.foundation.gallery import gallery
from tests.lines import parted_lines
from tests.serving import served
from tests.validators import axe_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from pytest_django import DjangoDbBlocker

pytestmark = [pytest.mark.xdist_group("public pages"), pytest.mark.django_db]
"""``site`` writes before any test: without the second mark, a test chosen alone would have no database of tests."""
PAGES = [
    "/",
    "/etablissements/",
    "/aide/",
    "/aide/?q=linge",
    "/aide/?q=zzzzqqqq",
    "/aide/permis/",
    "/aide/permis/a-qui-ecrire/",
    "/aide/visites/justificatif/",
    "/aide/visites/justificatif/?merci",
    "/affiches/ma-dijon/",
    "/aide/tutoriels/",
    "/aide/tutoriels/prendre-rendez-vous/",
    "/permis/demander/",
    "/permis/demander/?situation=appel&pour=famille&etablissement=ma-dijon",
    "/avis/",
    "/accessibilite/",
    "/accessibilite/schema-pluriannuel/",
    "/contact/",
    "/contact/permis/?q=dijon",
    "/contact/rendez-vous/ma-dijon/",
    "/contact/donnees/",
    "/cookies/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/plan-du-site/",
    "/rien/",
]
REFUSED: dict[str, object] = {
    "born_jour": "31",
    "born_mois": "2",
    "born_annee": "1990",
    "attendees": ["3"],
    "email": "x",
}
LANGUAGES = ["fr", "en", "ar"]
ENGLISH = pytest.param("en", marks=pytest.mark.soak)
"""The same pages in shorter words: looked at in the long run only."""
PHONE = 375
WIDTHS = [320, PHONE, 640, 768, 1280]
"""640 is a screen of 1280 read at 200 %, 320 one read at 400 %."""
MIRRORED = [320, PHONE, 1280]
"""The mirror of what was seen at each width: the narrowest, a telephone, the widest."""


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The product, served once for all these tests: none of them writes."""
    with django_db_blocker.unblock():
        EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon", phone="+33380664732")
        EstablishmentFactory(name="Centre de semi-liberté", online_booking="none: semi-liberty", phone="")
        load_questions(facts=read_questions(), now=NOW)
        with served(workers=1) as address:
            yield address
        Establishment.objects.all().delete()
        for model in (Question, Word, Entry):
            model.objects.all().delete()


def galleries() -> dict[str, str]:
    return {"galerie": gallery(), "galerie-refusee": gallery(data=REFUSED)}


def opened(browser: Browser, *, width: int, javascript: bool = True, language: str = "fr") -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, locale=language, java_script_enabled=javascript
    )
    return context.new_page()


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("language", ["fr", "ar", ENGLISH])
def test_every_page_is_accessible_and_whole_at_every_width(site, chromium, language):
    page = opened(chromium, width=PHONE, language=language)
    faults = []
    for path in PAGES:
        page.goto(site + path)
        assert page.locator("html").get_attribute("lang") == language
        for width in MIRRORED if language == "ar" else WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            faults += [f"{width} {path}: scrolls sideways"] * bool(overflow(page))
            faults += [f"{width} {path}: {fault}" for fault in parted_lines(page)]
            if width == PHONE or path == "/":
                faults += [f"{width} {path}: {fault}" for fault in axe_faults(page)]

    assert faults == []


@pytest.mark.parametrize(
    "asked", [{"color_scheme": "dark"}, {"color_scheme": "dark", "contrast": "more"}, {"contrast": "more"}]
)
def test_every_page_and_component_is_accessible_by_night_and_in_more_contrast(site, chromium, asked):
    context = chromium.new_context(viewport={"width": PHONE, "height": 800}, locale="fr", **asked)
    page = context.new_page()
    faults = []
    for name, html in galleries().items():
        page.route(f"**/{name}/", lambda route, _request, html=html: route.fulfill(body=html, content_type="text/html"))
    for path in [*PAGES, "/etablissements/carte/", *(f"/{name}/" for name in galleries())]:
        page.goto(site + path)
        faults += [f"{path}: {fault}" for fault in axe_faults(page)]
    context.close()

    assert faults == []


def test_every_component_is_accessible_and_whole_in_every_state(site, chromium):
    faults = []
    shown = {**galleries(), "galerie-de-droite-a-gauche": gallery(data=REFUSED, language="ar")}
    page = opened(chromium, width=PHONE)
    for name, html in shown.items():
        page.route(f"**/{name}/", lambda route, _request, html=html: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{site}/{name}/")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            faults += [f"{width} {name}: scrolls sideways"] * bool(overflow(page))
            if width == PHONE:
                faults += [f"{width} {name}: {fault}" for fault in axe_faults(page)]

    assert faults == []


@pytest.mark.typeset
@pytest.mark.usefixtures("site")
def test_every_page_is_answered_in_its_language_and_read_by_the_validator(client):
    shown = galleries()

    for language in LANGUAGES:
        for path in PAGES:
            shown[f"{path} {language}"] = client.get(path, headers={"accept-language": language}).content.decode()
            assert f'<html lang="{language}"' in shown[f"{path} {language}"]

    standard.PAGES.keep(shown)


def test_a_first_visit_is_light_and_asks_nobody_else(site, chromium):
    page = opened(chromium, width=375)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    asked: list[str] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(site + "/")
    page.wait_for_load_state("networkidle")

    assert [url for url in asked if not url.startswith(site)] == []
    assert complaints == []
    assert sum(sizes) < 115_000


def test_the_keyboard_finds_the_skip_link_first_and_leaves_the_list_of_languages(site, chromium):
    page = opened(chromium, width=1280)
    page.goto(site + "/")

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Contenu"
    assert page.get_by_role("link", name="Contenu").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    languages = page.locator(".p-languages")
    languages.locator("summary").press("Enter")
    languages.get_by_role("button", name="English").focus()
    assert languages.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.localName") == "summary"
    assert languages.get_attribute("open") is None
    for leave in (lambda: page.mouse.click(5, 600), lambda: page.get_by_role("link", name="Contenu").focus()):
        languages.locator("summary").click()
        assert languages.get_attribute("open") is not None
        leave()
        assert languages.get_attribute("open") is None


def test_the_language_changes_without_javascript(site, chromium):
    page = opened(chromium, width=375, javascript=False)
    page.goto(site + "/aide/")

    for name, language in [("English", "en"), ("العربية", "ar"), ("Langage simplifié", "fr-x-facile")]:
        page.locator(".p-languages summary").click()
        page.get_by_role("button", name=name).click()

        assert page.url == site + "/aide/"
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator(".p-languages summary").inner_text().strip().endswith(name)


def test_an_arabic_page_leads_to_itself_in_french_and_mirrors_the_french_one(site, chromium):
    def edges(page: Page) -> tuple[float, ...]:
        boxes = [page.locator(name).bounding_box() for name in (".p-header__title", ".p-languages")]
        return tuple(box["x"] + box["width"] / 2 - PHONE / 2 for box in boxes if box)

    page = opened(chromium, width=PHONE, language="ar", javascript=False)
    page.goto(site + "/aide/visites/linge/")
    mirrored = edges(page)
    answer = page.locator('[itemprop="text"]')

    assert (answer.get_attribute("lang"), answer.get_attribute("dir")) == ("fr", "ltr")
    assert page.get_by_text("هذه الأجوبة مكتوبة بالفرنسية فقط").is_visible()
    page.get_by_role("button", name="Lire cette page en français").click()
    assert page.url == site + "/aide/visites/linge/"
    assert page.locator("html").get_attribute("dir") == "ltr"
    assert mirrored[0] > 0 > mirrored[1]
    assert edges(page)[0] < 0 < edges(page)[1]


def test_an_answer_is_searched_read_and_judged_without_javascript(site, chromium):
    page = opened(chromium, width=375, javascript=False)
    page.goto(site + "/aide/")

    page.get_by_label("Chercher une réponse").fill("sac de linge")
    page.get_by_role("button", name="Chercher", exact=True).click()
    page.get_by_role("link", name="Comment apporter ou reprendre du linge ?").first.click()
    page.get_by_role("button", name="Oui").click()

    assert page.url == site + "/aide/visites/linge/?merci#utile"
    assert page.get_by_role("heading", name="Merci pour votre avis.").is_visible()
    page.get_by_role("link", name="Suite").click()
    assert page.url == site + "/aide/visites/argent-colis-courrier/"


def test_a_refused_form_is_read_from_its_list_of_errors(site, chromium):
    page = opened(chromium, width=375)
    html = gallery(data=REFUSED)
    page.route("**/refus/", lambda route, _request: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{site}/refus/")

    assert page.evaluate("document.activeElement.id") == "erreurs"
    page.get_by_role("link", name="Date de naissance").click()
    assert page.evaluate("document.activeElement.name") == "born_jour"


def test_targets_are_large_enough_for_a_thumb(site, chromium):
    page = opened(chromium, width=375)
    html = gallery()
    page.route("**/galerie/", lambda route, _request: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{site}/galerie/")

    small = page.evaluate(
        """() => [...document.querySelectorAll('a.p-day, .p-time, .fr-btn, .p-choice, .p-header__links a')]
            .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
            .filter(([_, box]) => box.height < 44 || box.width < 24).map(([text]) => text)"""
    )

    assert small == []


def test_a_film_plays_from_a_chapter_by_keyboard_with_its_captions(site, chromium):
    page = opened(chromium, width=375, language="en")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/aide/tutoriels/prendre-rendez-vous/")
    assert not [url for url in asked if url.endswith((".mp4", ".webm"))]
    chapter = page.locator("a[data-film-at]").nth(1)
    at = float(str(chapter.get_attribute("data-film-at")))

    chapter.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "at => { const film = document.getElementById('film'); const shown = film.textTracks[1];"
        " return film.currentTime >= at && shown.mode === 'showing' && shown.cues && shown.cues.length > 10 }",
        arg=at,
    )

    assert page.evaluate("document.activeElement.id") == "film"
    assert page.evaluate("document.getElementById('film').error") is None
    assert [url for url in asked if not url.startswith(site)] == []
