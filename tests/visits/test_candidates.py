"""What is judged before a place is held: that somebody could come to it, and who usually does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.permits.models import Permit
from parloir.visits.models import Attendance, Draft, Hold
from parloir.visits.operations import VisitRefused, cancel_visit, hold_slots
from parloir.visits.queries.calendar import calendar_of, nearest_open
from parloir.visits.queries.engaged import with_engagements
from parloir.visits.queries.mine import detainee_of, permits_named
from parloir.visits.rules import HOLDS_PER_PERMIT, Code
from tests.factories import NOW, PermitFactory, PolicyFactory, RegistrationFactory
from tests.visits.families import Family, refused, slot_in, taken

pytestmark = pytest.mark.django_db

ADULT = date(1960, 1, 1)


def brother_of(family, **about):
    """Return the same relative before another detained person, in another prison, at the same hour."""
    brother = Family(slot=slot_in(PolicyFactory().wing, **about))
    brother.account = family.account
    brother.permit.visitor = family.permit.visitor
    brother.permit.save()
    RegistrationFactory(account=family.account, permit=brother.permit)
    return brother


def held(family, *slots, **how):
    """Hold, and return what the operation says."""
    ids = [slot.pk for slot in slots or [family.slot]]
    return hold_slots(account=family.account, detainee_id=family.detainee.pk, slot_ids=ids, now=NOW, **how)


def calendar(family, *, in_full=False):
    detainee = detainee_of(family.account, family.detainee.pk, now=NOW)
    reader = None if in_full else family.account
    permits = with_engagements(permits_named(family.account, detainee), account=reader, since=NOW.date())
    return calendar_of(detainee, account=family.account, permits=list(permits), now=NOW)


def open_slots(found):
    return [time.slot_id for day in found.days for time in day.times if time.is_open]


# Nothing is held where nobody could come ---------------------------------------------------


def test_two_brothers_in_two_prisons_are_not_both_held_at_one_hour():
    family = Family()
    brother = brother_of(family)
    family.book()

    assert refused(brother.hold) == [Code.VISITOR_BUSY]

    assert taken(brother.slot) == 0


def test_a_place_is_held_when_somebody_else_could_come():
    family = Family()
    brother = brother_of(family)
    grandmother = brother.add(holding="adult", born=ADULT)
    family.book()

    draft = brother.hold()

    assert draft.permit_ids == [grandmother.pk]


@pytest.mark.parametrize(
    ("permit", "code"),
    [
        ({"status": "suspended"}, Code.PERMIT_SUSPENDED),
        ({"status": "withdrawn"}, Code.PERMIT_WITHDRAWN),
        ({"valid_until": date(2026, 11, 10)}, Code.PERMIT_EXPIRED),
        ({"valid_from": date(2026, 11, 12)}, Code.PERMIT_NOT_YET_VALID),
        ({"weekdays": [1]}, Code.PERMIT_WEEKDAY),
        ({"separated": True}, Code.PERMIT_SEPARATED),
        ({"closed_at": NOW}, Code.PERMIT_CLOSED),
    ],
)
def test_nothing_is_held_when_no_permit_would_be_good(permit, code):
    family = Family(**permit)
    family.add()

    assert refused(family.hold) == [code]


def test_nothing_is_held_for_a_permit_all_of_whose_visits_are_booked():
    family = Family(visits_allowed=1)
    family.book(slot=slot_in(family.wing, days=7))

    assert refused(family.hold) == [Code.PERMIT_USED_UP]


def test_nothing_is_held_for_children_whom_no_adult_could_bring():
    family = Family()
    family.add()
    family.permit.delete()

    assert refused(family.hold) == [Code.NO_ADULT]


def test_nothing_is_held_for_somebody_for_whom_too_many_places_are_held_already():
    """Whoever holds them: the booker alone is not asked about when they do not come themselves."""
    family = Family()
    family.account.registrations.update(holding="adult")
    for n in range(HOLDS_PER_PERMIT):
        other = Family(detainee=family.detainee, slot=family.slot)
        RegistrationFactory(account=other.account, permit=family.permit, holding="adult")
        other.hold(slot_in(family.wing, days=7 + n), permit_ids=[family.permit.pk])

    assert refused(family.hold) == [Code.HOLDS_MAXIMUM]


def test_the_days_of_a_trip_that_nobody_could_come_to_are_named():
    family = Family()
    brother = brother_of(family)
    later = slot_in(brother.wing, days=1)
    family.book()

    with pytest.raises(VisitRefused) as refusal:
        brother.hold(brother.slot, later)

    assert [(r.code, r.day) for r in refusal.value.refusals] == [(Code.VISITOR_BUSY, brother.slot.local_date)]
    assert Hold.objects.count() == 0


def test_a_trip_longer_than_the_visits_left_of_the_only_permit_is_not_held():
    family = Family(visits_allowed=1)
    later = slot_in(family.wing, days=1)

    with pytest.raises(VisitRefused) as refusal:
        family.hold(family.slot, later)

    assert [(r.code, r.day) for r in refusal.value.refusals] == [(Code.PERMIT_USED_UP, later.local_date)]


def test_a_change_is_not_held_at_an_hour_to_which_nobody_could_come():
    family = Family()
    brother = brother_of(family)
    visit = brother.book(slot=slot_in(brother.wing, days=2), key="k2")
    family.book()

    assert refused(brother.hold, replaces=visit) == [Code.VISITOR_BUSY]


def test_the_visit_that_changes_does_not_stand_in_its_own_way():
    family = Family(visits_allowed=1)
    visit = family.book()

    assert held(family, slot_in(family.wing, hours=2), replaces=visit).is_settled is True


# It is said before: on the calendar --------------------------------------------------------


def test_an_hour_at_which_the_only_visitor_is_elsewhere_is_closed_on_the_calendar():
    family = Family()
    brother = brother_of(family)
    free = slot_in(brother.wing, hours=2)
    family.book()

    assert open_slots(calendar(brother)) == [free.pk]


def test_a_visit_that_another_account_booked_for_a_child_is_not_read_off_the_calendar():
    """Of it the family reads that there is one that day, once it asks for that hour; never its hour beforehand."""
    family = Family()
    brother = brother_of(family)
    grandmother = brother.add(holding="adult", born=ADULT)
    brother.permit.registrations.all().delete()
    other = Family(slot=slot_in(PolicyFactory().wing))
    hers = PermitFactory(detainee=other.detainee, visitor=grandmother.visitor)
    RegistrationFactory(account=other.account, permit=hers, holding="adult")
    free = slot_in(brother.wing, hours=2)
    other.book(hers)

    assert open_slots(calendar(brother)) == [brother.slot.pk, free.pk]
    assert refused(brother.hold) == [Code.VISITOR_BUSY]
    nearest = nearest_open(calendar(brother, in_full=True), brother.slot.pk, brother.slot.starts_at)
    assert [time.slot_id for time in nearest] == [free.pk]


def test_a_calendar_without_any_visit_left_of_the_permit_is_closed_and_says_why():
    family = Family(visits_allowed=1)
    later = slot_in(family.wing, days=7)
    family.book(slot=later)

    found = calendar(family)

    assert open_slots(found) == []
    assert Code.PERMIT_USED_UP in {refusal.code for refusal in found.refusals}
    assert found.next_opening is None


def test_the_use_of_another_adult_s_permit_is_not_read_off_the_calendar():
    family = Family(visits_allowed=1)
    family.account.registrations.update(holding="adult")
    other = Family(detainee=family.detainee, slot=family.slot)
    RegistrationFactory(account=other.account, permit=family.permit)
    other.book(family.permit, slot=slot_in(family.wing, days=7))

    assert open_slots(calendar(family)) == [family.slot.pk]
    with pytest.raises(VisitRefused) as refusal:
        family.hold()
    assert [(r.code, r.in_general) for r in refusal.value.refusals] == [(Code.PERMIT_USED_UP, True)]


def test_the_calendar_of_children_alone_says_that_an_adult_is_wanting():
    family = Family()
    family.add()
    family.permit.delete()

    found = calendar(family)

    assert (open_slots(found), [refusal.code for refusal in found.refusals]) == ([], [Code.NO_ADULT])


# Who usually comes -------------------------------------------------------------------------


def test_a_draft_begins_with_those_of_the_last_visit_that_the_account_booked():
    family = Family()
    child, other_child = family.add(), family.add()
    family.book(family.permit, other_child, slot=slot_in(family.wing, days=7))
    family.book(family.permit, child, slot=slot_in(family.wing, days=-1), key="k2", now=NOW + timedelta(minutes=1))

    draft = family.hold()

    assert draft.permit_ids == sorted([family.permit.pk, child.pk])


def test_whoever_may_no_longer_come_is_not_chosen_again():
    family = Family()
    child, other_child = family.add(), family.add()
    family.book(family.permit, child, other_child, slot=slot_in(family.wing, days=7))
    Permit.objects.filter(pk=child.pk).update(status="suspended")

    draft = family.hold()

    assert draft.permit_ids == sorted([family.permit.pk, other_child.pk])


def test_somebody_who_came_by_a_permit_since_renewed_is_chosen_once():
    family = Family()
    child = family.add(valid_until=date(2026, 11, 10))
    family.book(family.permit, child, slot=slot_in(family.wing, days=-2))
    renewed = PermitFactory(detainee=family.detainee, visitor=child.visitor)
    RegistrationFactory(account=family.account, permit=renewed, holding="child")

    draft = family.hold()

    assert draft.permit_ids == sorted([family.permit.pk, child.pk])
    family.confirm(key="k2")
    assert Attendance.objects.filter(permit=renewed, live=True).exists()


def test_a_booker_who_did_not_come_last_time_is_not_chosen():
    family = Family()
    grandmother = family.add(holding="adult", born=ADULT)
    family.book(grandmother, slot=slot_in(family.wing, days=7))

    assert family.hold().permit_ids == [grandmother.pk]


def test_neither_a_cancelled_visit_nor_another_account_s_says_who_usually_comes():
    family = Family()
    child = family.add()
    visit = family.book(family.permit, child, slot=slot_in(family.wing, days=7))
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    other = Family(detainee=family.detainee, slot=family.slot)
    RegistrationFactory(account=other.account, permit=child, holding="child")
    other.book(other.permit, child, slot=slot_in(family.wing, days=8))

    assert family.hold().permit_ids == [family.permit.pk]


def test_the_accessible_cabin_of_last_time_is_kept_where_one_is_left():
    family = Family(slot=slot_in(PolicyFactory().wing, accessible_capacity=1))
    full = slot_in(family.wing, days=1, accessible_capacity=1, accessible_taken=1, taken=1)
    family.book(slot=slot_in(family.wing, days=7, accessible_capacity=1), accessible=True)

    with_cabin = held(family)
    Draft.objects.all().delete()
    without = held(family, full)

    assert (with_cabin.draft.accessible, with_cabin.is_settled) == (True, True)
    assert (without.draft.accessible, without.is_settled) == (False, False)


# Whether anything is left to ask -----------------------------------------------------------


def test_with_one_possible_visitor_there_is_nothing_to_ask():
    family = Family()

    assert held(family).is_settled is True
    assert Draft.objects.get().permit_ids == [family.permit.pk]


def test_another_adult_alone_is_chosen_too():
    family = Family()
    family.account.registrations.update(holding="adult")

    result = held(family)

    assert (result.draft.permit_ids, result.is_settled) == ([family.permit.pk], True)


def test_when_the_others_may_not_come_there_is_nothing_to_ask():
    family = Family()
    family.add(status="suspended")

    assert held(family).is_settled is True


def test_with_several_possible_visitors_they_are_asked():
    family = Family()
    family.add()

    assert held(family).is_settled is False


def test_a_change_keeps_who_comes_and_asks_nothing():
    family = Family()
    child = family.add()
    family.add()
    visit = family.book(family.permit, child)

    result = held(family, slot_in(family.wing, days=1), replaces=visit)

    assert result.draft.permit_ids == sorted([family.permit.pk, child.pk])
    assert result.is_settled is True


def test_a_change_to_a_time_at_which_one_of_them_may_not_come_asks_who_comes():
    family = Family()
    child = family.add(weekdays=[3])
    visit = family.book(family.permit, child)

    result = held(family, slot_in(family.wing, days=1), replaces=visit)

    assert (result.draft.permit_ids, result.is_settled) == ([family.permit.pk], False)


def test_those_who_are_named_are_not_asked_again_unless_they_may_not_come_together():
    family = Family()
    child = family.add()

    assert held(family, permit_ids=[family.permit.pk, child.pk]).is_settled is True
    assert held(family, permit_ids=[child.pk]).is_settled is False


@pytest.mark.parametrize(("again", "statements"), [(False, 13), (True, 17)])
def test_holding_takes_as_many_statements_whoever_could_come(again, statements, django_assert_max_num_queries):
    """Looking at everybody costs none: a first hold took 16, another instead of it 18."""
    family = Family()
    for _ in range(3):
        family.add()
    family.book(slot=slot_in(family.wing, days=7))
    if again:
        family.hold(slot_in(family.wing, days=1))

    with django_assert_max_num_queries(statements):  # the test's own savepoint pair is counted
        family.hold()
