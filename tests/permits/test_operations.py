"""Register a permit: who may, how a refusal looks from outside, and how often one may try."""

from __future__ import annotations

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.foundation.keys import mark
from parloir.journal.operations import Actor
from parloir.journal.queries import entries as journal_entries
from parloir.permits.claims import Holder, PermitClaim
from parloir.permits.models import Attempt, Barred, Registration
from parloir.permits.operations import (
    RegistrationRefused,
    ask_for_help,
    bar_account,
    register_known_permit,
    register_permit,
    remove_registration,
    take_back_permit,
)
from parloir.permits.rules import Holding
from tests.factories import NOW, AccountFactory, PermitFactory, RegistrationFactory, VisitorFactory

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
CHILD = {"birth_name": "MARTIN", "first_names": ["Léo", "Paul"], "birth_date": date(2018, 5, 1)}
ADULT = {"birth_name": "PETIT", "use_name": "MARTIN", "first_names": ["Monique"], "birth_date": date(1960, 3, 8)}


def said(visitor, **different):
    usual = {
        "birth_name": visitor["birth_name"],
        "first_names": tuple(visitor["first_names"][:1]),
        "birth_date": visitor["birth_date"].isoformat(),
    }
    return Holder(**(usual | different))


def claim(number, holding=Holding.OWN, holder=None, *, establishment=1, zone=PARIS):
    return PermitClaim(establishment_id=establishment, zone=zone, number=number, holding=holding, holder=holder)


def register(account, wanted, *, address="a", now=NOW):
    return register_permit(account=account, claim=wanted, address=mark("tests", address), now=now)


def refuse(account, wanted, **when):
    before = Registration.objects.count()
    with pytest.raises(RegistrationRefused):
        register(account, wanted, **when)
    assert Registration.objects.count() == before


def journal():
    entries = journal_entries().order_by("pk").values_list("verb", "subject_kind", "subject_id", "detail")
    return [entry for entry in entries if entry[0].startswith("permit.")]


def told():
    return list(ProcrastinateJob.objects.filter(task_name="permits.tell_holder").values_list("args", flat=True))


def test_ones_own_permit_is_registered_by_number_and_identity():
    account, permit = AccountFactory(), PermitFactory()

    registration = register(account, claim(permit.number))

    assert (registration.account, registration.permit, registration.holding) == (account, permit, "own")
    assert registration.registered_at == NOW
    assert Attempt.objects.get().failed is False
    assert journal() == [("permit.registered", "permit", permit.pk, {"holding": "own", "again": 0})]
    assert told() == []


def test_the_spaces_typed_in_a_number_do_not_count():
    permit = PermitFactory(number="2026001234")

    assert register(AccountFactory(), claim(" 2026 001 234\u00a0")).permit == permit


def test_a_number_that_has_spaces_is_found_as_it_is_written():
    permit = PermitFactory(number="A 12")
    PermitFactory(number="A12")

    assert register(AccountFactory(), claim("A 12")).permit == permit


@pytest.mark.parametrize(
    "different",
    [
        {"status": "withdrawn"},
        {"status": "suspended", "suspended_until": date(2026, 12, 1)},
        {"valid_until": date(2026, 10, 2)},
        {"closed_at": NOW},
    ],
)
def test_a_match_is_registered_whatever_the_permits_status(different):
    permit = PermitFactory(**different)

    assert register(AccountFactory(), claim(permit.number)).permit == permit


def test_a_presumed_birth_date_matches():
    permit = PermitFactory()

    assert register(AccountFactory(birth_date="1992-00-00"), claim(permit.number)).permit == permit


def test_a_childs_permit_is_registered_from_what_is_written_on_it():
    permit = PermitFactory(visitor=VisitorFactory(**CHILD))

    registration = register(AccountFactory(), claim(permit.number, Holding.CHILD, said(CHILD)))

    assert registration.holding == "child"
    assert told() == []


def test_another_adults_permit_is_registered_and_its_holder_is_to_be_told():
    permit = PermitFactory(visitor=VisitorFactory(**ADULT))

    registration = register(AccountFactory(), claim(permit.number, Holding.ADULT, said(ADULT)))

    assert registration.holding == "adult"
    assert told() == [{"registration_id": registration.pk}]


def test_who_types_their_own_civil_status_registers_their_own_permit():
    permit = PermitFactory()
    account = AccountFactory()
    myself = Holder(birth_name="Durand", first_names=("sophie",), birth_date="1992-01-30")

    registration = register(account, claim(permit.number, Holding.ADULT, myself))

    assert registration.holding == "own"
    assert told() == []


def test_a_permit_registered_twice_is_registered_once():
    account, permit = AccountFactory(), PermitFactory()
    first = register(account, claim(permit.number))

    again = register(account, claim(permit.number), now=NOW + timedelta(minutes=1))

    assert again == first
    assert again.registered_at == NOW
    assert Registration.objects.count() == 1
    assert journal()[-1][3] == {"holding": "own", "again": 1}


def test_one_childs_permit_lives_in_several_accounts_and_several_detained_persons_in_one():
    father, mother = AccountFactory(), AccountFactory()
    child = VisitorFactory(**CHILD)
    one, other = PermitFactory(visitor=child), PermitFactory(visitor=child)

    for account, permit in [(father, one), (mother, one), (mother, other)]:
        register(account, claim(permit.number, Holding.CHILD, said(CHILD)))

    assert Registration.objects.count() == 3


def someone_elses():
    return PermitFactory(visitor=VisitorFactory(**ADULT)).number


def barred(account):
    permit = PermitFactory()
    Barred.objects.create(account=account, visitor=permit.visitor, at=NOW)
    return permit.number


def causes(account):
    """Every cause of refusal that depends on data, each with the claim that meets it."""
    return {
        "unknown number": claim("0000000000"),
        "somebody else's": claim(someone_elses()),
        "barred": claim(barred(account)),
        "another first name": claim(someone_elses(), Holding.ADULT, said(ADULT, first_names=("Paule",))),
        "another name": claim(someone_elses(), Holding.ADULT, said(ADULT, birth_name="DUPONT")),
        "another birth date": claim(someone_elses(), Holding.ADULT, said(ADULT, birth_date="1960-03-09")),
        "an adult, not a child": claim(someone_elses(), Holding.CHILD, said(ADULT)),
        "a child, not an adult": claim(
            PermitFactory(visitor=VisitorFactory(**CHILD)).number, Holding.ADULT, said(CHILD)
        ),
    }


CAUSES = [
    "unknown number",
    "somebody else's",
    "barred",
    "another first name",
    "another name",
    "another birth date",
    "an adult, not a child",
    "a child, not an adult",
]


@pytest.mark.parametrize("cause", CAUSES)
def test_a_refusal_registers_nothing_and_stays_counted(cause):
    account = AccountFactory()

    refuse(account, causes(account)[cause])

    assert Attempt.objects.get().failed is True
    assert [entry[0] for entry in journal()] == ["permit.registration_refused"]
    assert told() == []


def test_every_cause_of_refusal_takes_the_same_statements():
    account = AccountFactory()
    seen = {}
    for number, (cause, wanted) in enumerate(causes(account).items()):
        Attempt.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            refuse(account, wanted, now=NOW + timedelta(minutes=number))
        seen[cause] = [re.sub(r"s\d+_x\d+|'[^']*'|\d+", "?", query["sql"]) for query in queries]

    assert len({tuple(statements) for statements in seen.values()}) == 1


def test_the_journal_of_a_refusal_names_the_permit_only_when_it_matched():
    account = AccountFactory()
    permit = PermitFactory()
    Barred.objects.create(account=account, visitor=permit.visitor, at=NOW)

    refuse(account, claim("0000000000", establishment=7))
    refuse(account, claim(someone_elses(), establishment=7))
    refuse(account, claim(permit.number, establishment=7))

    detail = {"establishment": 7, "holding": "own"}
    assert journal() == [
        ("permit.registration_refused", "account", account.pk, detail),
        ("permit.registration_refused", "account", account.pk, detail),
        ("permit.registration_refused", "permit", permit.pk, detail),
    ]


def test_removing_a_permit_leaves_it_to_be_registered_again():
    account, permit = AccountFactory(), PermitFactory()
    registration = register(account, claim(permit.number))

    remove_registration(account=account, registration_id=registration.pk, now=NOW)

    assert Registration.objects.count() == 0
    assert journal()[-1] == ("permit.registration_removed", "permit", permit.pk, {"holding": "own"})
    assert register(account, claim(permit.number)).permit == permit


def test_nobody_removes_a_permit_from_somebody_elses_space():
    registration = RegistrationFactory()

    with pytest.raises(Registration.DoesNotExist):
        remove_registration(account=AccountFactory(), registration_id=registration.pk, now=NOW)

    assert Registration.objects.count() == 1


@pytest.fixture
def shared():
    """A permit in its holder's space and, by another adult, in another one."""
    holder, other = AccountFactory(birth_name="PETIT"), AccountFactory()
    permit = PermitFactory(visitor=VisitorFactory(**ADULT))
    RegistrationFactory(account=holder, permit=permit)
    theirs = RegistrationFactory(account=other, permit=permit, holding="adult")
    return holder, other, permit, theirs


def test_the_holder_takes_their_permit_back_for_good(shared):
    holder, other, permit, theirs = shared

    take_back_permit(holder=holder, registration_id=theirs.pk, now=NOW)

    assert list(Registration.objects.values_list("account", flat=True)) == [holder.pk]
    assert journal() == [("permit.account_barred", "visitor", permit.visitor_id, {})]
    refuse(other, claim(permit.number, Holding.ADULT, said(ADULT)))


def test_a_bar_is_of_the_person_a_new_permit_does_not_go_round_it(shared):
    holder, other, permit, theirs = shared
    second = RegistrationFactory(account=other, permit=PermitFactory(visitor=permit.visitor), holding="adult")

    take_back_permit(holder=holder, registration_id=theirs.pk, now=NOW)

    renewed = PermitFactory(visitor=permit.visitor)
    assert not Registration.objects.filter(pk=second.pk).exists()
    refuse(other, claim(renewed.number, Holding.ADULT, said(ADULT)))
    assert register(AccountFactory(), claim(renewed.number, Holding.ADULT, said(ADULT))).permit == renewed


def test_what_was_typed_of_another_adult_is_kept_and_what_the_register_says_is_not():
    permit = PermitFactory(visitor=VisitorFactory(**ADULT | {"use_name": "NOUVEAU"}))

    registration = register(AccountFactory(), claim(permit.number, Holding.ADULT, said(ADULT)))

    assert registration.typed_name == f"{ADULT['first_names'][0]} {ADULT['birth_name']}"
    assert registration.agreed_at is None


def test_the_holder_known_by_another_permit_takes_this_one_back_too(shared):
    holder, other, permit, _ = shared
    elsewhere = RegistrationFactory(account=other, permit=PermitFactory(visitor=permit.visitor), holding="adult")

    take_back_permit(holder=holder, registration_id=elsewhere.pk, now=NOW)

    assert not Registration.objects.filter(pk=elsewhere.pk).exists()


def test_who_registered_the_permit_cannot_take_it_from_its_holder(shared):
    holder, other, _permit, _ = shared
    own = Registration.objects.get(account=holder)

    with pytest.raises(Registration.DoesNotExist):
        take_back_permit(holder=other, registration_id=own.pk, now=NOW)

    assert Registration.objects.count() == 2


def test_a_minor_does_not_take_their_permit_from_a_parent_but_an_adult_does():
    child, parent = AccountFactory(), AccountFactory()
    permit = PermitFactory(visitor=VisitorFactory(**CHILD | {"birth_date": date(2008, 11, 3)}))
    RegistrationFactory(account=child, permit=permit)
    theirs = RegistrationFactory(account=parent, permit=permit, holding="child")

    with pytest.raises(Registration.DoesNotExist):
        take_back_permit(holder=child, registration_id=theirs.pk, now=NOW)
    assert Registration.objects.count() == 2

    take_back_permit(holder=child, registration_id=theirs.pk, now=NOW + timedelta(days=1))
    assert list(Registration.objects.values_list("account", flat=True)) == [child.pk]


def test_staff_bar_an_account_that_has_not_registered_the_permit_yet():
    account, permit = AccountFactory(), PermitFactory()

    bar_account(actor=Actor("staff", 3), account_id=account.pk, visitor_id=permit.visitor_id, now=NOW)
    bar_account(actor=Actor("staff", 3), account_id=account.pk, visitor_id=permit.visitor_id, now=NOW)

    refuse(account, claim(permit.number))
    assert Barred.objects.count() == 1


def test_a_known_permit_is_registered_without_counting():
    account, permit = AccountFactory(), PermitFactory()

    register_known_permit(account=account, permit_id=permit.pk, holding=Holding.OWN, now=NOW)

    assert Registration.objects.count() == 1
    assert Attempt.objects.count() == 0


def test_asking_for_help_is_written_down():
    account = AccountFactory()

    ask_for_help(account=account, establishment_id=12, now=NOW)

    entry = journal_entries().get()
    assert (entry.verb, entry.subject_kind, entry.subject_id) == ("permit.help_asked", "establishment", 12)
    assert (entry.actor_kind, entry.actor_id) == ("account", account.pk)


def test_a_person_of_one_name_registers_their_own_permit_by_that_name_and_their_birth_date():
    account = AccountFactory(birth_name="MOHANAN", first_names=[], birth_date="1980-02-03")
    named = VisitorFactory(birth_name="MOHANAN", first_names=["-"], birth_date=date(1980, 2, 3))
    permit = PermitFactory(visitor=named)
    other = PermitFactory(visitor=VisitorFactory(birth_name="MOHANAN", first_names=["-"], birth_date=date(1980, 2, 4)))

    register(account, claim(permit.number))

    refuse(account, claim(other.number))


def test_a_first_name_left_out_of_the_form_is_not_the_want_of_one():
    permit = PermitFactory(visitor=VisitorFactory(**ADULT))

    refuse(AccountFactory(), claim(permit.number, Holding.ADULT, said(ADULT, first_names=())))
    refuse(AccountFactory(), claim(permit.number, Holding.ADULT, said(ADULT, first_names=("-",))))
