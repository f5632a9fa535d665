"""Answering an offer, or not; accessible cabins; places that are new."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.permits.models import Permit
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, Visit, WaitingEntry
from parloir.visits.operations import (
    accept_offer,
    decline_offer,
    expire_offers,
    offer_free_places,
    offer_new_places,
    offering,
)
from parloir.visits.rules import Code
from tests.factories import NOW
from tests.visits.families import Family, broken, jobs, refused, slot_in, taken
from tests.visits.waiting_families import (
    SOON,
    cancel,
    ends,
    offer_reserved,
    open_offer,
    states,
    wait,
    whose,
)

pytestmark = pytest.mark.django_db


def accept(family, offer=None, key="offer-1", now=NOW):
    offer = offer or open_offer()
    return accept_offer(account=family.account, offer_id=offer.pk, idempotency_key=key, now=now)


def decline(family, offer=None, now=NOW):
    decline_offer(account=family.account, offer_id=(offer or open_offer()).pk, now=now)


# Answering --------------------------------------------------------------------------------


def test_accepting_books_the_family_as_it_waited(owner):
    one = Family(slot=owner.slot)
    child = one.add()
    wait(one, one.permit, child)
    cancel(owner)
    offer_reserved()

    visit = accept(one)

    assert (visit.slot, visit.booker, visit.channel, visit.status) == (owner.slot, one.account, "online", "booked")
    assert {a.permit for a in visit.attendances.all()} == {one.permit, child}
    assert (states(), ends(), taken(owner.slot)) == (["accepted"], ["booked"], 1)
    assert jobs()[-1] == "visits.tell_booked"
    assert broken() == set()


def test_accepting_twice_books_once(owner, one):
    cancel(owner)
    offer_reserved()
    offer = open_offer()

    assert accept(one, offer) == accept(one, offer)
    assert Visit.objects.filter(status="booked").count() == 1
    assert taken(owner.slot) == 1


def test_an_offer_passed_on_cannot_be_accepted(owner, one, two):
    cancel(owner)
    offer_reserved()
    offer = open_offer()
    late = NOW + timedelta(hours=12)
    expire_offers(now=late)

    assert refused(accept, one, offer, now=late) == [Code.OFFER_OVER]


def test_an_offer_is_good_until_it_is_passed_on(owner, one):
    cancel(owner)
    offer_reserved()

    visit = accept(one, now=NOW + timedelta(hours=12, seconds=20))

    assert visit.status == "booked"


def test_somebody_elses_offer_is_nobodys_to_answer(owner, one, two):
    cancel(owner)
    offer_reserved()

    for answer in (accept, decline):
        with pytest.raises(Offer.DoesNotExist):
            answer(two)
    assert states() == ["open"]


def test_a_reserved_place_is_nobodys_to_answer(owner, one):
    cancel(owner)

    with pytest.raises(Offer.DoesNotExist):
        accept(one, Offer.objects.get())


def test_what_stands_in_the_way_since_the_offer_is_told_and_it_stays(owner, one):
    cancel(owner)
    offer_reserved()
    one.permit.status = "withdrawn"
    one.permit.save()

    assert refused(accept, one) == [Code.PERMIT_WITHDRAWN]
    assert states() == ["open"]


def test_a_family_that_changed_its_terms_still_takes_what_is_offered(owner, one):
    cancel(owner)
    offer_reserved()
    wait(one, weekdays=(6,))

    accept(one)

    assert (states(), ends(), taken(owner.slot)) == (["accepted"], ["booked"], 1)


def test_declining_passes_the_place_on_without_its_being_free(owner, one, two):
    cancel(owner)
    offer_reserved()

    decline(one)
    assert (states(), taken(owner.slot)) == (["declined", "reserved"], 1)
    offer_reserved()

    assert (whose(), taken(owner.slot)) == (two.account, 1)
    assert ends() == ["", ""]


def test_declining_twice_is_declining(owner, one):
    cancel(owner)
    offer_reserved()
    offer = open_offer()

    decline(one, offer)
    decline(one, offer)

    assert (states(), taken(owner.slot)) == (["declined"], 0)


def test_a_family_is_never_offered_the_same_slot_twice(owner, one):
    cancel(owner)
    offer_reserved()
    decline(one)
    WaitingEntry.objects.update(ended_at=NOW, end_cause="left")
    wait(one)
    owner.visit = owner.book(key="k2")

    cancel(owner)
    offer_free_places(now=NOW)

    assert states() == ["declined"]


def test_an_unanswered_offer_passes_to_the_next_family_without_its_place_being_free(owner, one, two):
    cancel(owner)
    offer_reserved()
    late = NOW + timedelta(hours=12)

    assert expire_offers(now=late - timedelta(seconds=1)) == 0
    assert expire_offers(now=late) == 1
    assert (states(), taken(owner.slot)) == (["expired", "reserved"], 1)
    offer_reserved(now=late)

    assert (whose(), states()) == (two.account, ["expired", "open"])
    assert broken(late) == set()


def test_the_last_family_lets_the_place_go_to_everybody(owner, one):
    cancel(owner)
    offer_reserved()

    expire_offers(now=NOW + timedelta(hours=12))

    assert (states(), taken(owner.slot)) == (["expired"], 0)


def test_a_reserved_place_whose_job_was_lost_is_offered_by_the_sweeper(owner, one):
    cancel(owner)

    expire_offers(now=NOW + timedelta(minutes=9))
    assert states() == ["reserved"]
    expire_offers(now=NOW + timedelta(minutes=10))

    assert (states(), whose()) == (["open"], one.account)


def test_the_key_of_another_booking_accepts_nothing(owner):
    one = Family(slot=owner.slot)
    wait(one, weekdays=(3,))
    one.book(slot=slot_in(owner.wing, days=1), key="used")
    cancel(owner)
    offer_reserved()

    assert refused(accept, one, key="used") == [Code.TRY_AGAIN]


def test_what_was_answered_meanwhile_is_not_passed_on_again(owner, one):
    cancel(owner)
    offer_reserved()
    offer = open_offer()
    decline(one)

    assert offering._expire(offer.pk, now=NOW + timedelta(days=1)) == 0
    assert states() == ["declined"]


def test_new_places_taken_meanwhile_are_not_offered(owner, one, monkeypatch):
    monkeypatch.setattr(offering, "reserve_free_places", lambda **asked: 1)

    assert offer_new_places(slot_id=owner.slot.pk, places=1, now=NOW) == 0
    assert taken(owner.slot) == 1


# Accessible cabins ------------------------------------------------------------------------


def test_a_family_that_needs_an_accessible_cabin_is_offered_one(owner):
    Slot.objects.update(accessible_capacity=1)
    one = Family(slot=owner.slot)
    wait(one, accessible=True)

    cancel(owner)
    offer_reserved()

    assert open_offer().accessible
    assert Slot.objects.get(pk=owner.slot.pk).accessible_taken == 1
    assert accept(one).accessible
    assert broken() == set()


def test_a_place_without_an_accessible_cabin_passes_it_over(owner, two):
    WaitingEntry.objects.all().delete()
    wait(Family(slot=owner.slot), accessible=True)
    other = Family(slot=owner.slot)
    wait(other, now=SOON)

    cancel(owner)
    offer_reserved()

    assert whose() == other.account


def test_terms_that_need_an_accessible_cabin_since_the_offer_take_one(owner, one):
    Slot.objects.update(accessible_capacity=1)
    cancel(owner)
    offer_reserved()
    wait(one, accessible=True)

    assert accept(one).accessible
    assert Slot.objects.get(pk=owner.slot.pk).accessible_taken == 1
    assert broken() == set()


# New places -------------------------------------------------------------------------------


def test_new_places_are_offered_before_they_are_sold(owner, one):
    Slot.objects.update(capacity=3)

    assert offer_new_places(slot_id=owner.slot.pk, places=2, now=NOW) == 1
    offer_reserved()

    assert (whose(), taken(owner.slot)) == (one.account, 2)
    assert broken() == set()


def test_places_that_are_not_there_are_not_offered(owner, one):
    assert offer_new_places(slot_id=owner.slot.pk, places=2, now=NOW) == 0
    assert states() == []


def test_free_places_that_somebody_waits_for_are_found(owner, one, two):
    Slot.objects.update(capacity=2)

    assert offer_free_places(now=NOW) == 1
    assert offer_free_places(now=NOW) == 0
    offer_reserved()

    assert (whose(), taken(owner.slot)) == (one.account, 2)


def test_one_family_keeps_one_place_and_not_one_in_every_slot(owner, one):
    for days in (1, 2, 3):
        slot_in(owner.wing, days=days)

    assert offer_free_places(now=NOW) == 1


def test_a_place_that_nobody_could_have_is_left_to_everybody_for_an_hour(owner, one):
    Slot.objects.update(capacity=2)
    offer_free_places(now=NOW)
    Permit.objects.update(status="suspended")  # between the keeping of the place and its offering
    offer_reserved()
    Permit.objects.update(status="active")

    assert states() == ["released"]
    assert offer_free_places(now=NOW + timedelta(minutes=59)) == 0
    assert offer_free_places(now=NOW + timedelta(minutes=61)) == 1


def test_a_slot_not_yet_open_is_kept_for_nobody():
    family = Family()
    slot = slot_in(family.wing, days=35)
    Slot.objects.exclude(pk=slot.pk).delete()
    wait(family)

    assert offer_free_places(now=NOW + timedelta(days=13)) == 0
    assert offer_free_places(now=NOW + timedelta(days=14) - timedelta(hours=2, minutes=1)) == 0
    assert offer_free_places(now=NOW + timedelta(days=14) - timedelta(hours=2)) == 1
