"""Slots follow the timetable as long as nobody holds a place in them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, connection

from parloir.journal.models import Entry
from parloir.journal.operations import SERVICE, Actor
from parloir.journal.queries import entries as journal_entries
from parloir.timetable.models import Session, Slot
from parloir.timetable.operations import Made, _lock_unsold, add_sessions, change_session, make_slots, withdraw_session
from parloir.timetable.rules import WeeklySession
from tests.factories import NOW, EstablishmentFactory, SessionFactory, SlotFactory, WingFactory

pytestmark = pytest.mark.django_db
MANAGER = Actor("staff", 7)


def slots() -> list[tuple[date, int, int]]:
    return list(Slot.objects.order_by("starts_at").values_list("local_date", "capacity", "taken"))


def test_slots_are_made_from_today_to_sixty_days_ahead_both_included():
    wing = WingFactory()
    for weekday in range(1, 8):
        SessionFactory(wing=wing, weekday=weekday, starts_at=time(14))

    made = make_slots(now=NOW)

    days = list(Slot.objects.order_by("starts_at").values_list("local_date", flat=True))
    assert made == Made(created=61)
    assert days == [date(2026, 11, 2) + timedelta(days=n) for n in range(61)]


def test_a_slot_is_all_that_its_session_says():
    session = SessionFactory(weekday=3, starts_at=time(14), duration_minutes=30, capacity=5, fictional=True)

    make_slots(now=NOW, days=6)

    slot = Slot.objects.get()
    assert (slot.wing_id, slot.session_id, slot.kind) == (session.wing_id, session.id, "ordinaire")
    assert (slot.capacity, slot.taken, slot.fictional) == (5, 0, True)
    assert slot.local_date == date(2026, 11, 4)
    assert slot.starts_at == datetime(2026, 11, 4, 13, tzinfo=UTC)
    assert slot.ends_at == datetime(2026, 11, 4, 13, 30, tzinfo=UTC)


def test_made_twice_slots_are_the_same():
    SessionFactory()
    make_slots(now=NOW)
    before = list(Slot.objects.order_by("id").values())

    again = make_slots(now=NOW)

    assert again == Made()
    assert list(Slot.objects.order_by("id").values()) == before


def test_a_day_later_only_the_new_day_is_added():
    wing = WingFactory()
    for weekday in range(1, 8):
        SessionFactory(wing=wing, weekday=weekday)
    make_slots(now=NOW)

    assert make_slots(now=NOW + timedelta(days=1)) == Made(created=1)


def test_today_is_the_prisons_own_day():
    """On Monday 2 November at 21:00 UTC it is already Tuesday in Nouméa and still Monday in Papeete."""
    noumea = WingFactory(establishment=EstablishmentFactory(time_zone="Pacific/Noumea"))
    papeete = WingFactory(establishment=EstablishmentFactory(time_zone="Pacific/Tahiti"))
    for wing in (noumea, papeete):
        for weekday in range(1, 8):
            SessionFactory(wing=wing, weekday=weekday, starts_at=time(14))

    make_slots(now=datetime(2026, 11, 2, 21, tzinfo=UTC), days=1)

    assert list(noumea.slots.order_by("starts_at").values_list("local_date", flat=True)) == [
        date(2026, 11, 3),
        date(2026, 11, 4),
    ]
    assert list(papeete.slots.order_by("starts_at").values_list("local_date", flat=True)) == [
        date(2026, 11, 2),
        date(2026, 11, 3),
    ]


def test_a_session_that_has_begun_today_makes_no_slot():
    SessionFactory(weekday=1, starts_at=time(10))

    assert make_slots(now=NOW, days=0) == Made()


def test_a_slot_beyond_the_days_asked_for_is_left_as_it_is():
    SessionFactory()
    make_slots(now=NOW)

    assert make_slots(now=NOW, days=10) == Made()


def test_unsold_slots_take_a_new_capacity_and_duration():
    session = SessionFactory(capacity=3, duration_minutes=45)
    make_slots(now=NOW, days=14)

    made = change_session(session_id=session.id, capacity=6, duration_minutes=60, actor=MANAGER, now=NOW)

    first, second = Slot.objects.order_by("starts_at")[:2]
    assert (made.updated, made.created, made.removed, made.kept) == (2, 7, 0, 0)
    assert [(s.capacity, s.ends_at - s.starts_at) for s in (first, second)] == [(6, timedelta(minutes=60))] * 2


def test_a_sold_slot_is_left_alone_and_counted():
    session = SessionFactory(capacity=3, duration_minutes=45)
    make_slots(now=NOW, days=14)
    sold, unsold = Slot.objects.order_by("starts_at")
    Slot.objects.filter(pk=sold.pk).update(taken=2)

    made = change_session(session_id=session.id, capacity=1, duration_minutes=30, actor=MANAGER, now=NOW, days=14)

    sold.refresh_from_db()
    unsold.refresh_from_db()
    assert made == Made(updated=1, kept=1)
    assert (sold.capacity, sold.taken, sold.ends_at - sold.starts_at) == (3, 2, timedelta(minutes=45))
    assert (unsold.capacity, unsold.ends_at - unsold.starts_at) == (1, timedelta(minutes=30))


def test_a_past_slot_is_left_alone():
    session = SessionFactory(capacity=3)
    make_slots(now=NOW, days=14)
    later = NOW + timedelta(days=7)

    change_session(session_id=session.id, capacity=9, duration_minutes=45, actor=MANAGER, now=later, days=7)

    assert slots() == [(date(2026, 11, 4), 3, 0), (date(2026, 11, 11), 9, 0)]


def test_a_withdrawn_session_loses_its_unsold_slots_after_its_last_day():
    session = SessionFactory(weekday=3)
    make_slots(now=NOW, days=21)
    Slot.objects.filter(local_date=date(2026, 11, 18)).update(taken=1)

    made = withdraw_session(session_id=session.id, last_day=date(2026, 11, 4), actor=MANAGER, now=NOW, days=21)

    session.refresh_from_db()
    assert session.valid_until == date(2026, 11, 4)
    assert made == Made(removed=1, kept=1)
    assert slots() == [(date(2026, 11, 4), 3, 0), (date(2026, 11, 18), 3, 1)]


def test_a_session_cannot_end_before_it_begins():
    session = SessionFactory(valid_from=date(2026, 11, 9))

    with pytest.raises(ValueError, match="before it begins"):
        withdraw_session(session_id=session.id, last_day=date(2026, 11, 8), actor=MANAGER, now=NOW)

    session.refresh_from_db()
    assert session.valid_until is None
    assert not Entry.objects.exists()


def test_a_slot_that_was_not_made_from_the_timetable_stays():
    wing = WingFactory()
    SessionFactory(wing=wing, weekday=3, starts_at=time(9))
    exceptional = SlotFactory(wing=wing, session=None)

    make_slots(now=NOW, days=14)

    exceptional.refresh_from_db()
    assert (exceptional.session_id, exceptional.capacity) == (None, 3)
    assert Slot.objects.count() == 3


def test_only_the_named_wings_are_brought_up_to_date():
    one, other = SessionFactory(), SessionFactory()

    made = make_slots(now=NOW, days=7, wing_ids=[one.wing_id])

    assert made == Made(created=1)
    assert not Slot.objects.filter(wing=other.wing_id).exists()


def test_two_sessions_that_meet_in_the_skipped_hour_make_one_slot():
    wing = WingFactory()
    two = SessionFactory(wing=wing, weekday=7, starts_at=time(2), capacity=1)
    SessionFactory(wing=wing, weekday=7, starts_at=time(2, 30), capacity=2)

    made = make_slots(now=datetime(2026, 3, 28, 12, tzinfo=UTC), days=1)

    slot = Slot.objects.get()
    assert made == Made(created=1)
    assert (slot.session_id, slot.starts_at) == (two.id, datetime(2026, 3, 29, 1, tzinfo=UTC))


def test_sessions_are_added_with_one_journal_line_a_wing():
    wing = WingFactory()
    sessions = [
        WeeklySession(
            wing_id=wing.id,
            kind="ordinaire",
            weekday=weekday,
            starts_at=time(9),
            duration_minutes=45,
            capacity=4,
            valid_from=date(2026, 11, 2),
            fictional=True,
        )
        for weekday in (3, 4)
    ]

    assert add_sessions(sessions=sessions, actor=SERVICE, now=NOW) == 2

    assert list(Session.objects.order_by("weekday").values_list("weekday", "capacity", "fictional")) == [
        (3, 4, True),
        (4, 4, True),
    ]
    entry = journal_entries().get()
    assert (entry.verb, entry.subject_id, entry.detail) == ("sessions.added", wing.id, {"sessions": 2})


def test_a_session_is_not_listed_twice():
    session = SessionFactory()
    again = WeeklySession(
        wing_id=session.wing_id,
        kind="ordinaire",
        weekday=session.weekday,
        starts_at=session.starts_at,
        duration_minutes=30,
        capacity=1,
        valid_from=date(2026, 6, 1),
    )

    with pytest.raises(IntegrityError, match="a_session_is_not_listed_twice"):
        add_sessions(sessions=[again], actor=SERVICE, now=NOW)


def test_what_a_manager_changes_is_in_the_journal():
    session = SessionFactory()

    change_session(session_id=session.id, capacity=9, duration_minutes=30, actor=MANAGER, now=NOW, days=0)
    withdraw_session(session_id=session.id, last_day=date(2026, 11, 30), actor=MANAGER, now=NOW, days=0)

    assert list(journal_entries().order_by("id").values_list("actor_id", "verb", "subject_id", "detail")) == [
        (7, "session.changed", session.id, {"capacity": 9, "duration_minutes": 30}),
        (7, "session.withdrawn", session.id, {"last_day": "2026-11-30"}),
    ]


def test_a_slot_sold_since_it_was_read_is_not_locked_for_changes():
    sold, unsold = SlotFactory(taken=1), SlotFactory()

    assert _lock_unsold([sold.id, unsold.id]) == {unsold.id}


@pytest.mark.django_db(transaction=True)
def test_a_slot_that_is_being_sold_this_instant_is_passed_over(second_connection):
    session = SessionFactory(capacity=3)
    make_slots(now=NOW, days=7)
    slot = Slot.objects.get()

    with second_connection.cursor() as booking:
        booking.execute("BEGIN")
        booking.execute("UPDATE timetable_slot SET taken = taken + 1 WHERE id = %s", [slot.id])
        made = change_session(session_id=session.id, capacity=1, duration_minutes=45, actor=MANAGER, now=NOW, days=7)
        booking.execute("COMMIT")

    assert made == Made()
    assert slots() == [(date(2026, 11, 4), 3, 1)]


@pytest.fixture
def second_connection():
    """Another client of the same database, as a booking would be."""
    other = connection.copy()
    other.settings_dict = {**connection.settings_dict, "OPTIONS": {}}
    yield other
    other.close()
