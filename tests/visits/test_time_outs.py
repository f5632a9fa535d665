"""What is waited for too long is told as “try again”, never as a failure: locks really held, clocks really run."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import httpx
import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from psycopg_pool import ConnectionPool

from parloir.foundation.busy import is_busy
from parloir.visits.models import Visit
from parloir.visits.operations import erase_account, forget_erased_accounts
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.rules import Code
from tests.factories import NOW
from tests.serving import database_url, served
from tests.signed_in import signed_in
from tests.visits.families import Family, refused, taken

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_holds(statement):
    """Somebody else, in a connection of their own, holds what a statement locks."""
    with psycopg.connect(database_url()) as other:
        other.execute(statement)
        yield
        other.rollback()


def test_a_detained_person_somebody_works_on_for_too_long_is_try_again():
    family = Family()

    with another_holds(f"SELECT FROM people_detainee WHERE id = {family.detainee.pk} FOR UPDATE"):
        assert refused(family.book) == [Code.TRY_AGAIN]


def test_a_slot_somebody_holds_for_too_long_is_try_again_and_nothing_is_kept():
    family = Family()

    with another_holds(f"SELECT FROM timetable_slot WHERE id = {family.slot.pk} FOR UPDATE"):
        assert refused(family.book) == [Code.TRY_AGAIN]
        assert refused(family.hold) == [Code.TRY_AGAIN]

    assert (Visit.objects.count(), taken(family.slot)) == (0, 0)


def test_a_statement_that_runs_for_too_long_is_try_again():
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '200ms'")
        try:
            with pytest.raises(VisitRefused) as refusal, told_as_reasons():
                cursor.execute("SELECT pg_sleep(5)")
        finally:
            cursor.execute("SET statement_timeout = 0")

    assert [reason.code for reason in refusal.value.refusals] == [Code.TRY_AGAIN]


def test_a_page_that_waits_for_too_long_says_to_try_again():
    family = Family()
    browser = signed_in(family.account)
    browser.raise_request_exception = False

    with another_holds("LOCK TABLE visits_visit IN ACCESS EXCLUSIVE MODE"):
        answer = browser.get("/espace/rendez-vous/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "no-store" in answer.headers["Cache-Control"]
    page = answer.content.decode()
    assert "Beaucoup de personnes utilisent le service en ce moment" in page
    assert "réessayez" in page
    assert browser.get("/espace/rendez-vous/").status_code == 200


def test_a_session_that_cannot_be_read_in_time_says_to_try_again_too():
    family = Family()
    browser = signed_in(family.account)
    browser.raise_request_exception = False

    with another_holds("LOCK TABLE people_signin IN ACCESS EXCLUSIVE MODE"):
        answer = browser.get("/espace/")

    assert answer.status_code == 503


def test_the_site_stops_a_statement_after_the_time_it_was_given():
    family = Family()
    cookies = {name: morsel.value for name, morsel in signed_in(family.account).cookies.items()}

    with served(STATEMENT_TIMEOUT="500ms") as site, another_holds("LOCK TABLE visits_visit IN ACCESS EXCLUSIVE MODE"):
        answer = httpx.get(f"{site}/espace/rendez-vous/", cookies=cookies, timeout=30)

    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert answer.elapsed.total_seconds() < 2.9  # sooner than the 3 s of a lock


def test_a_pool_without_a_free_connection_is_told_from_a_fault():
    with (
        ConnectionPool(database_url(), min_size=1, max_size=1) as pool,
        pool.connection(),
        pytest.raises(OperationalError) as crowded,
        connection.wrap_database_errors,
    ):
        pool.getconn(timeout=0.3)

    assert is_busy(crowded.value)
    assert not is_busy(ValueError())
    assert not is_busy(None)


def test_a_fault_of_ours_is_still_a_fault(monkeypatch):
    family = Family()
    browser = signed_in(family.account)
    browser.raise_request_exception = False
    monkeypatch.setattr("parloir.portal.views.visits.upcoming_visits_of", lambda *_a, **_k: 1 / 0)

    answer = browser.get("/espace/rendez-vous/")

    assert (answer.status_code, answer.headers.get("Retry-After")) == (500, None)
    assert "Le service a un problème" in answer.content.decode()


def test_a_public_page_needs_no_database():
    with another_holds("LOCK TABLE visits_visit, people_signin IN ACCESS EXCLUSIVE MODE"):
        assert Client().get("/aide/").status_code == 200


def test_an_account_that_somebody_works_on_is_forgotten_the_next_time():
    account = Family().account
    erase_account(account=account, now=NOW)
    tomorrow = NOW + timedelta(days=1)

    with another_holds(f"SELECT FROM people_account WHERE id = {account.pk} FOR UPDATE"):
        assert forget_erased_accounts(now=tomorrow) == 0

    assert forget_erased_accounts(now=tomorrow) == 1
