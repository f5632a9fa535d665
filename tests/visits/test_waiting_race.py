"""Accepting at the very moment at which an offer passes on: one of the two, and the place is never lost nor doubled."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from parloir.visits.models import Offer, Visit
from parloir.visits.operations import VisitRefused, accept_offer, decline_offer, expire_offers, offer_place
from parloir.visits.rules import Code, OfferState, VisitStatus
from tests.factories import NOW
from tests.serving import database_url
from tests.visits.families import Family, broken, taken
from tests.visits.test_worker import is_blocked, until
from tests.visits.waiting_families import SOON, cancel, full, offer_reserved, open_offer, states, wait

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

    offers = list(Offer.objects.filter(state=OfferState.OPEN))
    assert {offer.entry.account_id for offer in offers} == {family.account.pk for family in families}
    assert (taken(owners[0].slot), broken()) == (2, set())


@pytest.fixture
def in_other_hands():
    """Of two families that wait for a place, the first is in another writer's hands; gives its wait and the writer."""
    (owner,) = full()
    entry = wait(Family(slot=owner.slot))
    wait(Family(slot=owner.slot), now=NOW + timedelta(seconds=1))
    cancel(owner)
    with psycopg.connect(database_url()) as writer:
        writer.execute("SELECT FROM visits_waitingentry WHERE id = %s FOR UPDATE", [entry.pk])
        yield entry, writer


def test_a_family_whose_wait_is_in_other_hands_does_not_lose_its_turn(in_other_hands):
    entry, writer = in_other_hands
    place = Offer.objects.get().pk

    def let_go():
        until(is_blocked)
        writer.rollback()

    together(lambda: offer_place(offer_id=place, now=SOON), let_go)

    assert (states(), open_offer().entry) == (["open"], entry)


WAITS_NO_MORE = "UPDATE visits_waitingentry SET ended_at = now(), end_cause = 'left' WHERE id = %s"
WAITS_FOR_ANOTHER_DAY = "UPDATE visits_waitingentry SET last_day = first_day WHERE id = %s"
HAD_THIS_PLACE = """
    INSERT INTO visits_offer (slot_id, entry_id, state, accessible, made_at, expires_at, ended_at)
    SELECT slot_id, %s, 'declined', false, made_at, expires_at, made_at FROM visits_offer"""


@pytest.mark.parametrize(
    "meanwhile",
    [WAITS_NO_MORE, WAITS_FOR_ANOTHER_DAY, HAD_THIS_PLACE],
    ids=["waits no more", "waits for another day", "had this place"],
)
def test_a_family_that_was_in_other_hands_and_is_served_is_passed_over(in_other_hands, meanwhile):
    entry, writer = in_other_hands
    place = Offer.objects.get().pk

    def serve():
        until(is_blocked)
        writer.execute(meanwhile, [entry.pk])
        writer.commit()

    together(lambda: offer_place(offer_id=place, now=SOON), serve)

    assert open_offer().pk == place
    assert open_offer().entry_id != entry.pk


def test_in_other_hands_for_long_it_is_tried_again_and_the_sweep_leaves_it(in_other_hands):
    entry, writer = in_other_hands
    place = Offer.objects.get().pk
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        with pytest.raises(OperationalError):
            offer_place(offer_id=place, now=SOON)
        expire_offers(now=LATE)
        left = states()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    writer.rollback()
    expire_offers(now=LATE)

    assert (left, states(), open_offer().entry) == (["reserved"], ["open"], entry)
