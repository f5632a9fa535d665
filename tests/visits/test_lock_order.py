"""What a transaction locks, it locks in one order, the rows of a table in one statement: no ring can close."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from parloir.establishments.rules import Channel
from parloir.people.models import Detainee
from parloir.review.models import Entry
from parloir.review.operations import open_review
from parloir.review.rules import Cause, Subject, Told
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit, WaitingEntry
from parloir.visits.operations import close_days, erase_account, leave_waiting_list
from tests.factories import NOW
from tests.visits.families import Family, slot_in
from tests.visits.locks import LockWatch
from tests.visits.town import AGENT, found_town
from tests.visits.waiting_families import cancel, full, offer_reserved, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]


@pytest.fixture
def watch():
    """Watch what this test's own connection locks; nothing may have been out of order at its end."""
    watching = LockWatch()
    with connection.execute_wrapper(watching):
        yield watching


def a_trip(*, waits_from_day):
    """Return a family that waits for a place from a day on, and holds two days of which it can have both."""
    family = Family()
    slots = [family.slot, slot_in(family.wing, days=1)]
    wait(family, first_day=NOW.date() + timedelta(days=waits_from_day))
    family.hold(*slots)
    family.choose(family.permit)
    return family, slots


def locks_waits(sql):
    return "visits_waitingentry" in sql and "FOR NO KEY UPDATE" in sql


def test_a_family_that_waits_for_another_week_locks_its_wait_once_when_it_confirms_a_trip(watch):
    family, slots = a_trip(waits_from_day=30)

    with CaptureQueriesContext(connection) as said:
        family.confirm(*slots)

    assert [query["sql"] for query in said if locks_waits(query["sql"])][1:] == []
    assert watch.found == set()
    assert Visit.objects.count() == 2
    assert WaitingEntry.objects.get().ended_at is None


def test_a_family_that_waits_for_the_second_day_of_a_trip_has_what_it_waited_for(watch):
    family, slots = a_trip(waits_from_day=10)  # the second day, a day after the slot of the tests

    family.confirm(*slots)

    assert watch.found == set()
    assert WaitingEntry.objects.get().end_cause == "booked"


def test_a_family_that_was_offered_a_place_and_books_another_gives_it_back_in_order(watch):
    (owner,) = full()
    waiting = Family(slot=owner.slot)
    wait(waiting)
    cancel(owner)
    offer_reserved()

    waiting.book(slot=slot_in(waiting.wing, days=1))

    assert watch.found == set()
    assert WaitingEntry.objects.get().end_cause == "booked"


def test_erasing_an_account_that_waited_before_and_waits_again_locks_its_waits_at_once(watch):
    family = Family()
    earlier = wait(family)
    leave_waiting_list(account=family.account, entry_id=earlier.pk, now=NOW)
    wait(family)

    erase_account(account=family.account, now=NOW)

    assert watch.found == set()
    assert not WaitingEntry.objects.exists()


def under_review_in_turn(visits):
    """Have visits wait for a human, the last of them first: what waits is not in the order of visits."""
    for visit in reversed(visits):
        open_review(
            cause=Cause.HOSPITAL,
            subject=Subject("visit", visit.pk),
            establishment_id=visit.slot.wing.establishment_id,
            deadline=NOW + timedelta(days=2),
            told=Told.NOTHING,
            now=NOW,
        )
    assert Entry.objects.filter(closed_at=None).count() == len(visits)


def test_closing_a_day_locks_at_once_all_that_waits_about_its_visits(watch):
    families = full(capacity=3)
    under_review_in_turn([family.visit for family in families])
    day = families[0].slot.local_date

    close_days(wing_id=families[0].wing.pk, since=day, until=day, actor=AGENT, now=NOW)

    assert watch.found == set()
    assert not Entry.objects.filter(closed_at=None).exists()


def test_erasing_an_account_locks_at_once_all_that_waits_about_its_visits(watch):
    family = Family()
    soon = slot_in(family.wing, days=-8, hours=-5)  # tomorrow morning: not given back any more
    visits = [
        family.book(slot=slot, key=f"k{slot.pk}", channel=Channel.DESK, agent=AGENT) for slot in (family.slot, soon)
    ]
    under_review_in_turn(visits)

    erase_account(account=family.account, now=NOW)

    assert watch.found == set()
    assert not Entry.objects.filter(closed_at=None).exists()
    assert sorted(Attendance.objects.values_list("visit__slot", "debits")) == sorted(
        [(family.slot.pk, False), (soon.pk, True)]
    )


def test_a_family_taken_after_its_slot_is_out_of_order():
    town = found_town(now=NOW)
    slots, watch = town.slots(NOW), LockWatch()

    with connection.execute_wrapper(watch), transaction.atomic():
        Slot.objects.filter(pk=slots[1].pk).update(taken=0)
        Slot.objects.filter(pk=slots[0].pk).update(taken=0)
        list(Detainee.objects.select_for_update(no_key=True).filter(pk=town.detainees[0].pk))
    with connection.execute_wrapper(watch), transaction.atomic():
        list(Detainee.objects.select_for_update(no_key=True).filter(pk=town.detainees[0].pk))

    assert watch.found == {": people_detainee after timetable_slot", ": timetable_slot after timetable_slot"}


def test_rows_that_a_second_statement_locks_are_seen_however_it_names_them():
    town = found_town(now=NOW)
    wing, watch = town.wings[0], LockWatch()
    first, *others = Slot.objects.filter(wing=wing).order_by("-pk")[:3]

    with connection.execute_wrapper(watch), transaction.atomic():
        list(Slot.objects.select_for_update().filter(starts_at=first.starts_at, wing=wing))
        Slot.objects.filter(wing=wing, starts_at__in=[slot.starts_at for slot in others]).update(set_by_hand=False)

    assert watch.found == {": timetable_slot after timetable_slot"}


def test_rows_locked_already_may_be_written_and_locked_again():
    town = found_town(now=NOW)
    wing, watch = town.wings[0], LockWatch()

    with connection.execute_wrapper(watch), transaction.atomic():
        list(Slot.objects.select_for_update().filter(wing=wing).order_by("pk"))
        Slot.objects.filter(wing=wing).update(set_by_hand=False)
        list(Slot.objects.select_for_update().filter(wing=wing).order_by("pk"))

    assert watch.found == set()
