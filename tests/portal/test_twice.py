"""What is pressed twice, or again with the browser's arrow, is done once and answered the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.notifications.models import PhoneCode
from parloir.notifications.queries import choices_of, code_of
from parloir.visits.models import WaitingEntry
from tests.factories import AccountFactory
from tests.portal.booking import about
from tests.portal.waiting_pages import waits_now
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

NUMBER = {"telephone": "06 12 34 56 78"}
PHONE, CODE = "/espace/preferences/telephone/", "/espace/preferences/telephone/code/"


def where(family, address, typed=None):
    """Press a button; return where it leads, or the status of the page that it shows."""
    answer = family.browser.post(address, typed or {})
    return answer.headers.get("location", answer.status_code)


def test_a_visit_cancelled_already_is_shown_so_whichever_way_one_comes_back(family):
    visit = family.book(now=timezone.now())

    pressed = [where(family, about(visit, "annuler/")) for _ in range(2)]
    gone_back = family.browser.get(about(visit, "annuler/"))

    assert pressed == [about(visit)] * 2
    assert (gone_back.status_code, gone_back.headers["location"]) == (302, about(visit))


def test_a_wait_left_twice_leads_to_the_waits(family):
    entry = waits_now(family)
    address = f"/espace/attente/quitter/{entry.pk}/"

    assert [where(family, address) for _ in range(2)] == ["/espace/attente/"] * 2
    assert family.browser.get(address).headers["location"] == "/espace/attente/"
    assert WaitingEntry.objects.get().end_cause == "left"


def test_a_wait_of_somebody_else_that_has_ended_is_not_found(family):
    entry = waits_now(family)
    where(family, f"/espace/attente/quitter/{entry.pk}/")

    assert signed_in(AccountFactory()).get(f"/espace/attente/quitter/{entry.pk}/").status_code == 404


def test_a_number_sent_twice_is_sent_one_code(family):
    assert [where(family, PHONE, NUMBER) for _ in range(2)] == [CODE] * 2
    assert PhoneCode.objects.count() == 1


def test_another_number_within_the_minute_is_told_to_wait(family):
    where(family, PHONE, NUMBER)

    assert where(family, PHONE, {"telephone": "06 99 99 99 99"}) == 429


def test_the_right_code_sent_twice_has_confirmed_the_telephone(family):
    where(family, PHONE, NUMBER)
    code = {"code": code_of(PhoneCode.objects.get())}

    assert [where(family, CODE, code) for _ in range(2)] == ["/espace/preferences/?fait=telephone"] * 2
    assert choices_of(family.account.pk).phone == "+33612345678"


def test_a_code_that_served_long_ago_confirms_nothing_nor_does_it_after_the_telephone_was_removed(family):
    where(family, PHONE, NUMBER)
    code = {"code": code_of(PhoneCode.objects.get())}
    where(family, CODE, code)
    PhoneCode.objects.update(asked_at=timezone.now() - timedelta(minutes=11))
    late = where(family, CODE, code)
    PhoneCode.objects.update(asked_at=timezone.now())
    where(family, "/espace/preferences/telephone/retirer/")

    assert (late, where(family, CODE, code)) == (400, 400)
    assert choices_of(family.account.pk).phone == ""
