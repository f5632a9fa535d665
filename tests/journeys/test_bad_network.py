"""A dead network, a session that ends, a place lost, and the arrow back: nobody is left without a word."""

from __future__ import annotations

import json
from datetime import timedelta
from time import monotonic

import pytest
from django.utils import timezone

from parloir.timetable.models import Slot
from parloir.visits.models import Hold
from tests.dead_network import network_to
from tests.journeys.families import calendar, in_front_of_times, in_session, screen, times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_bad_network")]

AGAIN = "Pas encore de réponse"


@pytest.fixture
def family():
    """A mother and her child: who comes is asked."""
    family = in_front_of_times()
    family.add()
    return family


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


@pytest.fixture
def network(site):
    with network_to(site) as one:
        yield one


TELLING = """addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("main button.p-action"), said = document.getElementById("envoi");
  if (!button) return;
  const tell = () => {
    const { x, y, width, height } = button.getBoundingClientRect();
    console.debug("STATE", JSON.stringify({ at: [x + width / 2, y + height / 2],
      said: said.hidden ? "" : said.innerText, released: !button.hasAttribute("aria-disabled") }));
  };
  new MutationObserver(tell).observe(document.body, { subtree: true, childList: true, attributes: true });
  for (const moved of ["load", "pageshow", "scroll"]) addEventListener(moved, tell);
})"""
"""Has the page tell each state of its button: while a browser waits for an answer, nothing can be asked of its page."""


class Confirming:
    """A page in front of “Confirmer”, whose network has just died."""

    def __init__(self, network, page, family):
        self.network, self.page, self.states = network, page, []
        self.devtools = page.context.new_cdp_session(page)
        in_session(page.context, network.address, family.account)
        page.add_init_script(TELLING)
        page.on("console", self._told)
        hold(page, network.address, family)
        page.get_by_role("button", name="Continuer").click()
        page.wait_for_url("**/verifier/")
        page.get_by_role("button", name="Confirmer le rendez-vous").scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        network.die()

    def _told(self, message):
        if message.text.startswith("STATE "):
            self.states.append(json.loads(message.text.removeprefix("STATE ")))

    @property
    def state(self):
        """Return whether the button works, and what is said."""
        return self.states[-1]["released"], self.states[-1]["said"]

    def press(self):
        """Press as a finger does, where the button is now."""
        known = len(self.states)
        self.page.mouse.click(*self.states[-1]["at"])
        self.wait(lambda: len(self.states) > known)
        self.page.wait_for_timeout(300)

    def wait(self, until):
        """Wait until something is so; return the seconds it took."""
        since = monotonic()
        while not until():
            assert monotonic() - since < PATIENCE, self.states
            self.page.wait_for_timeout(50)
        return monotonic() - since

    def sent(self, times):
        """Wait until the confirmation was sent so often; tell whether it was not more often."""
        self.wait(lambda: self.network.sent("POST") >= times)
        return self.network.sent("POST") == times


PATIENCE = 60
"""Seconds, on a machine busy with everything else."""


@pytest.fixture
def confirming(network, page, family):
    yield Confirming(network, page, family)
    network.cut()


def test_confirming_on_a_server_that_never_answers_can_be_pressed_again_after_five_seconds(confirming):
    confirming.press()
    assert confirming.state == (False, "")
    confirming.press()
    assert confirming.state == (False, "Envoi en cours. Attendez un instant.")
    assert confirming.sent(1)

    assert confirming.wait(lambda: confirming.state[0]) > 3
    assert AGAIN in confirming.state[1]
    confirming.press()
    assert confirming.state == (False, "")
    assert confirming.sent(2)


def test_the_browsers_stop_says_at_once_what_became_of_the_press(confirming):
    confirming.press()
    assert confirming.sent(1)
    assert confirming.state == (False, "")

    confirming.devtools.send("Page.stopLoading")
    assert confirming.wait(lambda: confirming.state[0]) < 4
    assert AGAIN in confirming.state[1]
    confirming.press()
    assert confirming.sent(2)


def test_after_a_broken_connection_the_arrow_back_leads_to_a_confirmation_that_works(confirming):
    confirming.press()
    assert confirming.sent(1)
    before = len(confirming.states)

    confirming.network.cut()
    confirming.wait(lambda: confirming.page.url.startswith("chrome-error:"))
    confirming.network.live()
    confirming.page.go_back()
    confirming.wait(lambda: len(confirming.states) > before)
    assert confirming.state == (True, "")
    # The browser's own page took the place of “Vérifier” in its history: back is the step before it.
    confirming.page.get_by_role("button", name="Continuer").click()
    confirming.page.get_by_role("button", name="Confirmer le rendez-vous").click()
    confirming.page.wait_for_url("**/?confirme=1")
