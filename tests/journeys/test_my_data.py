"""One's data on a telephone and a desk: seen, erased; a session that warns, ends, and gives back what was typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.people.models import Account, SignIn
from parloir.visits.models import Visit
from tests.journeys.families import in_session, screen
from tests.journeys.test_booking import TELEPHONE_FIRST
from tests.portal.booking import a_family, confirm
from tests.serving import served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_my_data")]


@pytest.mark.parametrize(("width", "height", "scripts"), TELEPHONE_FIRST)
def test_a_mother_reads_her_data_and_erases_her_space(chromium, look, width, height, scripts):
    family = a_family()
    confirm(family, family.permit)
    Account.objects.update(reconciliation="proposed")
    context = screen(chromium, width, height, javascript=scripts)
    with served() as site:
        in_session(context, site, family.account)
        page = context.new_page()
        seen = look(page, scripts=scripts)
        page.goto(f"{site}/espace/")
        seen("home")
        page.get_by_role("link", name="Mes données et mes connexions").click()
        seen("my-data")
        page.get_by_role("button", name="Oui, cherchez mon ancien espace").press("Enter")
        page.get_by_text("Une personne va chercher").wait_for()
        page.get_by_role("button", name="Me déconnecter partout").press("Enter")
        page.get_by_text("Vos autres connexions sont fermées").wait_for()
        seen("signed-out-elsewhere")
        page.get_by_role("link", name="Voir ce que cela change").press("Enter")
        seen("erase")
        page.get_by_role("button", name="Oui, effacer mon espace").press("Enter")
        page.get_by_role("heading", name="Votre espace est effacé").wait_for()
        seen("erased")
        context.close()

    assert Visit.objects.get().status == "cancelled"
    assert seen.faults() == []


def test_before_its_end_a_session_can_be_kept_and_after_it_what_was_typed_comes_back(chromium, look):
    family = a_family()
    context = screen(chromium, 375, 740)
    with served(workers=1) as site:
        in_session(context, site, family.account)
        page = context.new_page()
        page.clock.install()
        seen = look(page, scripts=True)
        page.goto(f"{site}/espace/preferences/telephone/")
        number = page.get_by_label("Votre numéro de téléphone mobile")
        number.fill("06 12 34")
        warning = page.get_by_role("region", name="Vous êtes toujours là ?")
        page.clock.run_for("23:50")
        before = warning.is_visible()
        page.clock.run_for("00:20")
        warning.wait_for()
        seen("warned")
        still_typing = number.evaluate("field => field === document.activeElement")
        with page.expect_response("**/espace/rester/") as answer:
            page.get_by_role("button", name="Rester connecté").click()
        warning.wait_for(state="hidden")
        page.clock.run_for("24:20")
        warning.wait_for()
        page.clock.run_for("05:10")
        page.get_by_text("Vous remplissiez cette page ? Envoyez-la d’abord").wait_for()
        seen("over")
        SignIn.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))
        number.press("Enter")
        page.get_by_role("heading", name="Votre session est terminée").wait_for()
        seen("ended")
        in_session(context, site, family.account)
        page.goto(f"{site}/espace/preferences/telephone/")
        page.get_by_text("Ce que vous aviez écrit est de nouveau là").wait_for()
        seen("typed-again")
        typed = number.input_value()
        context.close()

    assert (before, still_typing, answer.value.status, typed) == (False, True, 204, "06 12 34")
    assert seen.faults() == []
