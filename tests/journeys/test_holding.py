"""A place is kept while a family decides: the time left, more of it, none left, a second window, coming back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.identity.cookies import SESSION
from parloir.visits.models import Draft, Hold, Visit
from tests.journeys.families import calendar, in_front_of_times, in_session, screen, times
from tests.journeys.test_booking import TELEPHONE_FIRST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_holding")]

EXTEND = "Garder ma place plus longtemps"


@pytest.mark.parametrize(("width", "height", "javascript"), TELEPHONE_FIRST)
def test_a_place_is_kept_lost_and_taken_again(site, chromium, look, width, height, javascript):
    family = in_front_of_times()
    family.add()
    context = screen(chromium, width, height, javascript=javascript)
    in_session(context, site, family.account)
    page = context.new_page()
    page.clock.install()
    seen = look(page, scripts=javascript)

    page.goto(calendar(site, family))
    seen("times")
    times(page).first.click()
    page.wait_for_url("**/qui-vient/")
    assert "Nous gardons votre place jusqu’à" in page.locator(".p-held").inner_text()
    seen("held")
    keep_longer(page, seen, javascript=javascript)
    run_out(page, seen, javascript=javascript)
    come_back(page, site, seen)
    two_windows(page, context, site, family, seen)
    context.close()

    assert seen.faults() == []
    assert Visit.objects.count() == 1


def keep_longer(page, seen, *, javascript):
    """What was ticked is still ticked; at two minutes, and only then, a screen reader says so."""
    child = page.locator("input[name=permis]").nth(1)
    child.check()
    if javascript:
        said = page.locator("[data-held-say]")
        page.clock.run_for(1500)
        assert said.inner_text() == "Votre choix est gardé 10 minutes."
        assert "Encore 9 min" in page.locator("[data-held-left]").inner_text()
        page.clock.fast_forward("08:05")
        page.clock.run_for(1000)
        assert said.inner_text() == "Il reste 2 minutes pour finir. Un bouton permet d’avoir plus de temps."
        seen("two-minutes-left")
    page.get_by_role("button", name=EXTEND).click()
    page.wait_for_load_state()
    assert page.get_by_role("button", name=EXTEND).count() == 0
    assert page.locator("input[name=permis]").nth(1).is_checked() is javascript
    seen("kept-longer")


def run_out(page, seen, *, javascript):
    """The choice outlives the place, in the page and after it."""
    if javascript:
        page.clock.fast_forward("10:05")
        page.clock.run_for(1000)
        assert page.locator("[data-held-live]").is_hidden()
        assert page.get_by_role("button", name="Reprendre cette place").is_visible()
        assert page.locator("[data-held-say]").inner_text().startswith("Le temps est écoulé.")
        seen("time-over-in-the-page")
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page.goto(page.url.replace("prolonger", "qui-vient"))
    assert page.get_by_role("heading", level=1).inner_text() == "Votre place n’est plus gardée"
    seen("time-over")
    page.get_by_role("button", name="Reprendre cette place").click()
    page.wait_for_url("**/qui-vient/")
    assert Hold.objects.get().expires_at > timezone.now()


def come_back(page, site, seen):
    """What is begun is found in the space, and goes on where it was."""
    page.goto(f"{site}/espace/")
    seen("begun")
    page.get_by_role("main").get_by_role("link", name="Continuer").click()
    page.get_by_label("J’ai besoin d’une cabine accessible").check()
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/verifier/")
    assert "Cabine accessible" in page.locator(".p-summary").inner_text()
    seen("check")


def two_windows(page, context, site, family, seen):
    """A choice changed in a second window is shown before it is confirmed; the button is pressed twice."""
    second = context.new_page()
    second.goto(calendar(site, family))
    times(second).last.click()
    second.wait_for_url("**/qui-vient/")
    second.close()
    confirm = page.get_by_role("button", name="Confirmer le rendez-vous")
    confirm.click()
    assert "Votre choix a changé dans une autre fenêtre" in page.locator("#refus").inner_text()
    seen("changed-in-another-window")
    confirm.dblclick()
    page.wait_for_url("**/PAR-**")
    seen("confirmed")
    page.goto(f"{calendar(site, family)}verifier/")
    assert page.url == calendar(site, family)
    assert Draft.objects.count() == 0


def test_with_the_keyboard_alone_a_place_is_held_and_booked(site, chromium):
    family = in_front_of_times()
    family.add()
    context = screen(chromium, 1280, 800)
    in_session(context, site, family.account)
    page = context.new_page()

    page.goto(calendar(site, family))
    tab_to(page, "button.p-time")
    page.keyboard.press("Enter")
    page.wait_for_url("**/qui-vient/")
    tab_to(page, "#saisie button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/verifier/")
    tab_to(page, "#saisie button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/PAR-**")
    context.close()

    assert Visit.objects.count() == 1


def test_signed_out_meanwhile_the_choice_is_found_after_signing_in_again(site, chromium):
    family = in_front_of_times()
    family.add()
    context = screen(chromium, 375, 740)
    in_session(context, site, family.account)
    page = context.new_page()
    page.goto(calendar(site, family))
    times(page).first.click()
    page.wait_for_url("**/qui-vient/")

    context.clear_cookies(name=SESSION)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_load_state()
    said = page.locator("main").inner_text()
    in_session(context, site, family.account)
    page.goto(f"{site}/espace/")

    assert "Vous avez commencé un rendez-vous" in page.locator("main").inner_text()
    assert said != ""
    context.close()
    assert Draft.objects.count() == 1


def tab_to(page, selector):
    """Press Tab until the first such element has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached with the keyboard")
