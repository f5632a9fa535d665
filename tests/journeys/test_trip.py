"""A family from far away comes three days running: chosen, held and booked in one go."""

from __future__ import annotations

import pytest

from parloir.timetable.models import Slot
from parloir.visits.models import Draft, Visit
from tests.journeys.families import calendar, in_front_of_times, in_session, screen
from tests.journeys.test_booking import TELEPHONE_FIRST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_trip")]


@pytest.mark.parametrize(("width", "height", "javascript"), TELEPHONE_FIRST)
def test_three_days_are_booked_in_one_go(site, chromium, look, width, height, javascript):
    family = in_front_of_times()
    family.add()
    context = screen(chromium, width, height, javascript=javascript)
    in_session(context, site, family.account)
    page = context.new_page()
    seen = look(page, scripts=javascript)

    page.goto(calendar(site, family))
    page.get_by_role("link", name="Choisir plusieurs jours de suite").click()
    seen("days")
    mend(page, seen)
    lose_one(page, seen)
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/verifier/")
    seen("check")
    page.get_by_role("button", name="Confirmer les 3 rendez-vous").click()
    page.wait_for_url("**/PAR-**")
    seen("booked")
    page.goto(f"{site}/espace/rendez-vous/")
    seen("list")
    context.close()

    assert seen.faults() == []
    assert Visit.objects.count() == 3
    assert set(Visit.objects.values_list("trip_id", flat=True)) == {Visit.objects.order_by("pk").first().pk}
    assert sum(Slot.objects.values_list("taken", flat=True)) == 3


def boxes(page, day):
    return page.locator(".p-trip__day").nth(day).locator("input[type=checkbox]")


def keep(page):
    page.get_by_role("button", name="Garder ces jours").click()
    page.wait_for_load_state()


def mend(page, seen):
    """Two times on one day are to be mended, and what was ticked stays so."""
    boxes(page, 0).nth(0).check(force=True)
    boxes(page, 0).nth(1).check(force=True)
    keep(page)
    assert "Choisissez une seule heure par jour." in page.locator("#erreurs").inner_text()
    assert page.locator("input[name=creneau]:checked").count() == 2
    seen("two-on-one-day")
    boxes(page, 0).nth(1).uncheck(force=True)


def lose_one(page, seen):
    """A place taken by others meanwhile holds none of the days; another time of that day does."""
    for day in (1, 2):
        boxes(page, day).nth(0).check(force=True)
    lost = int(boxes(page, 1).nth(0).get_attribute("value").partition(".")[2])
    Slot.objects.filter(pk=lost).update(taken=3)
    keep(page)
    assert "Ce créneau est complet." in page.locator("#refus").inner_text()
    assert Draft.objects.count() == 0
    seen("one-is-full")
    Slot.objects.filter(pk=lost).update(taken=0)
    boxes(page, 1).nth(0).check(force=True)
    keep(page)
    page.wait_for_url("**/qui-vient/")
    seen("who-comes")
