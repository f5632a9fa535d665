"""A visit changes: its time, who comes, some fewer, oneself out of it, the same again; too late, what remains."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from parloir.people.models import Visitor
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from tests.factories import AccountFactory, RegistrationFactory
from tests.journeys.families import in_front_of_times, in_session, screen, times
from tests.journeys.test_booking import TELEPHONE_FIRST

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_changing")]


@pytest.mark.parametrize(("width", "height", "javascript"), TELEPHONE_FIRST)
def test_a_visit_is_changed_in_every_way(site, chromium, look, width, height, javascript):
    family = in_front_of_times()
    child = family.add()
    mother = family.add(holding="adult", born=date(1960, 1, 1))
    named(child, "Léa")
    named(mother, "Monique")
    hers = AccountFactory(first_names=["Monique"])
    RegistrationFactory(account=hers, permit=mother)
    visit = family.book(family.permit, child, slot=family.slots[5], now=timezone.now())
    context = screen(chromium, width, height, javascript=javascript)
    in_session(context, site, family.account)
    page = context.new_page()
    seen = look(page, scripts=javascript)
    address = f"{site}/espace/rendez-vous/{visit.reference}/"

    change_time(page, address, visit, seen)
    change_people(page, address, mother, seen)
    take_out(page, address, seen)
    again(page, address, family, visit, seen)
    leave(context, site, hers, address, seen)
    too_late(page, address, visit, seen)
    context.close()

    assert seen.faults() == []


def named(permit, name):
    Visitor.objects.filter(pk=permit.visitor_id).update(first_names=[name])


def change_time(page, address, visit, seen):
    page.goto(address)
    seen("visit")
    page.get_by_role("link", name="Changer le jour ou l’heure").click()
    page.wait_for_url("**/changer/")
    page.goto(f"{page.url}?jour={visit.slot.local_date}")
    assert "Votre rendez-vous actuel" in page.locator(".p-times").inner_text()
    seen("other-times")
    old = visit.slot_id
    times(page).last.click()
    # Those who come are known: they are shown at the check, and can be changed from there.
    page.wait_for_url("**/verifier/")
    page.get_by_role("link", name="Changer qui vient").click()
    seen("who-comes-to-the-new-time")
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/verifier/")
    seen("check-the-change")
    page.get_by_role("button", name="Confirmer le changement").click()
    page.wait_for_url("**/?change=1")
    seen("changed")
    visit.refresh_from_db()
    assert visit.slot_id != old
    assert Slot.objects.get(pk=old).taken == 0


def change_people(page, address, mother, seen):
    page.get_by_role("link", name="Changer qui vient").click()
    seen("change-who-comes")
    page.get_by_role("checkbox", name="Monique").check()
    page.get_by_role("button", name="Enregistrer le changement").click()
    page.wait_for_url("**/?change=1")
    assert Attendance.objects.filter(permit=mother, live=True).exists()


def take_out(page, address, seen):
    """A child cannot stay without an adult; a child can be taken out."""
    page.get_by_role("link", name="Enlever une personne").click()
    seen("take-out")
    for name in ("Monique", "Sophie"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Enlever", exact=True).click()
    page.wait_for_load_state()
    assert "Avant 18 ans, on vient avec un adulte." in page.locator("#refus").inner_text()
    seen("not-that-one")
    for name in ("Monique", "Sophie"):
        page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("checkbox", name="Léa").check()
    page.get_by_role("button", name="Enlever", exact=True).click()
    page.wait_for_url("**/?change=1")
    assert Attendance.objects.filter(live=True).count() == 2


def again(page, address, family, visit, seen):
    """The following week's same hour is full, then free."""
    visit.refresh_from_db()
    later = Slot.objects.get(wing=family.wing, starts_at=visit.slot.starts_at + timedelta(days=7))
    Slot.objects.filter(pk=later.pk).update(taken=3)
    page.get_by_role("button", name="Reprendre la semaine suivante").click()
    page.wait_for_url("**/semaine-prochaine/")
    seen("not-again")
    Slot.objects.filter(pk=later.pk).update(taken=0)
    page.goto(address)
    page.get_by_role("button", name="Reprendre la semaine suivante").click()
    page.wait_for_url("**/verifier/")
    page.get_by_role("link", name="Changer qui vient").click()
    assert page.locator("input[name=permis]:checked").count() == 2
    page.get_by_role("button", name="Abandonner ce rendez-vous").click()
    page.wait_for_url("**/?fait=abandonne")
    seen("given-up")
    assert Slot.objects.get(pk=later.pk).taken == 0


def leave(context, site, account, address, seen):
    """Another signs in on the same telephone and says that she will not come."""
    page = seen.page
    in_session(context, site, account)
    page.goto(address)
    seen("seen-by-who-attends")
    page.get_by_role("link", name="Je ne viendrai pas").click()
    seen("i-will-not-come")
    page.get_by_role("button", name="Oui, je ne viendrai pas").click()
    page.wait_for_url("**/?fait=retire")
    seen("noted")
    assert Attendance.objects.filter(live=True).count() == 1


def too_late(page, address, visit, seen):
    in_session(page.context, address.partition("/espace/")[0], visit.booker)
    starts_at = timezone.now() + timedelta(hours=3)
    Slot.objects.filter(pk=Visit.objects.get().slot_id).update(
        starts_at=starts_at, ends_at=starts_at + timedelta(minutes=45)
    )
    page.goto(address)
    seen("too-late-to-change")
    page.goto(f"{address}changer/")
    assert "Il est trop tard pour changer en ligne" in page.locator("main").inner_text()
    seen("too-late-page")
