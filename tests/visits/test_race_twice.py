"""The same person, permit or press of a button twice at once; each race is shown again with its guard off."""

from __future__ import annotations

import pytest

from parloir.visits.models import Attendance, Draft, Hold, Visit
from parloir.visits.operations import (
    booking,
)
from parloir.visits.rules import Code
from tests.factories import AccountFactory, PermitFactory, PolicyFactory, RegistrationFactory
from tests.visits.crowd import at_once, deadlocks, granted, told, without_constraint
from tests.visits.families import Family, broken, jobs, slot_in, taken
from tests.visits.unguarded import (
    slow_usage,
    unlocked_detainee,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

ROUNDS = [0, 1, *(pytest.param(turn, marks=pytest.mark.soak) for turn in range(2, 20))]


# The same person twice -------------------------------------------------------------------------


def one_child_two_families():
    """Two brothers detained in one wing; their mothers each register the same child, who may visit both."""
    slot = slot_in(PolicyFactory().wing, capacity=9)
    one, other = Family(slot=slot), Family(slot=slot)
    child = one.add()
    cousin = PermitFactory(detainee=other.detainee, visitor=child.visitor)
    RegistrationFactory(account=other.account, permit=cousin, holding="child")
    return (one, child), (other, cousin)


@pytest.mark.parametrize("turn", ROUNDS)
def test_two_families_of_the_same_child_at_the_same_hour(turn):
    pairs = one_child_two_families()
    before = deadlocks()

    outcomes = at_once(*(lambda f=family, c=child: f.book(f.permit, c) for family, child in pairs))

    assert len(granted(outcomes)) == Visit.objects.count() == 1
    assert told(outcomes) == [Code.VISITOR_BUSY]
    assert deadlocks() == before
    assert broken() == set()


def test_without_the_visitor_s_turn_and_constraint_the_child_would_be_in_two_rooms(monkeypatch):
    monkeypatch.setattr(booking, "usage_around", slow_usage)
    with without_constraint("visits_attendance", "a_visitor_is_not_twice_at_once"):
        pairs = one_child_two_families()

        at_once(*(lambda f=family, c=child: f.book(f.permit, c) for family, child in pairs))

        assert Visit.objects.count() == 2
        assert broken() == {"visitor_is_not_twice_at_once"}


@pytest.mark.parametrize("turn", ROUNDS)
def test_two_families_of_the_same_detained_person_at_the_same_hour(turn):
    one = Family()
    other = Family(slot=one.slot, detainee=one.detainee)

    outcomes = at_once(one.book, other.book)

    assert len(granted(outcomes)) == 1
    assert told(outcomes) == [Code.DAILY_MAXIMUM]
    assert broken() == set()


def one_visit_left_and_two_accounts():
    family = Family(visits_allowed=1)
    other = Family(wing=family.wing, slot=slot_in(family.wing, days=1), detainee=family.detainee)
    other.account, other.permit = AccountFactory(), family.permit
    RegistrationFactory(account=other.account, permit=family.permit, holding="adult")
    return family, other


@pytest.mark.parametrize("turn", ROUNDS)
def test_the_last_visit_of_a_limited_permit_is_used_once(turn):
    family, other = one_visit_left_and_two_accounts()

    outcomes = at_once(family.book, other.book)

    assert len(granted(outcomes)) == 1
    assert told(outcomes) == [Code.PERMIT_USED_UP]
    assert Attendance.objects.filter(debits=True).count() == 1
    assert broken() == set()


def test_without_the_detained_person_s_lock_a_limited_permit_would_be_used_twice(monkeypatch):
    monkeypatch.setattr(booking, "locked_detainee", unlocked_detainee)
    monkeypatch.setattr(booking, "usage_around", slow_usage)
    family, other = one_visit_left_and_two_accounts()

    at_once(family.book, other.book)

    assert broken() == {"limited_permit_is_not_exceeded"}


# The same button twice ------------------------------------------------------------------------


def test_booking_pressed_many_times_at_once_is_one_visit():
    family = Family()

    outcomes = at_once(*[family.book] * 6)

    assert {visit.pk for visit in granted(outcomes)} == {Visit.objects.get().pk}
    assert (told(outcomes), taken(family.slot), jobs()) == ([], 1, ["visits.tell_booked"])


def test_confirming_pressed_many_times_at_once_is_one_visit():
    family = Family()
    family.hold()
    family.choose()

    outcomes = at_once(*[family.confirm] * 6)

    assert {visit.pk for visit in granted(outcomes)} == {Visit.objects.get().pk}
    assert (told(outcomes), taken(family.slot), jobs()) == ([], 1, ["visits.tell_booked"])


def test_without_the_detained_person_s_lock_the_second_press_would_be_told_of_itself(monkeypatch):
    monkeypatch.setattr(booking, "locked_detainee", unlocked_detainee)
    monkeypatch.setattr(booking, "usage_around", slow_usage)
    family = Family()

    outcomes = at_once(*[family.book] * 3)

    assert len(granted(outcomes)) == 1
    assert set(told(outcomes)) <= {Code.TRY_AGAIN, Code.DETAINEE_BUSY}
    assert broken() == set()


def test_a_draft_of_two_windows_is_one_draft():
    family = Family()
    slots = [slot_in(family.wing, days=n) for n in range(1, 5)]

    outcomes = at_once(*(lambda s=slot: family.hold(s) for slot in slots))

    assert len(granted(outcomes)) == 4
    assert (Draft.objects.count(), Hold.objects.count()) == (1, 1)
    assert sum(taken(slot) for slot in slots) == 1
    assert broken() == set()


def test_six_places_are_held_for_one_account_and_no_more_however_fast_it_clicks():
    families = []
    for _ in range(8):
        family = Family()
        if families:
            family.permit.registrations.update(account=families[0].account)
            family.account = families[0].account
        families.append(family)

    outcomes = at_once(*(family.hold for family in families))

    assert Hold.objects.count() == len(granted(outcomes)) <= 6
    assert broken() == set()
