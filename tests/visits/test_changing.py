"""A visit changes without losing its place, and people leave it without losing it for the others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations import Change, cancel_visit, change_visit, withdraw_myself, withdraw_people
from parloir.visits.queries.mine import visits_of
from parloir.visits.rules import Code
from tests.factories import NOW, AccountFactory, RegistrationFactory
from tests.visits.families import WEDNESDAY, Family, broken, jobs, refused, slot_in, taken

pytestmark = pytest.mark.django_db

ADULT = date(1960, 1, 1)


def change(family, visit, *permits, slot=None, now=NOW, channel=Channel.ONLINE, agent=None):
    wanted = Change(slot_id=(slot or family.slot).pk, permit_ids=frozenset(p.pk for p in permits or [family.permit]))
    return change_visit(
        booker=None if agent else family.account,
        visit_id=visit.pk,
        change=wanted,
        channel=channel,
        agent=agent,
        now=now,
    )


def coming(visit):
    return set(Attendance.objects.filter(visit=visit, live=True).values_list("permit_id", flat=True))


def test_another_slot_is_had_before_the_old_place_is_given_back():
    family = Family()
    other = slot_in(family.wing, days=1)
    visit = family.book()

    changed = change(family, visit, slot=other)

    assert changed.reference == visit.reference
    assert changed.local_date == other.local_date
    assert (taken(family.slot), taken(other)) == (0, 1)
    assert jobs() == ["visits.tell_booked", "visits.tell_changed"]
    assert broken() == set()


def test_a_full_slot_leaves_the_visit_as_it_was():
    family = Family()
    full = slot_in(family.wing, days=1, capacity=1, taken=1)
    visit = family.book()

    assert refused(change, family, visit, slot=full) == [Code.FULL]


def test_other_people_may_come_in_the_same_slot():
    family = Family()
    child = family.add()
    visit = family.book()

    change(family, visit, family.permit, child)

    assert coming(visit) == {family.permit.pk, child.pk}
    assert taken(family.slot) == 1
    assert broken() == set()


def test_someone_who_left_may_come_again():
    family = Family()
    child = family.add()
    visit = family.book(family.permit, child)
    change(family, visit, family.permit)

    change(family, visit, family.permit, child)

    assert coming(visit) == {family.permit.pk, child.pk}
    assert Attendance.objects.count() == 2


def test_a_change_is_made_through_a_draft_that_keeps_the_new_place():
    family = Family()
    other = slot_in(family.wing, days=1)
    visit = family.book()

    family.hold(other, replaces=visit, permit_ids=[family.permit.pk])
    assert (taken(family.slot), taken(other)) == (1, 1)
    changed = family.confirm(other, key="k2")

    assert changed.pk == visit.pk
    assert (taken(family.slot), taken(other)) == (0, 1)
    assert family.confirm(other, key="k2").pk == visit.pk
    assert broken() == set()


def test_a_draft_that_changes_a_visit_begins_with_who_comes_and_their_cabin():
    family = Family(slot=slot_in(Family().wing, days=2, accessible_capacity=1))
    other = slot_in(family.wing, days=1, accessible_capacity=1)
    child = family.add()
    visit = family.book(family.permit, child, accessible=True)

    draft = family.hold(other, replaces=visit)

    assert (draft.permit_ids, draft.accessible) == (sorted([family.permit.pk, child.pk]), True)
    family.confirm(other, key="k2")
    other.refresh_from_db()
    assert other.accessible_taken == 1
    assert broken() == set()


def test_a_place_held_again_for_another_need_is_counted_as_that_need():
    family = Family(slot=slot_in(Family().wing, days=2, accessible_capacity=1))
    family.hold()

    family.hold(accessible=True, permit_ids=[family.permit.pk])

    family.slot.refresh_from_db()
    assert (family.slot.taken, family.slot.accessible_taken) == (1, 1)
    assert broken() == set()


@pytest.mark.parametrize("through_a_draft", [False, True])
def test_a_change_reads_who_comes_once_and_takes_at_most_twenty_statements(
    through_a_draft, django_assert_max_num_queries
):
    family = Family()
    child, grandmother = family.add(), family.add(holding="adult", born=ADULT)
    visit = family.book(family.permit, child)
    other = slot_in(family.wing, days=1)
    if through_a_draft:
        family.hold(other, replaces=visit, permit_ids=[family.permit.pk, grandmother.pk])

    with django_assert_max_num_queries(20) as captured:  # the test's own savepoint pair is counted
        if through_a_draft:
            family.confirm(other, key="k2")
        else:
            change(family, visit, family.permit, grandmother, slot=other)

    assert coming(visit) == {family.permit.pk, grandmother.pk}
    reads = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert sum('FROM "visits_attendance"' in sql for sql in reads) == 1


def test_what_a_visit_is_already_changes_nothing_and_tells_nobody():
    family = Family()
    visit = family.book()

    changed = change(family, visit, family.permit)

    assert changed.version == 0
    assert jobs() == ["visits.tell_booked"]
    assert broken() == set()


def test_who_has_left_a_visit_no_longer_sees_it_unless_it_is_cancelled():
    family = Family()
    mother = family.add(holding="adult", born=ADULT)
    hers = AccountFactory()
    RegistrationFactory(account=hers, permit=mother)
    visit = family.book(family.permit, mother)
    withdraw_myself(account=hers, visit_id=visit.pk, now=NOW)

    seen = visits_of(hers).exists()
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    assert seen is False
    assert list(visits_of(hers)) == [visit]


def test_the_week_does_not_count_the_visit_that_changes():
    family = Family()
    family.detainee.category = "condamne"
    family.detainee.save()
    slots = [slot_in(family.wing, days=n) for n in (1, 2)]
    visit = family.book()
    family.book(slot=slots[0], key="k2")

    change(family, visit, slot=slots[1])

    assert broken() == set()


def test_a_family_changes_until_a_day_before_an_agent_until_the_start():
    family = Family()
    child = family.add()
    visit = family.book()
    late = WEDNESDAY - timedelta(hours=23)
    agent = Actor("staff", 1)

    assert refused(change, family, visit, family.permit, child, now=late) == [Code.CHANGE_TOO_LATE]
    change(family, visit, family.permit, child, now=late, channel=Channel.DESK, agent=agent)

    assert coming(visit) == {family.permit.pk, child.pk}


def test_somebody_elses_visit_is_not_found():
    family, other = Family(), Family()
    visit = family.book()

    with pytest.raises(Visit.DoesNotExist):
        change(other, visit)


def test_a_limited_permit_gets_its_visit_back_when_its_holder_no_longer_comes():
    family = Family()
    child = family.add(visits_allowed=1)
    visit = family.book(family.permit, child)

    withdraw_people(booker=family.account, visit_id=visit.pk, permit_ids=[child.pk], now=NOW)

    assert Attendance.objects.get(permit=child).debits is False
    assert coming(visit) == {family.permit.pk}
    assert broken() == set()


def test_the_adult_cannot_leave_a_child_alone():
    family = Family()
    child = family.add()
    visit = family.book(family.permit, child)

    def leave():
        withdraw_people(booker=family.account, visit_id=visit.pk, permit_ids=[family.permit.pk], now=NOW)

    assert refused(leave) == [Code.MINOR_NEEDS_ADULT]


def test_an_attendee_leaves_a_visit_that_somebody_else_booked():
    family = Family()
    mother = family.add(holding="adult", born=ADULT)
    hers = AccountFactory()
    RegistrationFactory(account=hers, permit=mother)
    visit = family.book(family.permit, mother)

    withdraw_myself(account=hers, visit_id=visit.pk, now=NOW)

    assert coming(visit) == {family.permit.pk}
    assert jobs()[-1] == "visits.tell_changed"


def test_a_visit_that_cannot_do_without_the_one_who_leaves_is_cancelled():
    family = Family()
    mother = family.add(holding="adult", born=ADULT)
    child = family.add()
    hers = AccountFactory()
    RegistrationFactory(account=hers, permit=mother)
    visit = family.book(mother, child)

    withdraw_myself(account=hers, visit_id=visit.pk, now=NOW)

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_by, visit.cancel_cause) == ("cancelled", "family", "party_broken")
    assert taken(family.slot) == 0
    assert broken() == set()


def test_only_an_attendee_may_withdraw_themselves():
    family, other = Family(), Family()
    visit = family.book()

    with pytest.raises(Visit.DoesNotExist):
        withdraw_myself(account=other.account, visit_id=visit.pk, now=NOW)


def test_somebody_taken_out_and_brought_again_uses_a_visit_of_their_permit_again():
    family = Family()
    child = family.add(visits_allowed=1)
    visit = family.book(family.permit, child)
    withdraw_people(booker=family.account, visit_id=visit.pk, permit_ids=[child.pk], now=NOW)
    given_back = Attendance.objects.get(permit=child).debits

    change(family, visit, family.permit, child)

    assert (given_back, Attendance.objects.get(permit=child).debits) == (False, True)
    other = slot_in(family.wing, days=1)
    assert refused(family.book, family.permit, child, slot=other, key="k2") == [Code.PERMIT_USED_UP]
    assert broken() == set()


@pytest.mark.parametrize(("hours", "debits"), [(25, False), (1, True)])
def test_an_agent_who_takes_somebody_out_gives_their_visit_back_only_in_time(hours, debits):
    family = Family()
    child = family.add(visits_allowed=1)
    visit = family.book(family.permit, child)
    agent = Actor("staff", 7)

    change(family, visit, now=WEDNESDAY - timedelta(hours=hours), channel=Channel.DESK, agent=agent)

    attendance = Attendance.objects.get(permit=child)
    assert (attendance.live, attendance.debits) == (False, debits)
    assert broken() == set()
