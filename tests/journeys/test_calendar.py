"""The calendar on screens of every width: the hours in sight, the chosen day visible, nothing cut or overlapping."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.journeys.families import calendar, in_front_of_times, in_session, screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_calendar")]

CUT = """() => [...document.querySelectorAll('.p-day__mark, .p-time__hour, .p-weekdays > span')]
    .filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""
WIDER = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture
def page(site, chromium):
    """The calendar of a family that has an appointment, on a desk's screen."""
    family = in_front_of_times()
    family.book(slot=family.slots[8], now=timezone.now())
    context = screen(chromium, 1280, 800)
    in_session(context, site, family.account)
    page = context.new_page()
    page.goto(calendar(site, family))
    yield page
    context.close()


def test_on_a_desk_the_hours_stand_beside_the_days_in_sight_without_scrolling(page):
    days, hours = (page.locator(one).first.bounding_box() for one in (".p-calendar__days", ".p-calendar__hours"))

    assert hours["x"] > days["x"] + days["width"]
    assert hours["y"] + hours["height"] <= 800
    assert page.locator(".p-week > li").first.bounding_box()["y"] < 800


def test_on_a_telephone_the_hours_open_right_under_the_chosen_week(page):
    page.set_viewport_size({"width": 375, "height": 740})
    page.locator("a.p-day").nth(6).click()
    page.wait_for_url("**/?jour=*")

    week = page.locator(".p-weeks > li", has=page.locator('[aria-current="date"]')).bounding_box()
    hours = page.locator(".p-calendar__hours").bounding_box()
    assert 0 <= hours["y"] - week["y"] - week["height"] < 24
    assert page.locator(".p-calendar__hours h2").is_visible()


def test_nothing_is_cut_nor_wider_than_the_screen_be_the_text_twice_as_large(page):
    for width, text in ((320, "100%"), (375, "100%"), (375, "200%"), (768, "100%"), (1280, "200%")):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(f"document.documentElement.style.fontSize = '{text}'")

        assert (width, text, page.evaluate(CUT)) == (width, text, [])
        assert not page.evaluate(WIDER), (width, text)


def test_the_chosen_day_is_visible_where_colours_are_the_reader_s_own(page):
    page.emulate_media(forced_colors="active")
    look = "one => { const s = getComputedStyle(one); return [s.borderTopWidth, s.backgroundColor] }"

    chosen = page.locator('.p-day[aria-current="date"]').evaluate(look)
    others = page.locator("a.p-day:not([aria-current])").evaluate_all(f"all => all.map({look})")

    assert chosen[0] == "4px"
    assert all(width != chosen[0] and background != chosen[1] for width, background in others)


def test_what_suits_is_said_with_the_keyboard_and_without_a_script(site, chromium):
    family = in_front_of_times()
    context = screen(chromium, 375, 740, javascript=False)
    in_session(context, site, family.account)
    page = context.new_page()
    page.goto(calendar(site, family))

    page.locator(".p-suiting > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Samedi").press(" ")
    page.get_by_label("Le matin, avant midi").press(" ")
    page.get_by_role("button", name="Montrer ces places d’abord").press("Enter")
    page.wait_for_url("**/#prochaines")

    proposed = page.locator(".p-soonest button").all_inner_texts()
    assert [text.partition(" ")[0] for text in proposed] == ["Samedi"] * 3
    assert all(int(text.rpartition("\N{NO-BREAK SPACE}h")[0].split()[-1]) < 12 for text in proposed)
    context.close()
