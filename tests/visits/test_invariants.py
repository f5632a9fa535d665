"""The recount finds nothing in a healthy database, and finds each break."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from parloir.journal.operations import Actor
from parloir.timetable.models import Closure, Session
from parloir.visits.models import Offer, Visit, WaitingEntry
from parloir.visits.operations import cancel_visit, change_session, close_days, reopen_days, withdraw_session
from parloir.visits.queries.invariants import INVARIANTS, broken_invariants
from parloir.visits.rules import CapacityChoice
from tests.factories import NOW, PolicyFactory, RestrictionFactory, SlotFactory
from tests.visits.test_closing import DAY, open_wing, slot_on
from tests.visits.test_operations import Family
from tests.visits.waiting_families import wait

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 7)


def broken(now=NOW):
    return {name for name, count in broken_invariants(now=now) if count}


def test_a_healthy_database_breaks_nothing():
    family = Family(visits_allowed=3)
    family.book(family.permit, family.add())

    assert broken() == set()
    assert len(list(broken_invariants(now=NOW))) == len(INVARIANTS)


def sql(statement):
    def run(family):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)

    return run


def _move(family):
    family.detainee.wing = PolicyFactory().wing
    family.detainee.save()


def _exceed(family):
    Family.book(family, slot=_slot(family), key="k2")
    family.permit.visits_allowed = 1
    family.permit.save()


def _slot(family):
    return SlotFactory(wing=family.wing, starts_at=datetime(2026, 11, 12, 13, tzinfo=UTC))


def _decline():
    return Offer.objects.update(state="declined", ended_at=NOW)


def _offer(family, **ended):
    """Offer the family its own slot, by hand."""
    entry = wait(family)
    WaitingEntry.objects.filter(pk=entry.pk).update(**ended or {"ended_at": None})
    return Offer.objects.create(slot=family.slot, entry=entry, state="open", made_at=NOW, expires_at=NOW)


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("slot_counter_is_its_visits_holds_and_offers", sql("UPDATE timetable_slot SET taken = 2")),
        ("visit_repeats_its_slot", sql("UPDATE visits_visit SET week = week - 7")),
        ("slot_day_is_local_to_its_prison", sql("UPDATE timetable_slot SET local_date = local_date + 1")),
        ("attendance_follows_its_visit", sql("UPDATE visits_attendance SET debits = false")),
        ("visit_has_someone_attending", sql("DELETE FROM visits_attendance")),
        ("visit_to_come_is_in_the_detainee_s_wing", _move),
        ("visit_to_come_is_of_someone_present", sql("UPDATE people_detainee SET presence = 'hospital'")),
        ("visit_to_come_is_not_forbidden", lambda f: RestrictionFactory(detainee=f.detainee)),
        ("visit_to_come_is_on_permits_in_force", sql("UPDATE permits_permit SET weekdays = '{1}'")),
        ("limited_permit_is_not_exceeded", _exceed),
        ("booked_visit_has_its_message", sql("DELETE FROM procrastinate_jobs")),
        ("open_offer_has_its_message", _offer),
        ("open_offer_is_of_a_family_that_waits", lambda f: _offer(f, ended_at=NOW, end_cause="left")),
        (
            "family_is_offered_a_slot_once",
            lambda f: _offer(f) and _decline() and _offer(f, ended_at=NOW, end_cause="left"),
        ),
        ("wing_has_its_policy", sql("DELETE FROM establishments_bookingpolicy")),
    ],
)
def test_each_break_is_found(name, harm):
    family = Family()
    family.book()

    harm(family)

    assert name in broken()


def test_an_offer_still_open_when_its_slot_has_long_begun_is_found():
    family = Family()
    _offer(family)
    begun = family.slot.starts_at

    assert "offer_is_over_when_its_slot_has_begun" not in broken(begun + timedelta(hours=1))
    assert "offer_is_over_when_its_slot_has_begun" in broken(begun + timedelta(hours=1, seconds=1))


def _given_another_duration(session):
    how = {"capacity": 3, "duration_minutes": 60, "choice": CapacityChoice.REFUSE}
    change_session(session_id=session.pk, actor=AGENT, now=NOW, **how)


def _closed_and_reopened(session):
    close_days(wing_id=session.wing_id, since=DAY, until=DAY, actor=AGENT, now=NOW)
    _given_another_duration(session)
    reopen_days(closure_id=Closure.objects.get().pk, actor=AGENT, now=NOW)


def _withdrawn(session):
    withdraw_session(session_id=session.pk, last_day=DAY - timedelta(days=7), actor=AGENT, now=NOW)


@pytest.mark.parametrize("meanwhile", [_given_another_duration, _closed_and_reopened, _withdrawn])
def test_a_cancelled_visit_may_say_other_hours_than_its_slot_now_has(meanwhile):
    slot = slot_on(open_wing())
    family = Family(slot=slot)
    visit = family.book()
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    meanwhile(Session.objects.get())

    assert broken() == set()


def test_a_visit_keeps_its_local_date():
    family = Family()
    family.book()

    assert Visit.objects.get().local_date == date(2026, 11, 11)
