"""A freed place goes to one family after another, for a bounded time, and never to whoever clicks first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.journal.queries import entries as journal_entries
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Offer, Visit, WaitingEntry
from parloir.visits.operations import (
    free_expired_holds,
    offer_place,
)
from parloir.visits.rules import Code, OfferState
from tests.factories import NOW, VisitFactory
from tests.visits.families import WEDNESDAY, Family, broken, jobs, refused, slot_in, taken
from tests.visits.waiting_families import (
    SOON,
    cancel,
    full,
    offer_reserved,
    open_offer,
    states,
    wait,
    whose,
)

pytestmark = pytest.mark.django_db


# A freed place ----------------------------------------------------------------------------


def test_a_freed_place_is_kept_for_those_who_wait(owner, one):
    cancel(owner)

    assert (states(), taken(owner.slot)) == (["reserved"], 1)
    assert refused(Family(slot=owner.slot).book) == [Code.FULL]
    assert jobs()[-1] == "visits.offer_place"
    assert broken() == set()


def test_without_anybody_waiting_a_freed_place_is_everybodys(owner):
    cancel(owner)

    assert (states(), taken(owner.slot)) == ([], 0)


def test_it_is_offered_to_the_family_whose_turn_it_is_and_to_it_alone(owner, one, two):
    cancel(owner)
    offer_reserved()

    offer = open_offer()
    assert (offer.entry.account, offer.expires_at, offer.slot) == (one.account, NOW + timedelta(hours=12), owner.slot)
    assert (states(), taken(owner.slot)) == (["open"], 1)
    assert refused(two.book) == [Code.FULL]
    assert jobs()[-1] == "visits.tell_offer"
    assert journal_entries().filter(verb="offer.open", subject_id=offer.pk).count() == 1
    assert broken() == set()


def test_a_person_without_a_recent_visit_comes_before_a_longer_wait(owner, one, two):
    VisitFactory(detainee=one.detainee, slot=slot_in(owner.wing, days=-10), status="attended")

    cancel(owner)
    offer_reserved()

    assert whose() == two.account


def test_a_visit_that_nobody_came_to_is_none(owner, one, two):
    VisitFactory(detainee=one.detainee, slot=slot_in(owner.wing, days=-10), status="missed")

    cancel(owner)
    offer_reserved()

    assert whose() == one.account


def test_a_family_of_which_one_could_not_come_is_passed_over(owner, two):
    WaitingEntry.objects.all().delete()
    first, second = Family(slot=owner.slot), Family(slot=owner.slot)
    partner = first.add(born=date(1990, 1, 1), holding="adult", weekdays=[6])
    wait(first, first.permit, partner)
    wait(second, now=SOON)

    cancel(owner)
    offer_reserved()

    assert whose() == second.account


def test_if_nobody_who_waits_could_come_the_place_is_everybodys(owner, one):
    cancel(owner)
    one.permit.status = "suspended"
    one.permit.save()

    offer_reserved()

    assert (states(), taken(owner.slot)) == (["released"], 0)
    assert broken() == set()


def test_a_family_is_judged_by_the_rules_of_the_week(owner, one):
    cancel(owner)
    one.wing.policy.weekly_maximum_prevenu = 1
    one.wing.policy.save()
    one.book(slot=slot_in(owner.wing, days=1))
    WaitingEntry.objects.update(ended_at=None, end_cause="")

    offer_reserved()

    assert states() == ["released"]


def test_a_place_offered_already_is_not_offered_again(owner, one, two):
    cancel(owner)
    offer_reserved()

    offer_place(offer_id=open_offer().pk, now=SOON)
    offer_place(offer_id=0, now=SOON)

    assert (states(), whose()) == (["open"], one.account)


def test_a_family_has_one_offer_at_a_time():
    owners = full(capacity=2)
    one = Family(slot=owners[0].slot)
    wait(one)

    cancel(owners[0])
    cancel(owners[1])
    offer_reserved()

    assert (states(), taken(one.slot)) == (["open"], 1)
    assert broken() == set()


def test_two_freed_places_go_to_two_families():
    owners = full(capacity=2)
    one, two = Family(slot=owners[0].slot), Family(slot=owners[0].slot)
    wait(one)
    wait(two, now=SOON)

    cancel(owners[0])
    cancel(owners[1])
    offer_reserved()

    offered = Offer.objects.filter(state=OfferState.OPEN).order_by("pk")
    assert [offer.entry.account for offer in offered] == [one.account, two.account]
    assert taken(one.slot) == 2


def test_an_offer_too_late_to_come_is_not_made(owner, one):
    cancel(owner, now=WEDNESDAY - timedelta(hours=24, minutes=20))

    assert (states(), taken(owner.slot)) == ([], 0)


def test_a_family_that_needs_notice_is_not_offered_a_place_too_soon(owner):
    wait(Family(slot=owner.slot), notice_hours=9 * 24 + 5)

    cancel(owner)

    assert states() == []


def test_a_job_that_runs_too_late_leaves_the_place_to_everybody(owner, one):
    cancel(owner, now=WEDNESDAY - timedelta(hours=24, minutes=31))
    offer_reserved(now=WEDNESDAY - timedelta(hours=24, minutes=19))

    assert (states(), taken(owner.slot)) == (["released"], 0)


# A freed place is not first click wins ----------------------------------------------------


def test_a_held_place_that_lapses_goes_to_those_who_wait_and_not_to_the_next_click(owner, one):
    Visit.objects.update(status="cancelled", cancelled_at=NOW, cancelled_by="family")
    Attendance.objects.update(live=False)
    Slot.objects.update(taken=0)
    Family(slot=owner.slot).hold()
    late = NOW + timedelta(minutes=11)
    clicker = Family(slot=owner.slot)

    assert refused(clicker.hold, now=late) == [Code.FULL]
    assert refused(clicker.book, now=late) == [Code.FULL]

    free_expired_holds(now=late)
    offer_reserved(now=late)

    assert (states(), whose(), taken(owner.slot)) == (["open"], one.account, 1)
    assert refused(clicker.book, now=late) == [Code.FULL]
    assert broken(late) == set()


def test_a_family_that_changes_its_visit_leaves_its_place_to_those_who_wait(owner, one):
    other = slot_in(owner.wing, days=1)
    owner.hold(other, replaces=owner.visit)
    owner.choose()
    owner.confirm(other)

    assert (states(), taken(owner.slot)) == (["reserved"], 1)
    assert broken() == set()
