"""How often one may try: counted before anything is read, in a crowd too, and whatever breaks afterwards."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from parloir.foundation.keys import mark
from parloir.permits.claims import Holder
from parloir.permits.models import Attempt, Registration
from parloir.permits.operations import (
    RegistrationRefused,
    TooManyAttempts,
    register_permit,
)
from parloir.permits.rules import Holding
from tests.factories import NOW, AccountFactory, PermitFactory
from tests.permits.test_operations import claim, journal, refuse, register

pytestmark = pytest.mark.django_db


def fail(account, times, *, address="a", now=NOW):
    for _ in range(times):
        refuse(account, claim("0000000000"), address=address, now=now)


def test_the_sixth_try_in_an_hour_is_not_heard_even_when_it_is_right():
    account, permit = AccountFactory(), PermitFactory()
    fail(account, 5)

    with CaptureQueriesContext(connection) as queries, pytest.raises(TooManyAttempts) as limited:
        register(account, claim(permit.number), now=NOW + timedelta(minutes=59))

    assert limited.value.retry_at == NOW + timedelta(minutes=61)
    assert not any("permits_permit" in query["sql"] for query in queries)
    assert Registration.objects.count() == 0
    assert Attempt.objects.count() == 5
    assert journal()[-1] == ("permit.registration_limited", "account", account.pk, {"establishment": 1, "times": 1})


def test_an_hour_after_the_first_failure_a_try_is_heard_again():
    account, permit = AccountFactory(), PermitFactory()
    fail(account, 5)

    assert register(account, claim(permit.number), now=NOW + timedelta(minutes=60)).permit == permit


def test_successes_do_not_count():
    account = AccountFactory()
    fail(account, 4)

    for _ in range(10):
        register(account, claim(PermitFactory().number))

    assert Registration.objects.count() == 10


def test_thirty_failures_from_one_address_are_shared_by_all_who_use_it():
    for _ in range(6):
        fail(AccountFactory(), 5)
    permit = PermitFactory()

    with pytest.raises(TooManyAttempts):
        register(AccountFactory(), claim(permit.number))

    assert register(AccountFactory(), claim(permit.number), address="b").permit == permit


def test_old_attempts_are_forgotten_at_the_next_one():
    account = AccountFactory()
    fail(account, 1)

    fail(account, 1, now=NOW + timedelta(days=2))

    assert Attempt.objects.count() == 1


def together(count, work):
    """Run ``work`` in so many threads at once, each with its own connection; return what each gave."""
    gate, answers = threading.Barrier(count), []

    def run():
        try:
            gate.wait()
            answers.append(work())
        except Exception as error:  # noqa: BLE001 - what it raised is its answer
            answers.append(type(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_do_not_pass_between_the_count_and_its_writing():
    account = AccountFactory()
    PermitFactory()

    answers = together(8, lambda: register(account, claim("0000000000")))

    assert answers.count(RegistrationRefused) == 5
    assert answers.count(TooManyAttempts) == 3
    assert Attempt.objects.filter(failed=True).count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_same_permit_registered_at_once_from_two_tabs_is_registered_once():
    account, permit = AccountFactory(), PermitFactory()

    answers = together(4, lambda: register(account, claim(permit.number)).pk)

    assert len(set(answers)) == 1
    assert Registration.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_breaks_while_judging_does_not_take_the_count_back(monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError

    monkeypatch.setattr("parloir.permits.operations.registering.permit_claimed", broken)

    with pytest.raises(RuntimeError):
        register(AccountFactory(), claim("0000000000"))

    assert Attempt.objects.filter(failed=True).count() == 1


def test_tries_that_are_not_heard_are_written_in_the_journal_once_in_a_while_only():
    account = AccountFactory()
    fail(account, 5)

    for _ in range(25):
        with pytest.raises(TooManyAttempts):
            register(account, claim("0"))

    limited = [detail["times"] for verb, *_, detail in journal() if verb == "permit.registration_limited"]
    assert limited == [1, 10]
    assert Attempt.objects.count() == 5


def test_an_account_that_was_never_heard_is_counted_too():
    for _ in range(6):
        fail(AccountFactory(), 5)
    account = AccountFactory()

    for _ in range(12):
        with pytest.raises(TooManyAttempts):
            register(account, claim("0"))

    assert [detail["times"] for *_, detail in journal() if "times" in detail] == [1, 10]
    assert list(Attempt.objects.filter(account=account).values_list("failed", "unheard")) == [(False, 12)]


def test_the_twenty_first_try_of_a_day_at_one_permit_is_not_heard_and_the_permit_is_not_locked_for_others():
    account, permit = AccountFactory(), PermitFactory()
    wrong = claim(
        f" {permit.number} ", Holding.ADULT, Holder(birth_name="X", first_names=("Y",), birth_date="1980-01-01")
    )
    for hour in range(4):
        for _ in range(5):
            refuse(account, wrong, now=NOW + timedelta(hours=hour))

    with pytest.raises(TooManyAttempts) as limited:
        register(account, claim(permit.number), now=NOW + timedelta(hours=5))

    assert limited.value.retry_at == NOW + timedelta(days=1, minutes=1)
    assert register(account, claim(PermitFactory().number), now=NOW + timedelta(hours=5)).account == account
    assert register(AccountFactory(), claim(permit.number), now=NOW + timedelta(hours=5)).permit == permit
    assert register(account, claim(permit.number), now=NOW + timedelta(days=1)).permit == permit


def test_an_ipv6_network_has_four_addresses_share_however_many_it_uses():
    network, permit = mark("tests", "a network"), PermitFactory()
    for place in range(120):
        with pytest.raises(RegistrationRefused):
            register_permit(
                account=AccountFactory(),
                claim=claim("0000000000"),
                address=mark("tests", str(place)),
                network=network,
                now=NOW,
            )

    with pytest.raises(TooManyAttempts):
        register_permit(
            account=AccountFactory(), claim=claim(permit.number), address=mark("tests", "new"), network=network, now=NOW
        )
    assert register(AccountFactory(), claim(permit.number), address="elsewhere").permit == permit
