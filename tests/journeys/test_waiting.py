"""Everything is full: a mother waits, a place is freed, the worker offers it, she reads her e-mail and accepts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.people.models import Account, Detainee
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, Visit, WaitingEntry
from parloir.visits.operations import cancel_visit
from parloir.visits.queries.invariants import broken_invariants
from parloir.visits.rules import OfferState
from tests.journeys.test_booking import letter_about, register_permit, sign_in
from tests.visits.families import Family

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_waiting")]

SCREENS = [pytest.param(True, id="375"), pytest.param(False, id="375-without-javascript", marks=pytest.mark.soak)]


@pytest.mark.parametrize("javascript", SCREENS)
def test_a_mother_waits_and_is_offered_the_place_that_another_family_gives_back(service, chromium, look, javascript):
    context = chromium.new_context(
        viewport={"width": 375, "height": 740}, locale="fr-FR", java_script_enabled=javascript
    )
    page = context.new_page()
    seen = look(page, scripts=javascript)
    sign_in(page, service, "avec-enfant")
    register_permit(page, service, "2026900201")
    owner = take_the_only_place()

    ask(page, service, seen)
    be_told_of_an_opening(page, seen)
    offer = be_offered(page, service, seen, owner)
    accept(page, service, seen, offer)
    see_what_is_over(page, service, seen, offer)
    context.close()

    assert [name for name, count in broken_invariants(now=timezone.now()) if count] == []
    assert seen.faults() == []


def take_the_only_place():
    """Leave one open slot in her wing, with one place, which another family has."""
    now = timezone.now()
    wing = Detainee.objects.get(permits__number="2026900201").wing
    last_open = now.date() + timedelta(days=wing.policy.opens_days_before)
    slots = Slot.objects.filter(wing=wing, local_date__lte=last_open)
    slot = slots.filter(starts_at__gt=now + timedelta(days=4)).order_by("starts_at").first()
    slots.exclude(pk=slot.pk).delete()
    slot.capacity = 1
    slot.accessible_capacity = 0
    slot.save()
    owner = Family(slot=slot)
    owner.visit = owner.book(now=now)
    return owner


def ask(page, service, seen):
    page.goto(f"{service.site}/espace/attente/")
    seen("no-wait")
    page.get_by_role("link", name="Voir les jours et les heures").click()
    seen("everything-is-full")
    page.get_by_role("link", name="M’inscrire sur la liste d’attente").click()
    seen("what-suits")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="M’inscrire").click()
    seen("what-is-missing")
    for box in page.get_by_role("checkbox").all()[:-1]:
        box.check()
    page.get_by_label("Dernier jour possible").fill("2020-01-01")
    page.get_by_role("button", name="M’inscrire").click()
    seen("a-senseless-period")
    last = timezone.localdate() + timedelta(days=40)
    page.get_by_label("Dernier jour possible").fill(f"{last:%Y-%m-%d}")
    page.get_by_label("1 jour avant").check()
    page.get_by_role("button", name="M’inscrire").click()
    seen("on-the-list")
    assert "1 sur 1" in page.locator("main").inner_text()


def be_told_of_an_opening(page, seen):
    page.get_by_role("link", name="Changer ma demande").click()
    seen("change-the-request")
    page.go_back()
    page.get_by_role("link", name="Ne plus attendre").click()
    seen("leave")
    page.get_by_role("link", name="Non, je reste").click()
    page.get_by_role("link", name="Ne plus attendre").wait_for()  # back on the list, before going elsewhere
    detainee = WaitingEntry.objects.get().detainee_id
    page.goto(page.url.partition("/espace/")[0] + f"/espace/rendez-vous/nouveau/{detainee}/")
    page.get_by_role("link", name="Prévenez-moi à l’ouverture").click()
    seen("opening")
    page.get_by_role("button", name="Prévenez-moi à l’ouverture").click()
    seen("opening-asked")


def be_offered(page, service, seen, owner):
    """Another family cancels: the worker finds who is next, and writes to her."""
    cancel_visit(booker=owner.account, visit_id=owner.visit.pk, now=timezone.now())
    letter = letter_about(service, "gardée pour vous")
    offer = Offer.objects.get(state=OfferState.OPEN)
    assert f"{service.site}/espace/attente/{offer.pk}/" in letter.text
    assert "Dijon" not in letter.text
    page.goto(f"{service.site}/espace/")
    seen("space-with-an-offer")
    page.goto(f"{service.site}/espace/attente/{offer.pk}/")
    seen("offer")
    return offer


def accept(page, service, seen, offer):
    page.get_by_role("button", name="Accepter").click()
    page.wait_for_url("**/espace/rendez-vous/**")
    seen("booked")
    visit = Visit.objects.get(status="booked")
    assert (visit.slot_id, visit.booker) == (offer.slot_id, Account.objects.get(contact__isnull=False))
    assert visit.reference in page.locator("main").inner_text()
    assert visit.reference in letter_about(service, "confirmé").text
    assert WaitingEntry.objects.get().end_cause == "booked"


def see_what_is_over(page, service, seen, offer):
    page.goto(f"{service.site}/espace/attente/{offer.pk}/")
    seen("offer-accepted")
    Offer.objects.update(state=OfferState.EXPIRED)
    page.reload()
    seen("offer-over")
