"""The engine under a crowd, and what each guard is for: every race is shown again with its guard off."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import IntegrityError

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.timetable import operations as timetable
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Draft, Hold, Visit
from parloir.visits.operations import (
    Change,
    booking,
    cancel_visit,
    change_visit,
    changing,
    confirming,
    free_expired_holds,
    places,
)
from parloir.visits.queries.facts import detainees_with_restrictions, usage_around
from parloir.visits.rules import Code
from tests.factories import NOW, AccountFactory, PermitFactory, PolicyFactory, RegistrationFactory, SessionFactory
from tests.visits.crowd import after, at_once, deadlocks, granted, told, without_constraint
from tests.visits.families import WEDNESDAY, Family, broken, jobs, slot_in, taken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

LATER = NOW + timedelta(minutes=11)
CROWD = 12
ROUNDS = [0, 1, *(pytest.param(turn, marks=pytest.mark.soak) for turn in range(2, 20))]
STAFF = Actor("staff", 1)


# The guards, taken away -------------------------------------------------------------------


def read_then_write(slot_id, move):
    """Count the places, think, then write: what the conditional update replaces."""
    slot = Slot.objects.get(pk=slot_id)
    if move.places > 0 and slot.taken + move.places > slot.capacity:
        return False
    time.sleep(0.2)
    Slot.objects.filter(pk=slot_id).update(taken=slot.taken + move.places)
    return True


def unlocked_detainee(detainee_id, *, now, of=None):
    return detainees_with_restrictions(since=now.date()).get(pk=detainee_id)


def slow_usage(*args, in_turn=False, **how):
    usage = usage_around(*args, **how)
    time.sleep(0.2)
    return usage


def unlocked_choice(account, detainee):
    holds = Hold.objects.select_related("draft", "slot").filter(draft__account=account, draft__detainee=detainee)
    return list(holds.order_by("slot__starts_at"))


def slow_announcement(visits, *, party, now):
    time.sleep(0.5)
    booking.announce_booking(visits, party=party, now=now)


def unlocked_visit(visit_id, *, party):
    visit = Visit.objects.select_related("slot__wing__policy").get(pk=visit_id)
    time.sleep(0.5)
    return visit


# Many for one place ------------------------------------------------------------------------


def crowd_before_one_place():
    slot = slot_in(PolicyFactory().wing, capacity=1)
    return slot, [Family(slot=slot) for _ in range(CROWD)]


def hold_and_book(families):
    return [family.hold if turn % 2 else family.book for turn, family in enumerate(families)]


WAYS = {
    "by holding": lambda families: [family.hold for family in families],
    "by booking": lambda families: [family.book for family in families],
    "by both": hold_and_book,
}


@pytest.mark.parametrize("way", WAYS)
def test_one_place_is_had_by_one_family_whoever_comes(way):
    slot, families = crowd_before_one_place()

    outcomes = at_once(*WAYS[way](families))

    assert len(granted(outcomes)) == 1
    assert told(outcomes) == [Code.FULL]
    assert taken(slot) == Visit.objects.count() + Hold.objects.count() == 1
    assert broken() == set()


@pytest.mark.parametrize("way", WAYS)
def test_reading_then_writing_would_give_one_place_to_several(way, monkeypatch):
    monkeypatch.setattr(places, "_is_taken", read_then_write)
    with without_constraint("timetable_slot", "a_slot_is_never_oversold"):
        _slot, families = crowd_before_one_place()

        outcomes = at_once(*WAYS[way](families))

        assert len(granted(outcomes)) > 1
        assert "slot_counter_is_its_visits_holds_and_offers" in broken()


def test_the_last_places_are_sold_to_the_last_one():
    slot = slot_in(PolicyFactory().wing, capacity=5)
    families = [Family(slot=slot) for _ in range(CROWD)]

    outcomes = at_once(*hold_and_book(families))

    assert (len(granted(outcomes)), taken(slot)) == (5, 5)
    assert broken() == set()


# A held place whose time is over --------------------------------------------------------------


def one_place_held_too_long():
    holder = Family(slot=slot_in(PolicyFactory().wing, capacity=1))
    holder.hold()
    holder.choose()
    return holder, Family(slot=holder.slot)


@pytest.mark.parametrize("turn", ROUNDS)
def test_confirming_too_late_the_sweeper_and_another_family_meet(turn):
    holder, other = one_place_held_too_long()

    outcomes = at_once(
        lambda: holder.confirm(now=LATER),
        lambda: free_expired_holds(now=LATER),
        lambda: other.book(now=LATER),
    )

    assert Visit.objects.count() == taken(holder.slot) == 1
    assert told([outcomes[0], outcomes[2]]) == [Code.FULL]
    assert broken(LATER) == set()


def test_a_held_place_not_locked_while_it_is_confirmed_would_be_sold_twice(monkeypatch):
    monkeypatch.setattr(confirming, "_chosen", unlocked_choice)
    monkeypatch.setattr(confirming, "announce_booking", slow_announcement)
    holder, other = one_place_held_too_long()

    at_once(
        lambda: holder.confirm(now=LATER),
        after(0.1, lambda: free_expired_holds(now=LATER)),
        after(0.2, lambda: other.book(now=LATER)),
    )

    assert Visit.objects.count() == 2
    assert broken(LATER) == {"slot_counter_is_its_visits_holds_and_offers"}


# Change, cancellation, closure ------------------------------------------------------------------


def a_visit_and_another_slot():
    """A visit beside another family's in one slot, and an unsold slot made from the timetable."""
    wing = PolicyFactory().wing
    SessionFactory(wing=wing, weekday=3)
    SessionFactory(wing=wing, weekday=4)
    timetable.make_slots(now=NOW, days=10)
    slot, other = Slot.objects.filter(starts_at__gte=WEDNESDAY).order_by("starts_at")[:2]
    family, neighbour = Family(slot=slot), Family(slot=slot)
    neighbour.book()
    return family, family.book(), other


def change(family, visit, slot):
    wanted = Change(slot_id=slot.pk, permit_ids=frozenset([family.permit.pk]))
    return change_visit(booker=family.account, visit_id=visit.pk, change=wanted, channel=Channel.ONLINE, now=NOW)


def close(slot):
    return timetable.close_days(
        wing_id=slot.wing_id, since=slot.local_date, until=slot.local_date, actor=STAFF, now=NOW
    )


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_change_a_cancellation_and_a_closure_meet(turn):
    family, visit, other = a_visit_and_another_slot()

    changed, cancelled, _closed = at_once(
        lambda: change(family, visit, other),
        lambda: cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW),
        lambda: close(other),
    )

    visit.refresh_from_db()
    assert granted([cancelled]) == [visit]
    assert visit.status == "cancelled"
    assert set(told([changed])) <= {Code.NOT_BOOKED, Code.FULL, Code.NO_SUCH_SLOT, Code.CLOSED}
    assert jobs().count("visits.tell_cancelled") == 1
    assert taken(family.slot) == 1
    assert broken() == set()


def test_a_visit_not_locked_while_it_changes_would_be_changed_after_its_cancellation(monkeypatch):
    monkeypatch.setattr(changing, "_visit_in_turn", unlocked_visit)
    family, visit, other = a_visit_and_another_slot()

    at_once(
        lambda: change(family, visit, other),
        after(0.2, lambda: cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)),
    )

    assert "slot_counter_is_its_visits_holds_and_offers" in broken()


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_booking_and_a_closure_meet(turn):
    family, _visit, other = a_visit_and_another_slot()
    newcomer = Family(wing=family.wing, slot=other)

    booked, _closed = at_once(newcomer.book, lambda: close(other))

    assert set(told([booked])) <= {Code.FULL, Code.NO_SUCH_SLOT, Code.CLOSED}
    assert Slot.objects.filter(pk=other.pk, taken=1).count() == len(granted([booked]))
    assert broken() == set()


def test_a_closure_that_did_not_look_again_would_end_a_slot_just_sold(monkeypatch):
    family, _visit, other = a_visit_and_another_slot()
    newcomer = Family(wing=family.wing, slot=other)

    def look_once(ids):
        ids = set(ids)
        newcomer.book()
        return ids

    monkeypatch.setattr(timetable, "_lock_unsold", look_once)

    with pytest.raises(IntegrityError, match="a_slot_is_never_oversold"):
        close(other)


def test_a_closure_does_not_wait_in_a_ring_for_a_choice_being_confirmed(monkeypatch):
    """The choice outlived its place: the slot is unsold, and goes while its family presses the last button."""
    monkeypatch.setattr(confirming, "announce_booking", slow_announcement)
    _family, _visit, other = a_visit_and_another_slot()
    late = Family(slot=other)
    late.hold()
    free_expired_holds(now=LATER)
    before = deadlocks()

    confirmed, closed = at_once(lambda: late.confirm(now=LATER), after(0.2, lambda: close(other)))

    assert told([confirmed]) == [Code.FULL]
    assert granted([closed]) == [closed]
    assert deadlocks() == before
    assert Hold.objects.filter(slot=other, held=False).count() == 1
    assert broken(LATER) == set()


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
