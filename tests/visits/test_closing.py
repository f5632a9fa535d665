"""A day, a session or a public holiday is closed with its visits: each family is told, nobody is offered the place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from django.db.models import F

from parloir.establishments.models import BookingPolicy
from parloir.establishments.rules import Consequence, Policy
from parloir.journal.models import Entry as Line
from parloir.journal.operations import Actor
from parloir.review.models import Entry
from parloir.timetable.models import Closure, Session, Slot
from parloir.timetable.operations import make_slots, reopen_days
from parloir.visits.models import Draft, Hold, Offer, Visit, WaitingEntry
from parloir.visits.operations import apply_policy, close_days, emptying, judge_again, withdraw_session
from parloir.visits.queries.closures import Impact, impact_of_closing
from parloir.visits.rules import Code
from parloir.visits.tasks import judge_visits_again
from tests.factories import NOW, EstablishmentFactory, PolicyFactory, SessionFactory, WingFactory
from tests.visits.families import WEDNESDAY, Family, broken, jobs, refused, taken

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 1)
DAY = date(2026, 11, 11)


def open_wing(insee="21231", zone="Europe/Paris", hours=(14,), **policy):
    """Return a wing with its Wednesday sessions and the slots made from them."""
    prison = EstablishmentFactory(insee=insee, time_zone=zone)
    wing = PolicyFactory(wing=WingFactory(establishment=prison), **policy).wing
    for hour in hours:
        SessionFactory(wing=wing, starts_at=time(hour))
    make_slots(now=NOW, wing_ids=[wing.pk])
    return wing


def slot_on(wing, day=DAY, hour=None):
    slots = Slot.objects.filter(wing=wing, local_date=day).order_by("starts_at")
    return slots[0] if hour is None else next(s for s in slots if s.starts_at.hour == hour)


def close(wing, since=DAY, until=DAY, **how):
    return close_days(wing_id=wing.pk, since=since, until=until, actor=AGENT, now=NOW, **how)


def wait_for(family, slot):
    return WaitingEntry.objects.create(
        account=family.account,
        detainee=family.detainee,
        wing=family.wing,
        permit_ids=[family.permit.pk],
        first_day=slot.local_date,
        last_day=slot.local_date,
        weekdays=[1, 2, 3, 4, 5, 6, 7],
        earliest=time(0),
        latest=time(23, 59),
        notice_hours=24,
        active_from=date(2026, 11, 2),
        since=NOW,
    )


def test_a_closed_day_ends_its_visits_and_tells_each_family_once():
    wing = open_wing()
    slot = slot_on(wing)
    families = [Family(slot=slot, visits_allowed=1) for _ in range(2)]
    visits = [family.book() for family in families]
    before = Line.objects.count()

    assert close(wing) == 2

    assert set(Visit.objects.values_list("status", "cancelled_by", "cancel_cause")) == {
        ("cancelled", "staff", "closed")
    }
    slot.refresh_from_db()
    assert (slot.capacity, slot.taken) == (0, 0)
    assert [visit.attendances.get().debits for visit in visits] == [False, False]
    assert Counter(jobs()) == {"visits.tell_booked": 2, "visits.tell_cancelled": 2}
    assert Line.objects.count() == before + 3
    assert broken() == set()


def test_nobody_books_a_closed_slot():
    wing = open_wing()
    slot = slot_on(wing)
    Family(slot=slot).book()
    close(wing)
    slot.refresh_from_db()

    assert refused(Family(slot=slot).book) == [Code.CLOSED]


def test_other_days_and_other_sessions_are_left_alone():
    wing = open_wing(hours=(9, 14))
    morning, afternoon, later = slot_on(wing, hour=8), slot_on(wing, hour=13), slot_on(wing, date(2026, 11, 18))
    families = [Family(slot=slot) for slot in (morning, afternoon, later)]
    for family in families:
        family.book()

    assert close(wing, session_id=afternoon.session_id) == 1

    assert [taken(slot) for slot in (morning, afternoon, later)] == [1, 0, 1]
    assert broken() == set()


def test_unsold_slots_of_the_day_are_gone():
    wing = open_wing()

    assert close(wing) == 0

    assert not Slot.objects.filter(wing=wing, local_date=DAY).exists()
    assert Closure.objects.count() == 1


def test_held_and_offered_places_are_given_back_to_nobody():
    wing = open_wing()
    slot = slot_on(wing)
    holder, booker, waiting = (Family(slot=slot) for _ in range(3))
    holder.hold()
    booker.book()
    entry = wait_for(waiting, slot)
    offer = Offer.objects.create(slot=slot, entry=entry, state="open", made_at=NOW, expires_at=NOW + timedelta(hours=1))
    Slot.objects.filter(pk=slot.pk).update(taken=3)

    assert close(wing) == 1

    offer.refresh_from_db()
    entry.refresh_from_db()
    assert (offer.state, entry.ended_at) == ("released", None)
    assert (Offer.objects.count(), Draft.objects.count()) == (1, 1)
    assert not Hold.objects.get().held  # what was chosen stays: its family is told what became of it
    assert "visits.offer_place" not in jobs()
    assert broken() == set()


def test_a_change_being_made_from_a_closed_slot_loses_its_new_place():
    wing = open_wing()
    later = slot_on(wing, date(2026, 11, 18))
    family = Family(slot=slot_on(wing))
    visit = family.book()
    family.hold(later, replaces=visit, permit_ids=[family.permit.pk])

    close(wing)

    assert (taken(later), Hold.objects.get().held) == (0, False)
    assert refused(family.confirm, later) == [Code.NOT_BOOKED]
    assert broken() == set()


def test_a_closure_decides_on_what_waited_there():
    wing = open_wing(on_hospital="review")
    family = Family(slot=slot_on(wing))
    family.book()
    type(family.detainee).objects.update(presence="hospital")
    judge_again(detainee_ids=[family.detainee.pk], now=NOW)

    close(wing)

    assert Entry.objects.get().closing == "decided"


def test_what_a_closure_would_touch_is_told_beforehand():
    wing = open_wing()
    slot = slot_on(wing)
    family = Family(slot=slot)
    family.book(family.permit, family.add())
    nobody, holder = Family(slot=slot), Family(slot=slot)
    nobody.book()
    Visit.objects.filter(detainee=nobody.detainee).update(booker=None)
    holder.hold()

    impact = impact_of_closing(wing_id=wing.pk, since=DAY, until=DAY, now=NOW)

    assert impact == Impact(visits=2, families=2, people=3, being_booked=1)
    assert impact_of_closing(wing_id=wing.pk, since=DAY, until=DAY, now=WEDNESDAY).visits == 0


def test_days_out_of_order_close_nothing():
    wing = open_wing()
    Family(slot=slot_on(wing)).book()

    with pytest.raises(ValueError, match="before it begins"):
        close(wing, until=date(2026, 11, 10))

    assert Visit.objects.get().status == "booked"
    assert not Closure.objects.exists()


def test_a_reopened_day_sells_again():
    wing = open_wing()
    slot = slot_on(wing)
    Family(slot=slot).book()
    close(wing)

    reopen_days(closure_id=Closure.objects.get().pk, actor=AGENT, now=NOW)

    Family(slot=slot_on(wing)).book()
    assert (slot_on(wing).capacity, taken(slot)) == (3, 1)
    assert broken() == set()


def test_a_withdrawn_session_ends_the_visits_after_its_last_day():
    wing = open_wing()
    kept, gone = Family(slot=slot_on(wing)), Family(slot=slot_on(wing, date(2026, 11, 18)))
    kept.book()
    gone.book()

    ended = withdraw_session(session_id=Session.objects.get().pk, last_day=DAY, actor=AGENT, now=NOW)

    assert ended == 1
    assert list(Visit.objects.order_by("during").values_list("status", flat=True)) == ["booked", "cancelled"]
    assert broken() == set()


@pytest.mark.parametrize(
    ("insee", "zone", "closed"),
    [("21231", "Europe/Paris", DAY), ("97411", "Indian/Reunion", DAY)],
    ids=["Dijon", "Réunion"],
)
def test_a_wing_that_begins_to_close_public_holidays_ends_their_visits(insee, zone, closed):
    wing = open_wing(insee=insee, zone=zone)
    holiday, ordinary = Family(slot=slot_on(wing, closed)), Family(slot=slot_on(wing, date(2026, 11, 18)))
    holiday.book()
    ordinary.book()

    apply_policy(wing_id=wing.pk, policy=Policy(closed_on_public_holidays=True), actor=AGENT, now=NOW)

    assert list(Visit.objects.order_by("during").values_list("status", "cancel_cause")) == [
        ("cancelled", "closed"),
        ("booked", ""),
    ]
    assert BookingPolicy.objects.get(wing=wing).closed_on_public_holidays
    assert broken() == set()


def test_a_wing_that_works_on_public_holidays_again_sells_them_again():
    wing = open_wing(closed_on_public_holidays=True)
    assert not Slot.objects.filter(wing=wing, local_date=DAY).exists()

    apply_policy(wing_id=wing.pk, policy=Policy(), actor=AGENT, now=NOW)

    assert slot_on(wing).capacity == 3


def test_a_lower_weekly_maximum_ends_nothing_that_was_booked_under_the_former():
    wing = open_wing(hours=(9, 14))
    family = Family(slot=slot_on(wing))
    family.book()

    apply_policy(wing_id=wing.pk, policy=Policy(weekly_maximum_prevenu=0), actor=AGENT, now=NOW)

    assert (Visit.objects.get().status, jobs()) == ("booked", ["visits.tell_booked"])


@pytest.mark.usefixtures("_now_stands_still")
def test_what_waits_is_judged_under_the_new_policy():
    wing = open_wing(on_hospital="review")
    family = Family(slot=slot_on(wing))
    family.book()
    type(family.detainee).objects.update(presence="hospital")
    judge_again(detainee_ids=[family.detainee.pk], now=NOW)

    policy = replace(Policy(), on_hospital=Consequence.CANCEL)
    apply_policy(wing_id=wing.pk, policy=policy, actor=AGENT, now=NOW)
    assert jobs()[-1] == "visits.judge_again"
    judge_visits_again(detainee_id=family.detainee.pk)

    assert (Visit.objects.get().cancel_cause, Entry.objects.get().closing) == ("hospital", "by_itself")
    assert broken() == set()


def test_where_booking_goes_on_faster_than_it_can_be_read_nothing_is_closed(monkeypatch):
    wing = open_wing()
    family = Family(slot=slot_on(wing))
    family.book()
    read = emptying._visits_in

    def somebody_books_meanwhile(slot_ids):
        visits = read(slot_ids)
        Slot.objects.filter(pk__in=slot_ids).update(taken=F("taken") + 1)
        return visits

    monkeypatch.setattr(emptying, "_visits_in", somebody_books_meanwhile)

    assert refused(lambda: close(wing)) == [Code.TRY_AGAIN]

    assert (Visit.objects.get().status, taken(family.slot), Closure.objects.count()) == ("booked", 1, 0)
    assert broken() == set()
