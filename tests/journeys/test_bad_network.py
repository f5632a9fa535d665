"""A dead network, a session that ends, a place lost, and the arrow back: nobody is left without a word."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.timetable.models import Slot
from parloir.visits.models import Hold
from tests.journeys.families import calendar, in_front_of_times, in_session, screen, times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_bad_network")]

AGAIN = "Pas encore de réponse"


@pytest.fixture
def family():
    return in_front_of_times()


@pytest.fixture
def page(site, chromium, family):
    context = screen(chromium, 375, 667)
    in_session(context, site, family.account)
    page = context.new_page()
    yield page
    context.close()


def hold(page, site, family):
    page.goto(calendar(site, family))
    times(page).first.click()
    page.wait_for_url("**/qui-vient/")


SEND = """() => document.getElementById("saisie")
  .dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }))"""
"""Whether the browser would send the form; nothing leaves it, as on a dead network."""


def test_a_press_without_an_answer_is_said_and_can_be_made_again(site, page, family):
    page.clock.install()
    hold(page, site, family)
    said = page.locator("#envoi")

    assert [page.evaluate(SEND) for _ in range(2)] == [True, False]
    assert said.inner_text() == "Envoi en cours. Attendez un instant."
    page.clock.fast_forward(5100)
    assert AGAIN in said.inner_text()
    assert page.evaluate(SEND)


def test_the_sessions_notice_leaves_the_focus_to_whoever_types(site, page, family):
    page.clock.install()
    page.goto(f"{site}/espace/permis/ajouter/")
    number = page.locator("input[name=numero]")
    number.fill("2026")
    number.focus()
    seconds = int(page.locator("[data-session]").get_attribute("data-session"))

    page.clock.fast_forward(1000 * (seconds - 290))
    page.clock.run_for(6000)
    page.keyboard.type("0 01")

    assert page.locator("[data-session]").is_visible()
    assert "vous serez déconnecté" in page.locator("[data-session-say]").inner_text()
    assert number.input_value() == "20260 01"


def test_a_lost_place_that_is_full_offers_the_nearest_free_ones(site, page, family):
    hold(page, site, family)
    chosen = Hold.objects.get().slot
    Hold.objects.update(expires_at=timezone.now() - timedelta(minutes=1), held=False)
    Slot.objects.filter(pk=chosen.pk).update(taken=chosen.capacity)

    page.reload()
    assert page.get_by_role("button", name="Reprendre cette place").count() == 0
    assert page.get_by_text("Ce créneau est complet").is_visible()
    nearest = page.locator("button[name=creneau]")
    assert nearest.count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.screenshot(path="var/screenshots/lost-place-375.png", full_page=True)
    nearest.first.click()
    page.get_by_role("heading", name="Qui viendra ?").wait_for()

    assert Hold.objects.get(held=True).slot_id != chosen.pk


def test_reloading_and_going_back_after_a_form_error_never_asks_to_send_again(site, page, family):
    page.goto(f"{site}/espace/permis/ajouter/")
    posts = []
    page.on("request", lambda asked: posts.append(asked.url) if asked.method == "POST" else None)
    page.locator("main form button[type=submit]").click()
    page.locator("#erreurs").wait_for()

    page.reload()
    page.goto(f"{site}/espace/")
    page.go_back()

    assert page.url.endswith("/espace/permis/ajouter/")
    assert page.get_by_role("heading", level=1).count() == 1
    assert len(posts) == 1
