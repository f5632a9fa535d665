"""A new sub for a known civil status opens an empty space and asks; nothing is ever merged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.people.models import Account
from parloir.people.operations import erase_civil_status, revoke_sign_ins, sign_out
from parloir.people.rules import Reconciliation
from parloir.review.models import Entry
from parloir.review.operations import ask_reconciliation, decline_reconciliation
from tests.factories import NOW
from tests.people.test_signing_in import open_session

pytestmark = pytest.mark.django_db

OTHER_SUB = "b" * 64 + "v1"


def test_the_first_space_of_a_person_asks_nothing():
    assert open_session().account.reconciliation == Reconciliation.NONE


def test_a_new_sub_for_the_same_civil_status_opens_another_space_and_asks():
    first = open_session().account

    second = open_session(sub=OTHER_SUB).account

    assert (second.pk != first.pk, second.reconciliation) == (True, Reconciliation.PROPOSED)
    assert Account.objects.get(pk=first.pk).reconciliation == Reconciliation.NONE


@pytest.mark.parametrize(
    "about",
    [
        {"birth_name": "Durànd"},
        {"first_names": ("SOPHIE ANNE",)},
        {"first_names": ("Sophie",)},
        {"first_names": ("Sophie", "Anne", "Claire")},
        {"birth_name": "DURANT"},
        {"birth_name": "DURAND PETIT"},
        {"birth_date": "1992-01-31"},
        {"birth_date": "1992-00-00"},
        {"birth_name": "durand", "birth_date": "1991-01-30"},
    ],
)
def test_one_difference_in_a_civil_status_asks(about):
    open_session()

    assert open_session(sub=OTHER_SUB, **about).account.reconciliation == Reconciliation.PROPOSED


@pytest.mark.parametrize(
    "about",
    [
        {"birth_name": "DUPONT"},
        {"first_names": ("Anne", "Sophie")},
        {"birth_date": "1993-02-30"},
        {"birth_name": "DURANT", "birth_date": "1992-01-31"},
        {"issuer": "https://other.example/api/v2"},
    ],
)
def test_another_civil_status_or_another_provider_asks_nothing(about):
    open_session()

    assert open_session(sub=OTHER_SUB, **about).account.reconciliation == Reconciliation.NONE


@pytest.mark.parametrize("missing", [{"birth_date": ""}, {"birth_name": ""}])
def test_a_civil_status_with_a_part_missing_is_nobody_s(missing):
    open_session(**missing)

    assert open_session(sub=OTHER_SUB, **missing).account.reconciliation == Reconciliation.NONE


def test_a_person_of_one_name_is_sought_by_it():
    open_session(first_names=())

    assert open_session(sub=OTHER_SUB, first_names=()).account.reconciliation == Reconciliation.PROPOSED


def test_an_erased_space_is_nobody_s_any_more():
    erase_civil_status(account=open_session().account, now=NOW)

    assert open_session(sub=OTHER_SUB).account.reconciliation == Reconciliation.NONE


def test_finding_a_space_merges_nothing():
    first = open_session().account

    second = open_session(sub=OTHER_SUB, birth_date="1992-01-31").account

    assert (first.pk != second.pk, Account.objects.count()) == (True, 2)


def test_asking_opens_one_entry_about_the_new_space_alone():
    open_session()
    account = open_session(sub=OTHER_SUB).account

    ask_reconciliation(account_id=account.pk, now=NOW)
    ask_reconciliation(account_id=account.pk, now=NOW)

    entry = Entry.objects.get()
    assert (entry.cause, entry.subject_kind, entry.subject_id) == ("reconciliation", "account", account.pk)
    assert (entry.establishment_id, entry.deadline) == (None, NOW + timedelta(hours=48))


def test_whoever_was_not_asked_can_ask_once():
    account = open_session().account

    for _ in range(2):
        ask_reconciliation(account_id=account.pk, now=NOW)

    assert Account.objects.get().reconciliation == Reconciliation.ASKED
    assert Entry.objects.get().subject_id == account.pk


def test_whoever_declined_can_ask_later():
    open_session()
    account = open_session(sub=OTHER_SUB).account
    decline_reconciliation(account_id=account.pk, now=NOW)

    ask_reconciliation(account_id=account.pk, now=NOW)

    assert Entry.objects.get().subject_id == account.pk


def test_declining_what_was_not_asked_or_was_asked_for_changes_nothing():
    account = open_session().account
    decline_reconciliation(account_id=account.pk, now=NOW)
    ask_reconciliation(account_id=account.pk, now=NOW)
    decline_reconciliation(account_id=account.pk, now=NOW)

    assert Account.objects.get().reconciliation == Reconciliation.ASKED


def test_who_declines_is_asked_no_more():
    open_session()
    account = open_session(sub=OTHER_SUB).account

    decline_reconciliation(account_id=account.pk, now=NOW)

    assert open_session(sub=OTHER_SUB).account.reconciliation == Reconciliation.DECLINED
    assert Entry.objects.count() == 0


def test_closing_the_others_leaves_this_session_open():
    kept, other = open_session(), open_session()

    assert revoke_sign_ins(account_id=kept.account_id, but=kept.pk, now=NOW) == 1

    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.revoked_at, other.revoked_at) == (None, NOW)
    assert sign_out(key=other.key, now=NOW) == "a.b.c"
