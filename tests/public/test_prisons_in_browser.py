"""Finding a prison, its sheet and the map, seen by a browser: accessible, valid, whole, and used by keyboard."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from parloir.establishments.models import Alert, BookingPolicy, Establishment, InformationSheet, Wing
from parloir.establishments.operations import load_establishments
from parloir.establishments.referential import read_referential
from parloir.journal.models import Entry
from parloir.timetable.models import Closure, Session
from tests import standard
from tests.serving import served
from tests.validators import axe_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from pytest_django import DjangoDbBlocker

pytestmark = [pytest.mark.xdist_group("prisons in a browser"), pytest.mark.django_db]
"""What is served is written before any test: without the second mark, one chosen alone would have no database."""
PAGES = [
    "/etablissements/",
    "/etablissements/?q=marseille",
    "/etablissements/?q=zzzz",
    "/etablissements/?region=Lyon&type=MA",
    "/etablissements/?cp=21000",
    "/etablissements/?cp=99999",
    "/etablissements/carte/",
    "/etablissements/carte/cp-fleury-merogis/",
    "/etablissements/carte/cp-st-denis/",
    "/etablissements/ma-dijon/",
    "/etablissements/cp-meaux-chauconin-neufmontiers/",
    "/etablissements/cd-kone/",
    "/etablissements/csl-lyon/",
    "/etablissements/cp-taiohae/",
]
NOW = datetime.now(tz=UTC)
LONG = "Une phrase très longue de l’établissement, sans fin. " * 12


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """All prisons, with one that says everything of itself, served once: none of these tests writes."""
    with django_db_blocker.unblock():
        load_establishments(facts=read_referential(), now=NOW)
        wing = Wing.objects.get(establishment__slug="ma-dijon")
        for weekday in (3, 6):
            Session.objects.create(
                wing=wing,
                weekday=weekday,
                starts_at=time(14),
                duration_minutes=45,
                capacity=3,
                valid_from=date(2026, 1, 1),
                fictional=True,
            )
        until = NOW.date() + timedelta(days=9)
        Closure.objects.create(wing=wing, since=NOW.date(), until=until, closed_at=NOW)
        Alert.objects.create(establishment=wing.establishment, texts={"fr": LONG}, starts_at=NOW, published_at=NOW)
        Alert.objects.create(texts={"fr": "Partout", "en": "Everywhere"}, starts_at=NOW, published_at=NOW)
        words = ("public_transport", "court", "family_reception", "linen", "activities", "history", "kiosk_place")
        InformationSheet.objects.create(
            establishment=wing.establishment, has_kiosk=True, checked_on=NOW.date(), **dict.fromkeys(words, LONG)
        )
        with served(workers=1) as address:
            yield address
        for model in (Session, Closure, Alert, InformationSheet, BookingPolicy, Wing, Establishment, Entry):
            model.objects.all().delete()


def opened(browser: Browser, *, width: int = 375, language: str = "fr", javascript: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, locale=language, java_script_enabled=javascript
    )
    return context.new_page()


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.soak)])
def test_every_page_and_state_is_accessible_and_whole(site, chromium, language):
    faults, complaints = [], []
    page = opened(chromium, language=language)
    page.on("console", lambda message: complaints.append(message.text))
    for path in PAGES:
        standard.PAGES.keep({path: page.goto(site + path).text()})
        for width in (320, 375, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            faults += [f"{width} {path}: scrolls sideways by {wide}"] * bool(wide)
            if width == 375 or (width == 1280 and "carte" in path):
                faults += [f"{width} {path}: {fault}" for fault in axe_faults(page)]

    assert faults == []
    assert complaints == []


def test_suggestions_are_chosen_by_keyboard(site, chromium):
    page = opened(chromium)
    page.goto(site + "/etablissements/")
    box = page.get_by_role("combobox", name="Nom, ville, département ou code postal")

    box.press_sequentially("st maur")
    page.get_by_role("option").first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert page.locator(f"#{box.get_attribute('aria-activedescendant')}").get_attribute("aria-selected") == "true"
    assert axe_faults(page) == []
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "st maur"
    box.press("Backspace")
    page.get_by_role("option").first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")

    page.wait_for_url("**/etablissements/mc-st-maur/")


def test_suggestions_are_chosen_by_finger_and_fit_a_telephone(site, chromium):
    page = opened(chromium)
    page.goto(site + "/etablissements/")
    page.locator("#q").press_sequentially("baum")
    option = page.get_by_role("option").first
    option.wait_for()

    box = option.bounding_box()
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 375
    option.click()

    page.wait_for_url("**/etablissements/cp-marseille/")


def test_without_a_script_the_form_answers_by_the_enter_key(site, chromium):
    page = opened(chromium, javascript=False)
    page.goto(site + "/etablissements/")

    page.locator("#q").fill("baumettes")
    page.locator("#q").press("Enter")

    page.get_by_role("link", name="Centre pénitentiaire de Marseille-Baumettes").click()
    assert page.url == site + "/etablissements/cp-marseille/"


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_marks_of_the_maps_are_large_enough_for_a_finger_and_apart(site, chromium, width):
    page = opened(chromium, width=width)
    for path in ("/etablissements/carte/", "/etablissements/carte/cp-fleury-merogis/"):
        page.goto(site + path)
        boxes = page.locator(".p-map__hit").evaluate_all(
            "all => all.map(e => e.getBoundingClientRect()).map(b => [b.x + b.width / 2, b.y + b.height / 2, b.width])"
        )

        assert min(box[2] for box in boxes) >= 23.5
        for number, (x, y, size) in enumerate(boxes):
            apart = [((x - other[0]) ** 2 + (y - other[1]) ** 2) ** 0.5 for other in boxes[:number]]
            assert all(distance >= min(size, 24) * 0.98 for distance in apart)


def test_the_map_is_travelled_by_keyboard(site, chromium):
    page = opened(chromium, width=1280)
    page.goto(site + "/etablissements/carte/")
    page.locator(".p-map__link").first.focus()

    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") not in {None, name}
    page.get_by_role("link", name="établissements autour de Lille").focus()
    page.keyboard.press("Enter")

    page.wait_for_url("**/etablissements/carte/cp-lille-loos-sequedin/")
    assert page.get_by_role("link", name="Maison d’arrêt de Douai").count() == 2  # on the map and in the list


def test_a_sheet_is_printed_without_what_can_only_be_pressed(site, chromium):
    page = opened(chromium, width=768)
    page.goto(site + "/etablissements/ma-dijon/")
    page.emulate_media(media="print")

    assert page.get_by_text("72 Bis rue d’Auxonne").is_visible()
    assert page.get_by_text("Horaires fictifs de démonstration").is_visible()
    for hidden in ("Prendre rendez-vous", "OpenStreetMap", "Jours et heures"):
        assert not page.get_by_role("link", name=hidden, exact=True).first.is_visible()
