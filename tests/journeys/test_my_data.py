"""One's data on a telephone and a desk: seen, erased, and a session that warns before it ends."""

from __future__ import annotations

import pytest

from parloir.people.models import Account
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
        page.get_by_text("Vos autres connexions sont fermées.").wait_for()
        seen("signed-out-elsewhere")
        page.get_by_role("link", name="Voir ce que cela change").press("Enter")
        seen("erase")
        page.get_by_role("button", name="Oui, effacer mon espace").press("Enter")
        page.get_by_role("heading", name="Votre espace est effacé").wait_for()
        seen("erased")
        context.close()

    assert Visit.objects.get().status == "cancelled"
    assert seen.faults() == []


def test_five_minutes_before_its_end_a_session_can_be_kept_by_one_button(chromium, look):
    family = a_family()
    context = screen(chromium, 375, 740)
    with served() as site:
        in_session(context, site, family.account)
        page = context.new_page()
        page.clock.install()
        seen = look(page, scripts=True)
        page.goto(f"{site}/espace/")
        warning = page.get_by_role("alertdialog")
        page.clock.run_for("23:50")
        before = warning.is_visible()
        page.clock.run_for("00:20")
        warning.wait_for()
        seen("warned")
        with page.expect_response("**/espace/rester/") as answer:
            page.keyboard.press("Enter")
        warning.wait_for(state="hidden")
        page.clock.run_for("24:20")
        warning.wait_for()
        page.clock.run_for("05:10")
        page.get_by_text("Vous êtes déconnecté.").wait_for()
        seen("over")
        context.close()

    assert (before, answer.value.status) == (False, 204)
    assert seen.faults() == []
