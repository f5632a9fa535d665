"""Many people on the last places: nothing is oversold, everybody is told; and the guard is what does it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import psycopg
import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.queries.invariants import broken_invariants
from parloir.visits.rules import VisitStatus
from tests.factories import (
    AccountFactory,
    ContactFactory,
    DetaineeFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    SlotFactory,
    VisitorFactory,
)
from tests.serving import database_url, served, session_cookie

pytestmark = pytest.mark.django_db(transaction=True)

FAMILIES = 50


def a_family(wing):
    """Return a signed-in relative ready to book: the session's cookie, and the ids of the booking's address."""
    account = AccountFactory()
    ContactFactory(account=account)
    permit = PermitFactory(detainee=DetaineeFactory(wing=wing), visitor=VisitorFactory())
    RegistrationFactory(account=account, permit=permit)
    identity = Identity(
        issuer=account.issuer,
        sub=account.sub,
        birth_name=account.birth_name,
        use_name="",
        first_names=tuple(account.first_names),
        birth_date=account.birth_date,
        email="",
    )
    opened = sign_in(identity=identity, id_token="", language="fr", now=timezone.now())
    return session_cookie(opened.key), permit


def next_slot(**about):
    starts_at = (timezone.now() + timedelta(days=9)).replace(hour=13, minute=0, second=0, microsecond=0)
    return SlotFactory(wing=PolicyFactory().wing, starts_at=starts_at, **about)


def fields_of(page):
    """Return the hidden fields of a page's forms."""
    return dict(re.findall(r'name="(csrfmiddlewaretoken|cle|creneaux)"[^>]*value="([^"]+)"', page.text))


def press_the_button(site, slot, family):
    """Choose the time, then confirm if it is held; returns the last answer's status, where it leads, its words."""
    cookies, permit = family
    steps = f"{site}/espace/rendez-vous/nouveau/{permit.detainee_id}/"
    with httpx.Client(cookies=cookies, timeout=60) as browser:
        page = browser.get(steps)
        fields = fields_of(page)  # none when no time is left to choose
        held = browser.post(f"{steps}garder/", data={**fields, "creneau": slot.pk}) if fields else page
        if held.status_code == httpx.codes.FOUND:
            held = browser.post(f"{steps}verifier/", data=fields_of(browser.get(f"{steps}verifier/")))
    return held.status_code, held.headers.get("location", ""), " ".join(strip_tags(held.text).split())


def test_fifty_families_on_the_last_three_places():
    slot = next_slot(capacity=10)
    Slot.objects.update(capacity=3)
    families = [a_family(slot.wing) for _ in range(FAMILIES)]

    with served() as site, ThreadPoolExecutor(FAMILIES) as crowd:
        answers = list(crowd.map(lambda family: press_the_button(site, slot, family), families))

    booked = [answer for answer in answers if answer[0] == httpx.codes.FOUND]
    told_full = [answer for answer in answers if "Ce créneau est complet." in answer[2]]
    assert (len(booked), len(told_full)) == (3, 47)
    assert {status for status, *_ in told_full} <= {200, 409}
    assert len({location for _, location, _ in booked}) == 3
    assert Slot.objects.get().taken == 3
    assert Visit.objects.filter(status=VisitStatus.BOOKED).count() == 3
    assert [name for name, count in broken_invariants(now=timezone.now()) if count] == []


def test_one_family_pressing_twice_at_once_books_once():
    slot = next_slot()
    family = a_family(slot.wing)
    cookies, permit = family
    with served() as site, httpx.Client(cookies=cookies, timeout=60) as browser:
        steps = f"{site}/espace/rendez-vous/nouveau/{permit.detainee_id}/"
        token = fields_of(browser.get(steps))["csrfmiddlewaretoken"]
        browser.post(f"{steps}garder/", data={"csrfmiddlewaretoken": token, "creneau": slot.pk})
        step = f"{steps}verifier/"
        fields = fields_of(browser.get(step))
        with ThreadPoolExecutor(6) as fingers:
            answers = list(fingers.map(lambda _: browser.post(step, data=fields), range(6)))

    assert len({answer.headers["location"] for answer in answers}) == 1
    assert Visit.objects.count() == 1
    assert Attendance.objects.count() == 1
    assert Slot.objects.get().taken == 1


COUNT_THEN_INSERT = """
DO $$ BEGIN
    IF (SELECT count(*) FROM scratch.sold) < 3 THEN PERFORM pg_sleep(0.02); INSERT INTO scratch.sold DEFAULT VALUES;
    END IF;
END $$
"""


def test_counting_then_inserting_would_oversell():
    """The negative control: the same crowd, on a scratch schema without the counter and its constraint."""
    with psycopg.connect(database_url(), autocommit=True) as scratch:
        scratch.execute("CREATE SCHEMA scratch CREATE TABLE sold (at timestamptz DEFAULT now())")
        try:
            with ThreadPoolExecutor(16) as crowd:
                list(crowd.map(_count_then_insert, range(FAMILIES)))
            sold = scratch.execute("SELECT count(*) FROM scratch.sold").fetchone()
        finally:
            scratch.execute("DROP SCHEMA scratch CASCADE")

    assert sold is not None
    assert sold[0] > 3


def _count_then_insert(_turn):
    with psycopg.connect(database_url(), autocommit=True) as connection:
        connection.execute(COUNT_THEN_INSERT)
