"""Choosing a slot holds its place for a while; the choice itself is never lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.visits.models import Draft, Hold, Visit
from parloir.visits.operations import cancel_visit, drop_draft, extend_hold, forget_old_drafts, free_expired_holds
from parloir.visits.queries.drafts import draft_of
from parloir.visits.rules import HOLDS_PER_ACCOUNT, Code
from tests.factories import NOW
from tests.visits.families import Family, broken, jobs, refused, slot_in, taken

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=11)


def extend(family, now=NOW):
    return extend_hold(account=family.account, detainee_id=family.detainee.pk, now=now)


def test_a_chosen_slot_is_held_for_ten_minutes():
    family = Family()

    family.hold()

    assert taken(family.slot) == 1
    assert Hold.objects.get().expires_at == NOW + timedelta(minutes=10)
    assert broken() == set()


def test_the_last_place_held_is_nobody_elses():
    one = Family()
    one.slot.capacity = 1
    one.slot.save()
    other = Family(slot=one.slot)
    one.hold()

    assert refused(other.hold) == [Code.FULL]
    assert refused(other.book) == [Code.FULL]


def test_a_place_held_too_long_is_the_next_familys():
    one = Family()
    one.slot.capacity = 1
    one.slot.save()
    other = Family(slot=one.slot)
    one.hold()

    other.hold(now=LATER)

    assert taken(one.slot) == 1
    assert list(Hold.objects.order_by("pk").values_list("held", flat=True)) == [False, True]
    assert broken(LATER) == set()


def test_a_booking_takes_a_place_held_too_long():
    one = Family()
    one.slot.capacity = 1
    one.slot.save()
    other = Family(slot=one.slot)
    one.hold()

    other.book(now=LATER)

    assert taken(one.slot) == 1
    assert broken(LATER) == set()


def test_choosing_another_slot_gives_the_first_back():
    family = Family()
    other = slot_in(family.wing, days=1)

    family.hold()
    family.hold(other)

    assert (taken(family.slot), taken(other)) == (0, 1)
    assert [hold.slot_id for hold in Hold.objects.all()] == [other.pk]


def test_a_slot_that_cannot_be_had_leaves_the_first_one_held():
    family = Family()
    full = slot_in(family.wing, days=1, capacity=1, taken=1)
    family.hold()

    assert refused(family.hold, full) == [Code.FULL]


def test_choosing_the_same_slot_again_does_not_hold_it_longer():
    family = Family()
    family.hold()

    family.hold(now=NOW + timedelta(minutes=5))

    assert taken(family.slot) == 1
    assert Hold.objects.get().expires_at == NOW + timedelta(minutes=10)


def test_choosing_the_same_slot_after_its_time_holds_it_anew():
    family = Family()
    family.hold()

    family.hold(now=LATER)

    assert taken(family.slot) == 1
    assert Hold.objects.get().expires_at == LATER + timedelta(minutes=10)
    assert broken(LATER) == set()


def test_one_press_keeps_the_place_longer_once():
    family = Family()
    family.hold()
    moment = NOW + timedelta(minutes=8)

    extend(family, moment)

    assert Hold.objects.get().expires_at == moment + timedelta(minutes=10)
    assert refused(extend, family, moment) == [Code.EXTENDED_ENOUGH]


def test_a_place_whose_time_is_over_is_not_kept_longer():
    family = Family()
    family.hold()

    assert refused(extend, family, LATER) == [Code.HOLD_OVER]


def test_the_sweeper_gives_back_what_is_over_and_keeps_the_choice():
    family, other = Family(), Family()
    family.hold()
    other.hold(now=NOW + timedelta(minutes=5))

    assert free_expired_holds(now=LATER) == 1

    assert (taken(family.slot), taken(other.slot)) == (0, 1)
    assert draft_of(family.account, family.detainee, now=LATER).held_until is None
    assert broken(LATER) == set()


def test_leaving_and_coming_back_finds_the_draft_as_it_was():
    family = Family()
    child = family.add()
    family.hold()
    family.choose(family.permit, child)

    draft = draft_of(family.account, family.detainee, now=NOW)

    assert [slot.pk for slot in draft.slots] == [family.slot.pk]
    assert draft.permit_ids == {family.permit.pk, child.pk}
    assert draft.held_until == NOW + timedelta(minutes=10)


def test_confirming_turns_the_held_place_into_a_visit():
    family = Family()
    family.hold()
    family.choose()

    visit = family.confirm()

    assert visit.status == "booked"
    assert taken(family.slot) == 1
    assert (Draft.objects.count(), Hold.objects.count()) == (0, 0)
    assert jobs() == ["visits.tell_booked"]
    assert broken() == set()


def test_confirming_from_a_held_place_takes_at_most_ten_statements(django_assert_max_num_queries):
    family = Family()
    children = [family.add() for _ in range(3)]
    family.hold()
    family.choose(family.permit, *children)

    with django_assert_max_num_queries(12):  # ten, and the test's own savepoint pair
        family.confirm()


def test_confirming_twice_books_once():
    family = Family()
    family.hold()

    assert family.confirm() == family.confirm()

    assert Visit.objects.count() == 1
    assert taken(family.slot) == 1


def test_an_old_button_pressed_again_leaves_a_new_draft_alone():
    family = Family()
    visit = (family.hold(), family.confirm())[1]
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    family.hold()

    assert family.confirm().pk == visit.pk

    assert taken(family.slot) == 1
    assert jobs().count("visits.tell_booked") == 1
    assert broken() == set()


def test_a_place_given_back_is_taken_again_at_the_last_button():
    family = Family()
    family.hold()
    free_expired_holds(now=LATER)

    family.confirm(now=LATER)

    assert taken(family.slot) == 1
    assert broken(LATER) == set()


def test_a_place_lost_meanwhile_is_said_and_the_draft_stays():
    family = Family()
    family.slot.capacity = 1
    family.slot.save()
    family.hold()
    Family(slot=family.slot).book(now=LATER)

    assert refused(family.confirm, now=LATER) == [Code.FULL]
    assert draft_of(family.account, family.detainee, now=LATER).slots == (family.slot,)


def test_a_choice_changed_in_another_window_is_not_confirmed_unseen():
    family = Family()
    other = slot_in(family.wing, days=1)
    family.hold()
    family.hold(other)

    assert refused(family.confirm, family.slot) == [Code.DRAFT_CHANGED]


def test_dropping_a_draft_gives_its_place_back():
    family = Family()
    family.hold()

    drop_draft(account=family.account, detainee_id=family.detainee.pk, now=NOW)

    assert taken(family.slot) == 0
    assert Draft.objects.count() == 0


def test_a_draft_nobody_touches_for_a_month_is_forgotten():
    family = Family()
    family.hold()

    assert forget_old_drafts(now=NOW + timedelta(days=29)) == 0
    assert forget_old_drafts(now=NOW + timedelta(days=31)) == 1
    assert taken(family.slot) == 0


def test_a_family_holds_six_places_and_no_more():
    families = []
    account = None
    for _ in range(HOLDS_PER_ACCOUNT + 1):
        family = Family()
        if account is not None:
            family.permit.registrations.update(account=account)
            family.account = account
        account = family.account
        families.append(family)
    for family in families[:-1]:
        family.hold()

    assert refused(families[-1].hold) == [Code.HOLDS_MAXIMUM]


def test_a_trip_holds_its_days_all_or_none():
    family = Family()
    days = [family.slot, slot_in(family.wing, days=1), slot_in(family.wing, days=2)]

    family.hold(*days)
    family.choose()
    first = family.confirm(*days)

    assert [taken(slot) for slot in days] == [1, 1, 1]
    assert {visit.trip_id for visit in Visit.objects.all()} == {first.pk}
    assert jobs() == ["visits.tell_booked"]
    assert broken() == set()


def test_a_trip_beyond_the_weeks_maximum_is_refused_whole():
    family = Family()
    days = [family.slot, *(slot_in(family.wing, days=n) for n in (1, 2, 3))]

    assert refused(family.hold, *days) == [Code.WEEKLY_MAXIMUM]


def test_a_trip_uses_a_limited_permit_once_a_day():
    family = Family(visits_allowed=1)
    days = [family.slot, slot_in(family.wing, days=1)]
    family.add(holding="adult", born=date(1960, 1, 1))
    family.hold(*days, permit_ids=[family.permit.pk])

    assert refused(family.choose) == [Code.PERMIT_USED_UP]
    assert refused(family.confirm, *days) == [Code.PERMIT_USED_UP]


def test_an_accessible_cabin_has_its_own_count():
    family = Family()
    family.slot.accessible_capacity = 1
    family.slot.save()
    other = Family(slot=family.slot)
    family.hold()
    other.hold()

    family.choose(accessible=True)

    family.slot.refresh_from_db()
    assert family.slot.accessible_taken == 1
    assert refused(other.choose, accessible=True) == [Code.ACCESSIBLE_FULL]
    assert family.confirm().accessible
    assert broken() == set()


def test_asking_for_a_cabin_past_one_s_time_does_not_give_one_s_own_place_back():
    family = Family()
    family.hold()

    assert refused(family.choose, accessible=True, now=LATER) == [Code.ACCESSIBLE_FULL]
    assert taken(family.slot) == 1
    assert broken(LATER) == set()
