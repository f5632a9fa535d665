"""Why one cannot book: a full prison, the page that says why, and the code, on a telephone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from parloir.journal.operations import Actor
from parloir.visits.models import UnmetDemand, WhyNot
from parloir.visits.operations import explain_why_not
from parloir.visits.rules import Code
from tests.factories import ContactFactory, SlotFactory
from tests.serving import served
from tests.signed_in import signed_in
from tests.visits.families import Family

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_why_not")]


@pytest.fixture
def family():
    """A mother, her child and the grandmother who could bring it; every place is taken, and the mother is suspended."""
    starts_at = (timezone.now() + timedelta(days=9)).replace(hour=13, minute=0, second=0, microsecond=0)
    until = timezone.localdate() + timedelta(days=20)
    slot = SlotFactory(wing=Family().wing, starts_at=starts_at, taken=3)
    family = Family(slot=slot, status="suspended", suspended_until=until)
    family.add()
    family.add(holding="adult", born=date(1960, 1, 1))
    ContactFactory(account=family.account)
    return family


def test_a_mother_reads_why_she_cannot_book_and_has_an_agent_read_more(family, chromium, look):
    cookies = [(name, morsel.value) for name, morsel in signed_in(family.account).cookies.items()]
    context = chromium.new_context(viewport={"width": 375, "height": 740}, locale="fr-FR")
    with served() as site:
        context.add_cookies([{"name": name, "value": value, "url": site} for name, value in cookies])
        page = context.new_page()
        seen = look(page, scripts=True)
        page.goto(f"{site}/espace/rendez-vous/nouveau/")
        seen("nothing-to-choose")
        page.get_by_role("link", name="Pourquoi je ne peux pas réserver").click()
        seen("why-not")
        said = page.locator("main").inner_text()
        page.get_by_role("button", name="Obtenir un code pour le service parloir").click()
        page.wait_for_url("**/pourquoi/#code")
        seen("why-not-with-code")
        shown = re.findall(r"\b[0-9A-Z]{3}-[0-9A-Z]{3}\b", page.locator("main").inner_text())
        context.close()

    assert "Tous les créneaux sont complets jusqu’au" in said
    assert "Le permis est suspendu jusqu’au" in said
    assert UnmetDemand.objects.get().searches == 1
    assert shown == [WhyNot.objects.get().code]
    prisons = [family.wing.establishment_id]
    told = explain_why_not(
        agent=Actor("staff", 1), code=shown[0].lower(), establishment_ids=prisons, now=timezone.now()
    )
    assert [refusal.code for refusal in told.why.general] == [Code.FULL]
    assert seen.faults() == []
