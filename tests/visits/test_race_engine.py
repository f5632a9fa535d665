"""The engine under a crowd, and what each guard is for: every race is shown again with its guard off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.timetable import operations as timetable
from parloir.timetable.models import Slot
from parloir.visits.models import Hold, Visit
from parloir.visits.operations import (
    Change,
    cancel_visit,
    change_visit,
    changing,
    confirming,
    free_expired_holds,
    places,
)
from parloir.visits.rules import Code
from tests.factories import NOW, PolicyFactory, SessionFactory
from tests.visits.crowd import after, at_once, deadlocks, granted, told, without_constraint
from tests.visits.families import WEDNESDAY, Family, broken, jobs, slot_in, taken
from tests.visits.unguarded import (
    read_then_write,
    slow_announcement,
    unlocked_choice,
    unlocked_visit,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

LATER = NOW + timedelta(minutes=11)
CROWD = 12
ROUNDS = [0, 1, *(pytest.param(turn, marks=pytest.mark.soak) for turn in range(2, 20))]
STAFF = Actor("staff", 1)


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

    assert told([confirmed]) == [Code.CLOSED]
    assert granted([closed]) == [closed]
    assert deadlocks() == before
    assert Hold.objects.filter(slot=other, held=False).count() == 1
    assert broken(LATER) == set()
