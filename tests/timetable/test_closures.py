"""A closed day makes no slot; reopened, it makes them again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from parloir.journal.operations import Actor
from parloir.journal.queries import entries as journal_entries
from parloir.timetable.models import Closure, Slot
from parloir.timetable.operations import Made, close_days, make_slots, reopen_days
from tests.factories import NOW, SessionFactory, SlotFactory

pytestmark = pytest.mark.django_db
MANAGER = Actor("staff", 7)
DAY = date(2026, 11, 11)


def days_with_slots():
    return list(Slot.objects.order_by("starts_at").values_list("local_date", flat=True)[:3])


def close(session, *, since=DAY, until=DAY, alone=False):
    return close_days(
        wing_id=session.wing_id,
        session_id=session.pk if alone else None,
        since=since,
        until=until,
        actor=MANAGER,
        now=NOW,
    )


def test_a_closed_day_has_no_slot_and_is_made_none():
    session = SessionFactory()
    make_slots(now=NOW)

    close(session)
    make_slots(now=NOW)

    assert days_with_slots() == [date(2026, 11, 4), date(2026, 11, 18), date(2026, 11, 25)]


def test_both_ends_of_a_closure_are_closed():
    session = SessionFactory()
    make_slots(now=NOW)

    close(session, since=date(2026, 11, 4), until=DAY)

    assert days_with_slots()[0] == date(2026, 11, 18)


def test_one_session_may_be_closed_alone():
    morning = SessionFactory(starts_at=time(9))
    SessionFactory(wing=morning.wing, starts_at=time(14))
    make_slots(now=NOW)

    close(morning, alone=True)

    assert Slot.objects.get(local_date=DAY).starts_at == datetime(2026, 11, 11, 13, tzinfo=UTC)


def test_sold_slots_are_left_to_the_operations_of_visits():
    session = SessionFactory()
    make_slots(now=NOW)
    Slot.objects.filter(local_date=DAY).update(taken=1)

    close(session)

    assert Slot.objects.get(local_date=DAY).capacity == 3


def test_a_reopened_day_has_its_slots_again():
    session = SessionFactory()
    make_slots(now=NOW)
    closure = close(session)

    made = reopen_days(closure_id=closure.pk, actor=MANAGER, now=NOW)

    assert made == Made(created=1)
    with pytest.raises(Closure.DoesNotExist):
        reopen_days(closure_id=closure.pk, actor=MANAGER, now=NOW)


def test_a_closure_cannot_end_before_it_begins():
    session = SessionFactory()

    with pytest.raises(ValueError, match="before it begins"):
        close(session, until=date(2026, 11, 10))

    assert not Closure.objects.exists()


def test_closing_and_reopening_are_in_the_journal():
    session = SessionFactory()

    closure = close(session)
    reopen_days(closure_id=closure.pk, actor=MANAGER, now=NOW)

    assert list(journal_entries().order_by("id").values_list("verb", "subject_id")) == [
        ("days.closed", session.wing_id),
        ("days.reopened", session.wing_id),
    ]


def test_a_slot_set_by_hand_follows_no_session_but_goes_with_it():
    session = SessionFactory()
    make_slots(now=NOW, days=9)
    Slot.objects.filter(local_date=DAY).update(capacity=1, set_by_hand=True)

    assert make_slots(now=NOW, days=9) == Made()
    close(session)

    assert not Slot.objects.filter(local_date=DAY).exists()


def test_a_slot_of_another_wing_is_left_alone():
    session, other = SessionFactory(), SlotFactory()

    close(session)

    assert Slot.objects.filter(pk=other.pk).exists()
