"""With the worker away, a place that is past its time is kept a while, then it is everybody's: at read, and to take."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.visits.models import Hold, Offer, Visit
from parloir.visits.operations import accept_offer, expire_offers, offer_place, places
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.facts import detainees_with_restrictions
from parloir.visits.rules import RESERVED_FOR, Code
from tests.factories import NOW
from tests.visits.crowd import at_once, granted, told
from tests.visits.families import Family, broken, refused, taken
from tests.visits.waiting_families import cancel, full, offer_reserved, open_offer, states, wait

MINUTE = timedelta(minutes=1)


def a_reserved_place():
    """A place given back for a family that waits; nobody runs the job that would find it."""
    (owner,) = full()
    waiting = Family(slot=owner.slot)
    wait(waiting)
    cancel(owner)
    return waiting, Offer.objects.get().expires_at


def an_unanswered_offer():
    """A place offered to a family that does not answer; nobody passes it on."""
    waiting, _until = a_reserved_place()
    offer_reserved()
    return waiting, open_offer().expires_at + RESERVED_FOR


def a_hold_left_behind():
    """A held place whose time is over while somebody waits; nobody gives it back."""
    holder = Family()
    holder.slot.capacity = 1
    holder.slot.save()
    holder.hold()
    waiting = Family(slot=holder.slot)
    wait(waiting)
    return waiting, Hold.objects.get().expires_at + RESERVED_FOR


KEPT = pytest.mark.parametrize("kept", [a_reserved_place, an_unanswered_offer, a_hold_left_behind])


def is_shown_free(family, now):
    detainee = detainees_with_restrictions(since=NOW.date()).get(pk=family.detainee.pk)
    (day,) = calendar_of(detainee, now=now).days
    return day.is_open


@pytest.mark.django_db
@KEPT
def test_for_a_while_it_is_kept_for_those_who_wait(kept):
    waiting, until = kept()
    other = Family(slot=waiting.slot)

    assert not is_shown_free(other, until - MINUTE)
    assert refused(other.hold, now=until - MINUTE) == [Code.FULL]


@pytest.mark.django_db
@KEPT
def test_then_it_is_shown_free_and_whoever_comes_has_it(kept):
    waiting, until = kept()
    other = Family(slot=waiting.slot)

    assert is_shown_free(other, until)
    other.hold(now=until)
    other.confirm(now=until)

    assert Visit.objects.get(status="booked").booker == other.account
    assert states() in ([], ["released"], ["expired"])
    assert (taken(waiting.slot), broken(until)) == (1, set())


@pytest.mark.django_db
@KEPT
def test_without_that_guard_it_would_stay_blocked(kept, monkeypatch):
    monkeypatch.setattr(places, "_long_past_their_time", lambda slot_id, **how: [])
    waiting, until = kept()

    assert refused(Family(slot=waiting.slot).hold, now=until) == [Code.FULL]


@pytest.mark.django_db
def test_an_offer_is_accepted_as_long_as_nobody_has_taken_its_place():
    waiting, until = an_unanswered_offer()

    visit = accept_offer(
        account=waiting.account, offer_id=open_offer().pk, idempotency_key="k", now=until + timedelta(hours=1)
    )

    assert (visit.status, taken(waiting.slot)) == ("booked", 1)


@pytest.mark.django_db
def test_a_worker_that_comes_back_first_still_finds_the_family_whose_turn_it_is():
    waiting, until = a_reserved_place()

    expire_offers(now=until + timedelta(hours=9))

    assert open_offer().entry.account == waiting.account
    assert not is_shown_free(Family(slot=waiting.slot), until + timedelta(hours=9))


@pytest.mark.django_db
def test_places_of_a_slot_that_is_not_full_are_taken_first():
    owners = full(capacity=2)
    wait(Family(slot=owners[0].slot))
    cancel(owners[0])
    cancel(owners[1])

    Family(slot=owners[0].slot).book(now=NOW + timedelta(hours=1))

    assert (states(), taken(owners[0].slot)) == (["reserved"], 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(3))
def test_a_worker_that_comes_back_and_a_family_that_comes_meet(turn):
    waiting, until = a_reserved_place()
    other, place = Family(slot=waiting.slot), Offer.objects.get().pk

    _offered, booked = at_once(lambda: offer_place(offer_id=place, now=until), lambda: other.book(now=until))

    assert set(told([booked])) <= {Code.FULL}
    assert states() == (["released"] if granted([booked]) else ["open"])
    assert (taken(waiting.slot), broken(until)) == (1, set())
