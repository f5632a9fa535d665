"""Accepting at the very moment at which an offer passes on: one of the two, and the place is never lost nor doubled."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from parloir.notifications.rules import TryLater
from parloir.visits.models import Offer, Visit
from parloir.visits.operations import VisitRefused, accept_offer, decline_offer, expire_offers, offer_place
from parloir.visits.rules import Code, OfferState, VisitStatus
from parloir.visits.tasks import offer_place as offer_place_task
from tests.factories import NOW
from tests.visits.families import Family, broken, taken
from tests.visits.waiting_families import cancel, full, offer_reserved, open_offer, states, wait

pytestmark = pytest.mark.django_db(transaction=True)

LATE = NOW + timedelta(hours=12)
ROUNDS = 12


def together(*actions):
    """Do several things at once, each on a connection of its own; return what each gave, or its refusal."""
    start = threading.Barrier(len(actions))

    def run(action):
        try:
            start.wait()
            return action()
        except VisitRefused as refused:
            return [reason.code for reason in refused.refusals]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as crowd:
        return list(crowd.map(run, actions))


def offered():
    """Return the family that is offered the only place of a slot, one that waits behind it, and the offer."""
    (owner,) = full()
    one, two = Family(slot=owner.slot), Family(slot=owner.slot)
    wait(one)
    wait(two, now=NOW + timedelta(minutes=1))
    cancel(owner)
    offer_reserved()
    return one, two, open_offer()


def accepting(family, offer, key="k"):
    return lambda: accept_offer(account=family.account, offer_id=offer.pk, idempotency_key=key, now=LATE)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_offer_is_accepted_or_passed_on_and_never_both(_round):
    one, _two, offer = offered()

    visit, passed_on = together(accepting(one, offer), lambda: expire_offers(now=LATE))

    if passed_on:
        assert (visit, states()) == ([Code.OFFER_OVER], ["expired", "reserved"])
    else:
        assert (visit.status, states()) == (VisitStatus.BOOKED, ["accepted"])
    assert taken(offer.slot) == 1
    assert broken() == set()


def test_an_offer_accepted_by_six_fingers_is_one_visit():
    one, _two, offer = offered()

    visits = together(*[accepting(one, offer)] * 6)

    assert len({visit.pk for visit in visits}) == 1
    assert Visit.objects.filter(status=VisitStatus.BOOKED).count() == 1
    assert (states(), taken(offer.slot), broken()) == (["accepted"], 1, set())


def test_accepting_and_declining_at_once_is_one_of_the_two():
    one, _two, offer = offered()

    visit, _none = together(
        accepting(one, offer), lambda: decline_offer(account=one.account, offer_id=offer.pk, now=LATE)
    )

    assert states() in (["accepted"], ["declined", "reserved"])
    assert (visit == [Code.OFFER_OVER]) == (states() != ["accepted"])
    assert (taken(offer.slot), broken()) == (1, set())


def test_two_workers_offer_two_places_to_two_families():
    owners = full(capacity=2)
    families = [Family(slot=owners[0].slot) for _ in range(2)]
    for family in families:
        wait(family)
    for owner in owners:
        cancel(owner)
    reserved = list(Offer.objects.values_list("pk", flat=True))

    together(*[lambda pk=pk: offer_place(offer_id=pk, now=NOW) for pk in reserved * 2])
    expire_offers(now=NOW + timedelta(minutes=1))  # a worker that finds the next family in other hands tries again then

    offers = list(Offer.objects.filter(state=OfferState.OPEN))
    assert {offer.entry.account_id for offer in offers} == {family.account.pk for family in families}
    assert (taken(owners[0].slot), broken()) == (2, set())


def test_a_family_whose_wait_is_in_other_hands_does_not_lose_its_turn():
    """The job tries again in seconds; were it lost, the sweep would a minute later."""
    (owner,) = full()
    one = Family(slot=owner.slot)
    entry = wait(one)
    cancel(owner)
    held, done = threading.Event(), threading.Event()

    def hold_it():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT FROM visits_waitingentry WHERE id = %s FOR UPDATE", [entry.pk])
            held.set()
            done.wait(20)
            cursor.execute("ROLLBACK")
        connection.close()

    other = threading.Thread(target=hold_it)
    other.start()
    held.wait(20)
    with time_machine.travel(NOW, tick=False), pytest.raises(TryLater):
        offer_place_task(offer_id=Offer.objects.get().pk)
    done.set()
    other.join()

    assert states() == ["reserved"]
    assert Offer.objects.get().expires_at == NOW + timedelta(minutes=1)
    expire_offers(now=NOW + timedelta(minutes=1))
    assert (states(), open_offer().entry) == (["open"], entry)
