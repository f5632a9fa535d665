"""Closing, or cutting places, while families book there: nobody is left in a place that is no more.

The guard is the slot's count, compared in the statement that changes it; without it a visit stays behind.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.journal.operations import Actor
from parloir.timetable.models import Slot
from parloir.visits.models import Visit
from parloir.visits.operations import CapacityRefused, VisitRefused, change_capacity, close_days, emptying, places
from parloir.visits.operations.places import SoldMeanwhile
from parloir.visits.queries.facts import slot_facts, usage_around
from parloir.visits.rules import CapacityChoice, Code
from tests.factories import NOW
from tests.visits.families import Family, broken
from tests.visits.test_closing import DAY, open_wing, slot_on

pytestmark = pytest.mark.django_db(transaction=True)

AGENT = Actor("staff", 1)


def tried(action):
    """Do something in a thread of its own; returns the reason for which it was refused, if it was."""
    try:
        action()
    except VisitRefused as refused:
        return refused.refusals[0].code
    except CapacityRefused:
        return "refused"
    finally:
        connection.close()
    return "done"


def close(wing):
    return close_days(wing_id=wing.pk, since=DAY, until=DAY, actor=AGENT, now=NOW)


def cut(slot, choice=CapacityChoice.CANCEL_LATEST, capacity=2):
    return change_capacity(slot_id=slot.pk, capacity=capacity, choice=choice, reason="essai", actor=AGENT, now=NOW)


def cancellations_told():
    """Count the jobs about this test's visits: another test's jobs outlive it."""
    ids = list(Visit.objects.values_list("pk", flat=True))
    return ProcrastinateJob.objects.filter(task_name="visits.tell_cancelled", args__visit_id__in=ids).count()


def live(slot):
    return Visit.objects.filter(slot=slot, status="booked").count()


def crowd(slot, families, decision):
    """Let families book while somebody decides; returns what became of each booking, and of the decision."""
    half = len(families) // 2
    actions = [family.book for family in families]
    with ThreadPoolExecutor(len(actions) + 1) as threads:
        return list(threads.map(tried, [*actions[:half], decision, *actions[half:]]))


def roomy(wing, capacity=20):
    slot = slot_on(wing)
    Slot.objects.filter(pk=slot.pk).update(capacity=capacity)
    return slot


def test_families_who_book_while_a_day_closes_are_refused_or_told():
    wing = open_wing()
    slot = roomy(wing)
    families = [Family(slot=slot) for _ in range(12)]

    outcomes = crowd(slot, families, lambda: close(wing))

    assert set(outcomes) <= {"done", Code.CLOSED, Code.NO_SUCH_SLOT}
    assert Slot.objects.filter(pk=slot.pk, capacity__gt=0).count() == 0
    assert live(slot) == 0
    assert cancellations_told() == Visit.objects.count()
    assert broken() == set()


def test_families_who_book_while_places_go_never_exceed_what_is_left():
    slot = roomy(open_wing())
    families = [Family(slot=slot) for _ in range(12)]

    outcomes = crowd(slot, families, lambda: cut(slot))

    slot.refresh_from_db()
    assert set(outcomes) <= {"done", Code.FULL}
    assert (slot.capacity, slot.taken, slot.overbooked) == (2, 2, 0)
    assert cancellations_told() == Visit.objects.filter(status="cancelled").count()
    assert broken() == set()


@pytest.mark.parametrize("choice", [CapacityChoice.REFUSE, CapacityChoice.KEEP])
def test_whoever_decides_decides_on_what_is_sold(choice):
    slot = roomy(open_wing())
    families = [Family(slot=slot) for _ in range(8)]

    outcomes = crowd(slot, families, lambda: cut(slot, choice))

    slot.refresh_from_db()
    assert slot.taken == live(slot) == slot.overbooked + min(slot.taken, slot.capacity)
    if "refused" in outcomes:
        assert (slot.capacity, slot.taken) == (20, 8)
    assert broken() == set()


@pytest.mark.parametrize("gone", [False, True], ids=["closed", "gone"])
def test_a_slot_that_closed_since_it_was_read_is_told_as_closed_and_never_as_full(gone):
    wing = open_wing()
    slot = slot_on(wing)
    close(wing)
    if gone:
        Slot.objects.filter(pk=slot.pk).delete()

    read = slot_facts(slot, usage_around(slot, detainee_id=0, permits=[], now=NOW))

    assert (read.closed, read.free) == (True, 0)


@pytest.fixture
def latecomer(monkeypatch):
    """A wing to be closed, in which a family books once the closure has read who is there."""
    wing = open_wing()
    family = Family(slot=slot_on(wing))
    read, booked = emptying._visits_in, []

    def reading(slots):
        visits = read(slots)
        if not booked:
            with ThreadPoolExecutor(1) as other:
                booked.append(other.submit(tried, family.book).result())
        return visits

    monkeypatch.setattr(emptying, "_visits_in", reading)
    return wing, family, booked


def test_a_visit_booked_between_reading_and_closing_is_ended_too(latecomer):
    wing, _family, booked = latecomer

    assert close(wing) == 1

    assert booked == ["done"]
    assert Visit.objects.get().cancel_cause == "closed"
    assert broken() == set()


@pytest.fixture
def _no_guard(monkeypatch):
    """For the negative controls: a slot is resized whatever its count says."""
    guarded = places._resize

    def unguarded(slot_id, move, size, *, now):
        try:
            guarded(slot_id, move, size, now=now)
        except SoldMeanwhile:
            Slot.objects.filter(pk=slot_id).update(capacity=size.capacity, taken=size.taken + move.places)

    monkeypatch.setattr(places, "_resize", unguarded)


@pytest.mark.usefixtures("_no_guard")
def test_without_the_guard_that_visit_stays_behind(latecomer):
    wing, _family, booked = latecomer

    assert close(wing) == 0

    assert booked == ["done"]
    assert Visit.objects.get().status == "booked"
    assert "slot_counter_is_its_visits_holds_and_offers" in broken()


def test_a_visit_booked_between_reading_and_cutting_is_the_latest_and_ended(latecomer):
    _wing, family, booked = latecomer
    first = Family(slot=family.slot)
    first.book()

    assert cut(family.slot, capacity=1) == 1

    assert booked == ["done"]
    assert Visit.objects.get(status="booked").booker == first.account
    assert broken() == set()


@pytest.mark.usefixtures("_no_guard")
def test_without_the_guard_more_would_be_booked_than_is_left(latecomer):
    _wing, family, booked = latecomer
    Family(slot=family.slot).book()

    assert cut(family.slot, capacity=1) == 0

    assert booked == ["done"]
    assert live(family.slot) == 2
    assert "slot_counter_is_its_visits_holds_and_offers" in broken()
