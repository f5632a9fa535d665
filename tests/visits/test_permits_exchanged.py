"""A visit already booked goes on by another permit of the same person when the one written no longer serves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.establishments.rules import Channel
from parloir.journal.models import Entry as Line
from parloir.journal.operations import Actor
from parloir.permits.models import Permit, Registration
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations import cancel_visit, judge_again, tell_again_in_full, withdraw_myself
from parloir.visits.queries.messages import visit_to_tell
from parloir.visits.queries.mine import visits_of
from tests.factories import NOW, AccountFactory, PermitFactory, PolicyFactory, RegistrationFactory, VisitorFactory
from tests.visits.families import Family, broken, jobs, slot_in, taken
from tests.visits.test_renewed_permits import DAY, renewed, written

pytestmark = pytest.mark.django_db


def say(family, permit, *, now=NOW, **about):
    """Let the register say something about a permit, and follow it; return how many visits it ends."""
    Permit.objects.filter(pk=permit.pk).update(**about)
    return judge_again(detainee_ids=[family.detainee.pk], now=now)


def booked_then_renewed(*, old=None, **new):
    """Return a family that has booked with its old permit, and registered a new one since."""
    family = Family(**(old or {}))
    family.visit = family.book()
    return renewed(family, **new)


ENDS = {
    "withdrawn": {"status": "withdrawn"},
    "suspended": {"status": "suspended"},
    "suspended for a while": {"status": "suspended", "suspended_until": DAY},
    "shortened": {"valid_until": DAY - timedelta(days=1)},
    "begins later": {"valid_from": DAY + timedelta(days=1)},
    "another day of the week": {"weekdays": [1]},
    "separated": {"separated": True},
    "closed": {"closed_at": NOW},
}


@pytest.mark.parametrize("about", ENDS.values(), ids=ENDS)
def test_a_visit_goes_on_by_the_other_permit_when_the_one_written_no_longer_serves(about):
    family = booked_then_renewed()
    before, lines = jobs(), Line.objects.count()

    assert say(family, family.permit, **about) == 0

    family.visit.refresh_from_db()
    assert (family.visit.status, family.visit.version, written()) == ("booked", 0, [family.new.pk])
    assert Attendance.objects.filter(debits=True).count() == 1
    assert (jobs(), taken(family.slot), broken()) == (before, 1, set())
    assert [line.verb for line in Line.objects.order_by("pk")[lines:]] == ["visit.permit_exchanged"]


def test_told_again_the_same_permit_is_exchanged_once():
    family = booked_then_renewed()
    say(family, family.permit, status="withdrawn")
    lines = Line.objects.count()

    say(family, family.permit, status="withdrawn")

    assert (written(), Line.objects.count()) == ([family.new.pk], lines)


@pytest.mark.parametrize("worse", [{"status": "suspended"}, {"weekdays": [1]}], ids=str)
def test_a_visit_that_no_permit_serves_ends_for_the_reason_of_the_one_written(worse):
    family = booked_then_renewed(**worse)

    assert say(family, family.permit, status="withdrawn") == 1

    family.visit.refresh_from_db()
    assert (family.visit.cancel_cause, written(), taken(family.slot)) == ("permit_withdrawn", [], 0)
    assert broken() == set()


def test_a_permit_that_the_booker_has_not_registered_serves_no_visit_of_theirs():
    family = Family()
    family.book()
    PermitFactory(detainee=family.detainee, visitor=family.permit.visitor)

    assert say(family, family.permit, status="withdrawn") == 1


def test_a_visit_that_an_agent_booked_goes_on_by_any_permit_of_the_person():
    family = Family()
    family.book(agent=Actor("agent", 1), channel=Channel.DESK)
    new = PermitFactory(detainee=family.detainee, visitor=family.permit.visitor)

    assert say(family, family.permit, status="withdrawn") == 0
    assert written() == [new.pk]


def test_a_permit_of_another_detained_person_serves_no_visit():
    family = Family()
    family.book()
    RegistrationFactory(account=family.account, permit=PermitFactory(visitor=family.permit.visitor))

    assert say(family, family.permit, status="withdrawn") == 1


def test_when_one_of_two_people_has_no_permit_left_the_visit_ends_and_nothing_is_exchanged():
    family = Family()
    other = family.add(born=date(1985, 1, 1))
    family.book(family.permit, other)
    renewed(family, visits_allowed=1)
    Permit.objects.filter(pk=other.pk).update(status="withdrawn")

    assert say(family, family.permit, status="suspended") == 1

    assert not Attendance.objects.filter(permit=family.new).exists()
    assert not Attendance.objects.filter(debits=True).exists()
    assert broken() == set()


def test_of_two_people_only_the_one_whose_permit_ends_comes_by_another():
    family = Family()
    child = family.add()
    family.book(family.permit, child)
    renewed(family)

    assert say(family, family.permit, status="withdrawn") == 0
    assert sorted(written()) == sorted([child.pk, family.new.pk])


def test_a_limited_permit_serves_the_soonest_visits_and_the_latest_end():
    family = Family()
    visits = [family.book(slot=slot_in(family.wing, days=7 * n + 7), key=f"k{n}") for n in range(3)]
    renewed(family, visits_allowed=2)

    assert say(family, family.permit, status="withdrawn") == 1

    assert [visit.status for visit in Visit.objects.filter(pk__in=[v.pk for v in visits]).order_by("during")] == [
        "booked",
        "booked",
        "cancelled",
    ]
    assert Attendance.objects.filter(permit=family.new, debits=True).count() == 2
    assert not Attendance.objects.filter(permit=family.permit, debits=True).exists()
    assert broken() == set()


def test_what_a_limited_permit_no_longer_allows_is_served_by_the_other_one():
    family = Family(visits_allowed=2)
    for n in range(2):
        family.book(slot=slot_in(family.wing, days=7 * n + 7), key=f"k{n}")
    renewed(family)

    assert say(family, family.permit, visits_allowed=1) == 0

    assert written() == [family.permit.pk, family.new.pk]
    assert broken() == set()


def test_no_visit_loses_its_limited_permit_to_a_sooner_one_whose_own_ends():
    family = Family()
    sooner = family.book()
    renewed(family, visits_allowed=1)
    later = slot_in(family.wing, days=7)
    Permit.objects.filter(pk=family.permit.pk).update(weekdays=[1])
    kept = family.book(family.new, slot=later, key="k2")

    assert say(family, family.permit, status="withdrawn") == 1

    sooner.refresh_from_db()
    kept.refresh_from_db()
    assert (sooner.status, kept.status) == ("cancelled", "booked")
    assert broken() == set()


def test_what_a_visit_that_ends_would_have_used_is_there_for_a_later_one():
    family = Family()
    other = family.add(born=date(1985, 1, 1))
    sooner = family.book(family.permit, other)
    later = family.book(family.permit, slot=slot_in(family.wing, days=7), key="k2")
    renewed(family, visits_allowed=1)
    Permit.objects.filter(pk=other.pk).update(status="suspended")

    assert say(family, family.permit, status="withdrawn") == 1

    sooner.refresh_from_db()
    later.refresh_from_db()
    assert (sooner.status, later.status, written()) == ("cancelled", "booked", [family.new.pk])


def test_a_minor_alone_does_not_come_by_a_permit_that_does_not_let_them():
    family = Family(alone_from_16=True, visitor=VisitorFactory(birth_date=date(2010, 1, 1)))
    family.book(agent=Actor("agent", 1), channel=Channel.DESK)
    renewed(family)

    assert say(family, family.permit, status="withdrawn") == 1


def test_a_visit_left_to_a_human_comes_by_the_other_permit_too():
    family = Family(wing=PolicyFactory(on_hospital="review").wing)
    family.book()
    renewed(family)
    type(family.detainee).objects.update(presence="hospital")

    assert say(family, family.permit, status="withdrawn") == 0
    assert written() == [family.new.pk]


def test_a_permit_taken_again_is_one_line_of_the_visit():
    family = booked_then_renewed()
    say(family, family.permit, status="withdrawn")
    Permit.objects.filter(pk=family.permit.pk).update(status="active")

    assert say(family, family.new, status="suspended") == 0

    assert [(row.permit_id, row.live, row.debits) for row in Attendance.objects.all()] == [
        (family.permit.pk, True, True)
    ]


def test_after_a_change_of_permit_a_cancelled_visit_names_each_person_once():
    family = renewed(Family(valid_until=date(2026, 11, 20)), valid_from=date(2026, 11, 21))
    visit = family.book()
    later = slot_in(family.wing, days=14)
    family.hold(later, replaces=visit)
    family.confirm(later, key="k2")

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    assert [row.permit_id for row in Visit.objects.get().coming] == [family.new.pk]


# What the companion's own account sees ----------------------------------------------------


@pytest.fixture
def companion():
    """Return a family that comes with an adult, who has registered in their own account the other permit of theirs."""
    family = Family()
    family.theirs = family.add(holding="adult", born=date(1985, 1, 1))
    family.companion = AccountFactory()
    other = PermitFactory(detainee=family.detainee, visitor=family.theirs.visitor)
    RegistrationFactory(account=family.companion, permit=other)
    family.visit = family.book(family.permit, family.theirs)
    return family


def told_of(visit):
    found = visit_to_tell(visit.pk)
    return {to.account_id for to in found.recipients}, {to.account_id for to in found.gone}


def test_a_companion_sees_a_visit_written_on_another_permit_of_theirs(companion):
    assert list(visits_of(companion.companion)) == [companion.visit]
    assert told_of(companion.visit) == ({companion.account.pk, companion.companion.pk}, set())


def test_a_companion_may_leave_a_visit_written_on_another_permit_of_theirs(companion):
    withdraw_myself(account=companion.companion, visit_id=companion.visit.pk, now=NOW)

    assert written() == [companion.permit.pk]
    assert not visits_of(companion.companion).exists()
    assert told_of(companion.visit) == ({companion.account.pk}, {companion.companion.pk})
    assert Attendance.objects.get(permit=companion.theirs).left_by_themselves


def test_a_companion_whose_address_is_confirmed_is_told_of_it_in_full(companion):
    assert tell_again_in_full(account_id=companion.companion.pk, confirmed_at=NOW, now=NOW) == 1


def test_a_permit_for_another_detained_person_shows_nothing(companion):
    Registration.objects.filter(account=companion.companion).delete()
    brother = PermitFactory(visitor=companion.theirs.visitor)
    RegistrationFactory(account=companion.companion, permit=brother)

    assert not visits_of(companion.companion).exists()
    assert told_of(companion.visit) == ({companion.account.pk}, set())
    with pytest.raises(Visit.DoesNotExist):
        withdraw_myself(account=companion.companion, visit_id=companion.visit.pk, now=NOW)


def test_a_child_registered_by_another_parent_shows_them_nothing(companion):
    child = companion.add()
    RegistrationFactory(account=companion.companion, permit=child, holding="child")
    visit = companion.book(companion.permit, child, slot=slot_in(companion.wing, days=7), key="k2")

    assert visit not in visits_of(companion.companion)


def test_who_is_told_does_not_change_when_a_permit_is_exchanged(companion):
    before = told_of(companion.visit)
    new = PermitFactory(detainee=companion.detainee, visitor=companion.theirs.visitor)
    RegistrationFactory(account=companion.account, permit=new, holding="adult")

    assert say(companion, companion.theirs, status="withdrawn") == 0

    assert new.pk in written()
    assert told_of(companion.visit) == before
