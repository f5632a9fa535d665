"""A slot whose visits were all cancelled has no place any more, but the visits still say when they were."""

from datetime import date, timedelta

import pytest
from psycopg.types.range import TimestamptzRange

from parloir.journal.operations import Actor
from parloir.timetable.models import Slot
from parloir.timetable.operations import Made, make_slots, withdraw_session
from parloir.visits.models import Visit
from tests.factories import NOW, AccountFactory, DetaineeFactory, SessionFactory

pytestmark = pytest.mark.django_db
MANAGER = Actor("staff", 7)


@pytest.fixture
def session():
    """A session with three slots, of which the second had a visit that was cancelled."""
    session = SessionFactory(capacity=3)
    make_slots(now=NOW, days=21)
    slot = Slot.objects.get(local_date=date(2026, 11, 11))
    Visit.objects.create(
        reference="PAR-2345-67",
        detainee=DetaineeFactory(wing=session.wing),
        slot=slot,
        booker=AccountFactory(),
        channel="online",
        status="cancelled",
        during=TimestamptzRange(slot.starts_at, slot.ends_at),
        local_date=slot.local_date,
        week=date(2026, 11, 9),
        booked_at=NOW,
        cancelled_at=NOW,
        cancelled_by="family",
        idempotency_key="k",
    )
    return session


def test_it_stays_without_a_place_and_the_others_go(session):
    made = withdraw_session(session_id=session.id, last_day=date(2026, 11, 3), actor=MANAGER, now=NOW, days=21)

    slot = Slot.objects.get()
    assert made == Made(removed=2, withdrawn=1)
    assert (slot.local_date, slot.capacity, slot.taken, slot.visits.count()) == (date(2026, 11, 11), 0, 0, 1)


def test_the_next_night_there_is_nothing_left_to_do(session):
    withdraw_session(session_id=session.id, last_day=date(2026, 11, 3), actor=MANAGER, now=NOW, days=21)

    assert make_slots(now=NOW + timedelta(hours=1), days=21) == Made()


def test_it_has_places_again_when_the_session_comes_back(session):
    withdraw_session(session_id=session.id, last_day=date(2026, 11, 3), actor=MANAGER, now=NOW, days=21)
    session.save(update_fields=["valid_until"])

    made = make_slots(now=NOW, days=21)

    assert made == Made(created=2, updated=1)
    assert set(Slot.objects.values_list("capacity", "taken")) == {(3, 0)}
