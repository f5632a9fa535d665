"""An erased account leaves nothing behind it but ids, and everybody concerned is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.journal.models import Entry, Link
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import forget_messages_about
from parloir.people.models import Account, SignIn
from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from parloir.permits.models import Barred, Registration
from parloir.visits.messages import cancelled_email
from parloir.visits.models import Draft, Hold, Visit
from parloir.visits.operations import VisitRefused, erase_account, forget_erased_accounts
from parloir.visits.queries.invariants import broken_invariants
from parloir.visits.queries.messages import visit_to_tell
from tests.factories import NOW, AccountFactory, ContactFactory, RegistrationFactory, SlotFactory
from tests.visits.families import WEDNESDAY, Family, jobs
from tests.visits.waiting_families import wait

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def broken(now=NOW):
    return [name for name, count in broken_invariants(now=now) if count]


def a_family():
    family = Family()
    ContactFactory(account=family.account)
    return family


def come_back(account, **about):
    identity = Identity(
        issuer=account.issuer,
        sub=account.sub,
        birth_name="DURAND",
        use_name="",
        first_names=("Sophie",),
        birth_date="1992-01-30",
        email="",
    )
    return sign_in(identity=identity, id_token="", language="fr", now=NOW + timedelta(hours=1), **about).account


def test_visits_to_come_are_cancelled_and_their_places_are_free():
    family = a_family()
    visit = family.book()

    erase_account(account=family.account, now=NOW)

    visit.refresh_from_db()
    family.slot.refresh_from_db()
    assert (visit.status, visit.cancelled_by, family.slot.taken) == ("cancelled", "family", 0)
    assert jobs()[-2:] == ["visits.tell_cancelled", "notifications.send_notice"]
    assert broken() == []


def test_the_civil_status_the_permits_and_the_sessions_go_at_once():
    family = a_family()
    come_back(family.account)

    erase_account(account=family.account, now=NOW)

    account = Account.objects.get(pk=family.account.pk)
    assert (account.birth_name, account.use_name, account.first_names, account.birth_date) == ("", "", [], "")
    assert (account.issuer, account.sub == family.account.sub, account.erased_at) == ("erased", False, NOW)
    assert (SignIn.objects.filter(revoked_at=None).count(), Registration.objects.filter(account=account).count()) == (
        0,
        0,
    )


def test_drafts_and_waits_are_let_go_of_with_what_they_hold():
    family = a_family()
    family.hold()
    wait(family)

    erase_account(account=family.account, now=NOW)

    family.slot.refresh_from_db()
    assert (Draft.objects.count(), Hold.objects.count(), family.slot.taken) == (0, 0, 0)
    assert broken() == []


def test_inside_a_visit_nothing_is_erased():
    family = a_family()
    visit = family.book()

    with pytest.raises(VisitRefused):
        erase_account(account=family.account, now=WEDNESDAY + timedelta(minutes=10))

    visit.refresh_from_db()
    assert visit.status == "booked"
    assert Account.objects.get(pk=family.account.pk).birth_name == "DURAND"


def test_the_erased_person_is_told_without_any_detail_and_others_as_ever():
    family = a_family()
    other = AccountFactory()
    ContactFactory(account=other)
    partner = family.add(holding="adult")
    RegistrationFactory(account=other, permit=partner)
    visit = family.book(family.permit, partner)

    erase_account(account=family.account, now=NOW)

    told = visit_to_tell(visit.pk)
    emails = {to.account_id: cancelled_email(told, to, before=told.starts_at, now=NOW) for to in told.recipients}
    assert set(emails) == {family.account.pk, other.pk}
    assert "c’est notre dernier message" in emails[family.account.pk].text
    assert "DURAND" not in emails[family.account.pk].text + emails[family.account.pk].html
    assert "/courriel/confirmer/" not in emails[family.account.pk].html
    assert "c’est notre dernier message" not in emails[other.pk].text
    assert "/espace/" in emails[other.pk].text


def test_what_somebody_else_booked_stays():
    family = a_family()
    other = AccountFactory()
    RegistrationFactory(account=other, permit=family.permit)
    visit = family.book()

    erase_account(account=other, now=NOW)

    visit.refresh_from_db()
    assert visit.status == "booked"


def test_a_day_later_the_account_and_its_address_are_gone_and_the_journal_names_nobody():
    family = a_family()
    visit = family.book()
    erase_account(account=family.account, now=NOW)
    Delivery.objects.create(
        account_id=family.account.pk, dedup_key=f"visit-{visit.pk}-cancelled", channel="email", created_at=NOW
    )

    assert forget_erased_accounts(now=NOW + DAY - timedelta(minutes=1)) == 0
    assert forget_erased_accounts(now=NOW + DAY) == 1

    visit.refresh_from_db()
    assert (Account.objects.filter(pk=family.account.pk).count(), Contact.objects.count()) == (0, 0)
    assert (Delivery.objects.count(), visit.booker_id) == (0, None)
    assert not Link.objects.filter(kind="account").exists()
    assert Entry.objects.filter(verb="account.erased", detail={}).count() == 1
    assert broken(NOW + DAY) == []


def test_what_slipped_in_meanwhile_is_cancelled_and_told_before_the_account_is_forgotten():
    family = a_family()
    erase_account(account=family.account, now=NOW)
    RegistrationFactory(account=family.account, permit=family.permit)
    family.book(slot=SlotFactory(wing=family.wing, starts_at=WEDNESDAY + DAY))

    assert forget_erased_accounts(now=NOW + DAY) == 0
    assert Visit.objects.get().status == "cancelled"
    assert forget_erased_accounts(now=NOW + 2 * DAY) == 1


def test_two_spaces_erased_may_have_drawn_the_same_key():
    families = [a_family(), a_family()]
    for family in families:
        family.book(key="same")
        erase_account(account=family.account, now=NOW)

    assert forget_erased_accounts(now=NOW + DAY) == 2


def test_whoever_comes_back_finds_an_empty_space():
    family = a_family()
    erase_account(account=family.account, now=NOW)
    forget_erased_accounts(now=NOW + DAY)

    account = come_back(family.account)

    assert (account.birth_name, account.registrations.count(), account.visits.count()) == ("DURAND", 0, 0)


@pytest.mark.parametrize("forgotten", [False, True])
def test_erasing_does_not_lift_a_bar(forgotten):
    family = a_family()
    Barred.objects.create(account=family.account, visitor=family.permit.visitor, at=NOW)
    erase_account(account=family.account, now=NOW)
    if forgotten:
        forget_erased_accounts(now=NOW + DAY)

    account = come_back(family.account)

    assert Barred.objects.get().account == account
    assert (account.birth_name, account.erased_at) == ("DURAND", None)


def test_only_the_messages_of_the_very_visit_are_forgotten():
    account = AccountFactory()
    for key in ("visit-1-booked-3", "visit-12-booked-3", "visit-1"):
        Delivery.objects.create(account=account, dedup_key=key, channel="email", created_at=NOW)

    forget_messages_about(prefixes=["visit-1"])

    assert sorted(Delivery.objects.values_list("dedup_key", flat=True)) == ["visit-1", "visit-12-booked-3"]
