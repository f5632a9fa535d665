"""Fewer places than are sold: somebody says what happens, and it is written."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from parloir.journal.models import Entry as Line
from parloir.journal.operations import Actor
from parloir.timetable.models import Session, Slot
from parloir.timetable.operations import make_slots
from parloir.visits.models import Allowance, Hold, Offer, Visit
from parloir.visits.operations import CapacityRefused, change_capacity, change_session, close_days
from parloir.visits.rules import CapacityChoice, Code
from tests.factories import NOW
from tests.visits.families import Family, broken, jobs, refused, snapshot, taken
from tests.visits.test_closing import DAY, open_wing, slot_on, wait_for

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 1)


def cut(slot, capacity, choice, **how):
    return change_capacity(slot_id=slot.pk, capacity=capacity, choice=choice, actor=AGENT, now=NOW, **how)


def sold(slot, n=3):
    """Return visits booked one after the other in a slot."""
    return [Family(slot=slot).book(now=NOW + timedelta(minutes=turn)) for turn in range(n)]


def test_refused_the_count_is_told_and_nothing_happens():
    slot = slot_on(open_wing())
    sold(slot)
    before = snapshot()

    with pytest.raises(CapacityRefused) as refusal:
        cut(slot, 1, CapacityChoice.REFUSE)

    assert (refusal.value.excess, snapshot()) == (2, before)


def test_a_slot_that_another_agent_takes_away_meanwhile_is_to_be_tried_again(monkeypatch):
    slot = slot_on(open_wing())

    def removed_meanwhile(**_act):
        Slot.objects.filter(pk=slot.pk).delete()

    monkeypatch.setattr("parloir.visits.operations.capacity.record", removed_meanwhile)

    assert refused(cut, slot, 2, CapacityChoice.REFUSE) == [Code.TRY_AGAIN]


def test_places_that_nobody_has_can_go():
    slot = slot_on(open_wing())
    sold(slot, 2)

    assert cut(slot, 2, CapacityChoice.REFUSE) == 0

    slot.refresh_from_db()
    assert (slot.capacity, slot.taken, slot.overbooked) == (2, 2, 0)
    assert refused(Family(slot=slot).book) == [Code.FULL]


def test_kept_beyond_capacity_is_an_exception_with_its_reason_and_author():
    slot = slot_on(open_wing())
    sold(slot)

    assert cut(slot, 1, CapacityChoice.KEEP, reason="Deux tables cassées") == 0

    slot.refresh_from_db()
    assert (slot.capacity, slot.taken, slot.overbooked) == (1, 3, 2)
    allowance = Allowance.objects.get()
    assert (allowance.kind, allowance.places, allowance.reason) == ("overbooking", 2, "Deux tables cassées")
    assert (allowance.author_kind, allowance.author_id, allowance.visit_id) == ("staff", 1, None)
    assert list(Line.objects.filter(subject_kind="slot").order_by("pk").values_list("verb", "detail")) == [
        ("slot.changed", {"from": 3, "to": 1, "choice": "keep"}),
        ("slot.overbooked", {"places": 2}),
    ]
    assert Counter(jobs()) == {"visits.tell_booked": 3}
    assert broken() == set()


def test_nobody_keeps_too_many_without_saying_why():
    slot = slot_on(open_wing())
    sold(slot)
    before = snapshot()

    with pytest.raises(ValueError, match="says why"):
        cut(slot, 1, CapacityChoice.KEEP)

    assert snapshot() == before


def test_the_visits_booked_last_are_cancelled_and_told_once():
    slot = slot_on(open_wing())
    first, second, third = sold(slot)

    assert cut(slot, 1, CapacityChoice.CANCEL_LATEST) == 2

    statuses = dict(Visit.objects.values_list("pk", "status"))
    assert statuses == {first.pk: "booked", second.pk: "cancelled", third.pk: "cancelled"}
    assert set(Visit.objects.exclude(pk=first.pk).values_list("cancelled_by", "cancel_cause")) == {("staff", "full")}
    slot.refresh_from_db()
    assert (slot.capacity, slot.taken, slot.overbooked) == (1, 1, 0)
    assert Counter(jobs()) == {"visits.tell_booked": 3, "visits.tell_cancelled": 2}
    assert broken() == set()


def test_held_places_go_before_offers_and_offers_before_visits():
    slot = slot_on(open_wing())
    Family(slot=slot).hold()
    (visit,) = sold(slot, 1)
    waiting = Family(slot=slot)
    offer = Offer.objects.create(
        slot=slot, entry=wait_for(waiting, slot), state="open", made_at=NOW, expires_at=NOW + timedelta(hours=1)
    )
    Slot.objects.filter(pk=slot.pk).update(taken=3)

    assert cut(slot, 2, CapacityChoice.CANCEL_LATEST) == 0
    offer.refresh_from_db()
    assert (Hold.objects.get().held, offer.state) == (False, "open")

    assert cut(slot, 1, CapacityChoice.CANCEL_LATEST) == 0
    offer.refresh_from_db()
    visit.refresh_from_db()
    assert (offer.state, visit.status, taken(slot)) == ("released", "booked", 1)
    assert broken() == set()


def test_a_place_whose_time_is_over_goes_before_one_that_is_held():
    slot = slot_on(open_wing())
    late, early = Family(slot=slot), Family(slot=slot)
    late.hold()
    early.hold(now=NOW - timedelta(minutes=30))

    cut(slot, 1, CapacityChoice.CANCEL_LATEST)

    assert Hold.objects.get(held=True).draft.account == late.account
    assert broken() == set()


def test_a_place_whose_time_is_over_stands_in_nobodys_way():
    slot = slot_on(open_wing())
    Family(slot=slot).hold(now=NOW - timedelta(minutes=30))
    sold(slot, 1)

    assert cut(slot, 1, CapacityChoice.REFUSE) == 0
    assert broken() == set()


def test_added_places_go_first_to_those_who_wait():
    slot = slot_on(open_wing())
    sold(slot)
    wait_for(Family(slot=slot), slot)

    cut(slot, 5, CapacityChoice.REFUSE)

    slot.refresh_from_db()
    assert (slot.capacity, slot.taken, Offer.objects.get().state) == (5, 4, "reserved")
    assert jobs()[-1] == "visits.offer_place"
    assert broken() == set()


def test_an_accessible_cabin_that_is_taken_is_kept():
    slot = slot_on(open_wing())
    Slot.objects.filter(pk=slot.pk).update(accessible_capacity=2)
    Family(slot=slot).book(accessible=True)

    cut(slot, 1, CapacityChoice.CANCEL_LATEST)

    slot.refresh_from_db()
    assert (slot.accessible_capacity, slot.accessible_taken) == (1, 1)
    assert broken() == set()


def test_a_slot_set_by_hand_keeps_its_places_until_it_is_closed():
    wing = open_wing()
    slot = slot_on(wing)
    cut(slot, 1, CapacityChoice.REFUSE)

    make_slots(now=NOW)
    assert slot_on(wing).capacity == 1

    close_days(wing_id=wing.pk, since=DAY, until=DAY, actor=AGENT, now=NOW)
    assert not Slot.objects.filter(wing=wing, local_date=DAY).exists()


def test_no_place_at_all_is_a_closure():
    slot = slot_on(open_wing())

    with pytest.raises(ValueError, match="closed"):
        cut(slot, 0, CapacityChoice.CANCEL_LATEST)


def test_a_session_with_fewer_places_takes_its_sold_slots_along():
    wing = open_wing()
    this, next_week, empty = slot_on(wing), slot_on(wing, date(2026, 11, 18)), slot_on(wing, date(2026, 11, 25))
    sold(this)
    sold(next_week, 1)

    ended = change_session(
        session_id=Session.objects.get().pk,
        capacity=2,
        duration_minutes=45,
        choice=CapacityChoice.CANCEL_LATEST,
        actor=AGENT,
        now=NOW,
    )

    assert ended == 1
    assert list(
        Slot.objects.filter(pk__in=[this.pk, next_week.pk, empty.pk])
        .order_by("starts_at")
        .values_list("capacity", "taken")
    ) == [(2, 2), (2, 1), (2, 0)]
    assert broken() == set()


def test_a_session_sold_beyond_its_new_places_is_refused_wholly():
    wing = open_wing()
    sold(slot_on(wing))
    before = snapshot()

    with pytest.raises(CapacityRefused) as refusal:
        change_session(
            session_id=Session.objects.get().pk,
            capacity=1,
            duration_minutes=45,
            choice=CapacityChoice.REFUSE,
            actor=AGENT,
            now=NOW,
        )

    assert (refusal.value.excess, snapshot(), Session.objects.get().capacity) == (2, before, 3)


def test_a_session_without_places_is_withdrawn_not_changed():
    open_wing()

    with pytest.raises(ValueError, match="withdrawn"):
        change_session(
            session_id=Session.objects.get().pk,
            capacity=0,
            duration_minutes=45,
            choice=CapacityChoice.CANCEL_LATEST,
            actor=AGENT,
            now=NOW,
        )
