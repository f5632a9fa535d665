"""An offered place is had once: accepting, declining and passing on meet; and what the offer's lock is for."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.db.models import QuerySet

from parloir.visits.models import Offer, Visit
from parloir.visits.operations import (
    WaitingWish,
    accept_offer,
    decline_offer,
    expire_offers,
    join_waiting_list,
    offer_place,
    offering,
)
from parloir.visits.rules import Code, Terms
from tests.factories import NOW, PolicyFactory
from tests.visits.crowd import after, at_once, granted, told
from tests.visits.families import Family, broken, slot_in, taken
from tests.visits.unguarded import slow_announcement, unlocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

ROUNDS = [0, 1, *(pytest.param(turn, marks=pytest.mark.soak) for turn in range(2, 20))]


def wait(family):
    day = family.slot.local_date
    terms = Terms(
        first_day=day,
        last_day=day,
        weekdays=(1, 2, 3, 4, 5, 6, 7),
        earliest=time.min,
        latest=time(23, 59),
        notice_hours=0,
    )
    wish = WaitingWish(permit_ids=frozenset([family.permit.pk]), terms=terms)
    return join_waiting_list(account=family.account, detainee_id=family.detainee.pk, wish=wish, now=NOW)


def one_place_offered():
    """A full slot, two families that wait for it, and its one place given back and offered to the first."""
    slot = slot_in(PolicyFactory().wing, capacity=1)
    owner, first, second = (Family(slot=slot) for _ in range(3))
    owner.hold()
    wait(first)
    wait(second)
    owner.hold(slot_in(slot.wing, days=1))
    offer_place(offer_id=Offer.objects.get().pk, now=NOW)
    offer = Offer.objects.select_related("entry__account").get()
    return slot, (first if offer.entry.account == first.account else second), offer


def accept(family, offer, now):
    return accept_offer(account=family.account, offer_id=offer.pk, idempotency_key="k1", now=now)


@pytest.mark.parametrize("turn", ROUNDS)
def test_accepting_late_and_passing_on_meet(turn):
    slot, family, offer = one_place_offered()
    late = offer.expires_at + timedelta(seconds=1)

    accepted, _passed = at_once(lambda: accept(family, offer, late), lambda: expire_offers(now=late))

    assert set(told([accepted])) <= {Code.OFFER_OVER}
    assert Visit.objects.count() == len(granted([accepted]))
    assert taken(slot) == 1
    assert broken(late) == set()


@pytest.mark.parametrize("turn", ROUNDS)
def test_accepting_and_declining_meet(turn):
    slot, family, offer = one_place_offered()

    accepted, _declined = at_once(
        lambda: accept(family, offer, NOW), lambda: decline_offer(account=family.account, offer_id=offer.pk, now=NOW)
    )

    assert set(told([accepted])) <= {Code.OFFER_OVER}
    assert Visit.objects.count() == len(granted([accepted]))
    assert taken(slot) == 1
    assert broken() == set()


def test_accepting_pressed_many_times_at_once_is_one_visit():
    slot, family, offer = one_place_offered()

    outcomes = at_once(*[lambda: accept(family, offer, NOW)] * 5)

    assert {visit.pk for visit in granted(outcomes)} == {Visit.objects.get().pk}
    assert (told(outcomes), taken(slot)) == ([], 1)


def test_an_offer_not_locked_while_it_is_accepted_would_be_passed_on_as_well(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", unlocked(Offer))
    monkeypatch.setattr(offering, "announce_booking", slow_announcement)
    _slot, family, offer = one_place_offered()
    late = offer.expires_at + timedelta(seconds=1)

    at_once(lambda: accept(family, offer, late), after(0.2, lambda: expire_offers(now=late)))

    assert "slot_counter_is_its_visits_holds_and_offers" in broken(late)
