"""A transfer: a mother is told, comes first where the detained person now is, and has the place that is freed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from parloir.establishments.models import Wing
from parloir.notifications.models import Contact
from parloir.people.models import Detainee
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, Visit, WaitingEntry
from parloir.visits.operations import cancel_visit
from parloir.visits.queries.invariants import broken_invariants
from parloir.visits.rules import OfferState
from tests.journeys.test_booking import letter_about, register_permit, sign_in
from tests.visits.families import Family
from tests.visits.waiting_families import wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_transfer")]

PERMIT = "2026900201"
THERE = ("cp-varennes-le-grand", "CD/QCD")


def test_a_mother_is_told_of_a_transfer_and_comes_first_where_he_now_is(service, chromium, look, tmp_path):
    context = chromium.new_context(viewport={"width": 375, "height": 740}, locale="fr-FR")
    page = context.new_page()
    seen = look(page, scripts=True)
    sign_in(page, service, "avec-enfant")
    register_permit(page, service, PERMIT)
    Contact.objects.update(email_confirmed_at=timezone.now())
    book_the_first_time(page, service)
    owner, waiting = families_where_he_will_be()

    tell_of_the_transfer(tmp_path)
    read_what_happened(page, service, seen)
    offer = be_offered_before(waiting, owner, service)
    accept(page, service, seen, offer)
    context.close()

    assert [name for name, count in broken_invariants(now=timezone.now()) if count] == []
    assert seen.faults() == []


def book_the_first_time(page, service):
    page.goto(f"{service.site}/espace/rendez-vous/nouveau/")
    page.locator("button[name=creneau]").first.click()
    page.get_by_role("button", name="Confirmer").click()
    page.wait_for_url("**/espace/rendez-vous/PAR-**")
    letter_about(service, "confirmé")


def families_where_he_will_be():
    """Leave one place in the new wing, which a family has and for which another has waited since yesterday."""
    now = timezone.now()
    wing = Wing.objects.get(establishment__slug=THERE[0], code=THERE[1])
    last_open = now.date() + timedelta(days=wing.policy.opens_days_before)
    slots = Slot.objects.filter(wing=wing, local_date__lte=last_open)
    slot = slots.filter(starts_at__gt=now + timedelta(days=5)).order_by("starts_at").first()
    slots.exclude(pk=slot.pk).delete()
    Slot.objects.filter(pk=slot.pk).update(capacity=1, accessible_capacity=0)
    slot.refresh_from_db()
    owner, waiting = Family(slot=slot), Family(slot=slot)
    owner.visit = owner.book(now=now)
    days = {"first_day": now.date(), "last_day": now.date() + timedelta(days=50)}
    wait(waiting, now=now - timedelta(days=1), **days)
    return owner, waiting


def tell_of_the_transfer(tmp_path):
    """The register's own line, through the real command."""
    line = {
        "type": "movement",
        "at": timezone.now().isoformat(),
        "committal_number": Detainee.objects.get(permits__number=PERMIT).committal_number,
        "kind": "transfer",
        "establishment": THERE[0],
        "wing": THERE[1],
        "new_committal_number": None,
        "disclose_from": None,
    }
    feed = tmp_path / "transfer.jsonl"
    feed.write_text(f"{json.dumps(line)}\n")
    call_command("import_register", str(feed))


def read_what_happened(page, service, seen):
    letter = letter_about(service, "annulé")
    assert "Varennes" not in letter.subject
    assert f"{service.site}/espace/rendez-vous/nouveau/" in letter.text
    page.goto(f"{service.site}/espace/")
    seen("space-after-a-transfer")
    page.goto(f"{service.site}/espace/rendez-vous/nouveau/")
    seen("full-where-he-now-is")
    page.goto(f"{service.site}/espace/attente/")
    seen("first-on-the-list")
    assert "1 sur 2" in page.locator("main").inner_text()


def be_offered_before(waiting, owner, service):
    """A place is given back: it is hers before it is that of the family that has waited longer."""
    cancel_visit(booker=owner.account, visit_id=owner.visit.pk, now=timezone.now())
    letter_about(service, "gardée pour vous")
    offer = Offer.objects.get(state=OfferState.OPEN)
    assert offer.entry == WaitingEntry.objects.exclude(account=waiting.account).get()
    return offer


def accept(page, service, seen, offer):
    page.goto(f"{service.site}/espace/attente/{offer.pk}/")
    seen("offer")
    page.get_by_role("button", name="Accepter").click()
    page.wait_for_url("**/espace/rendez-vous/**")
    seen("booked-where-he-now-is")
    assert Visit.objects.get(status="booked").slot_id == offer.slot_id
