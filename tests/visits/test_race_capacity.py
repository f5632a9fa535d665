"""Places cut while one is given back, or offered: no new family comes in beyond the cut; what each guard is for."""

from __future__ import annotations

import pytest

from parloir.journal.operations import Actor
from parloir.visits.models import Allowance, Offer
from parloir.visits.operations import change_capacity, offer_place, offering, reserving
from parloir.visits.rules import CapacityChoice
from tests.factories import NOW
from tests.visits.crowd import after, at_once, granted
from tests.visits.families import Family, broken
from tests.visits.unguarded import waited_for_without_lock
from tests.visits.waiting_families import cancel, full, offer_reserved, states, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

ROUNDS = [0, 1, *(pytest.param(turn, marks=pytest.mark.soak) for turn in range(2, 20))]
AGENT = Actor("staff", 7)


def cut(slot, capacity=2):
    keep = CapacityChoice.KEEP
    change_capacity(slot_id=slot.pk, capacity=capacity, choice=keep, reason="Travaux", actor=AGENT, now=NOW)


def a_full_slot():
    """A slot with three visits, for which one more family waits."""
    owners = full(capacity=3)
    wait(Family(slot=owners[0].slot))
    return owners[0], owners[0].slot


def counted(slot):
    slot.refresh_from_db()
    return slot.capacity, slot.taken, slot.overbooked


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_cut_and_a_cancellation_meet(turn):
    owner, slot = a_full_slot()

    outcomes = at_once(lambda: cancel(owner), lambda: cut(slot))
    offer_reserved()

    assert len(granted(outcomes)) == 2
    assert states() in ([], ["released"])
    assert counted(slot) == (2, 2, 0)
    assert broken() == set()


def test_a_slot_not_locked_when_what_is_waited_for_is_counted_would_keep_a_place_beyond_a_cut(monkeypatch):
    monkeypatch.setattr(reserving, "_waited_for", waited_for_without_lock)
    owner, slot = a_full_slot()

    at_once(lambda: cancel(owner), after(0.2, lambda: cut(slot)))

    assert (states(), counted(slot)) == (["reserved"], (2, 3, 1))


def test_a_place_kept_before_a_cut_would_be_offered_beyond_it_if_nobody_looked_again(monkeypatch):
    monkeypatch.setattr(offering, "_fits", lambda offer: True)
    owner, slot = a_full_slot()
    cancel(owner)
    cut(slot)

    offer_reserved()

    assert (states(), counted(slot)) == (["open"], (2, 3, 1))


@pytest.mark.parametrize("turn", ROUNDS)
def test_a_cut_and_the_offering_of_a_place_meet(turn):
    owner, slot = a_full_slot()
    cancel(owner)
    place = Offer.objects.get().pk

    outcomes = at_once(lambda: offer_place(offer_id=place, now=NOW), lambda: cut(slot))

    assert len(granted(outcomes)) == 2
    # Offered first, it is the family's, and counted as beyond capacity; cut first, it is nobody's.
    assert (states(), counted(slot)) in ((["open"], (2, 3, 1)), (["released"], (2, 2, 0)))
    assert list(Allowance.objects.values_list("places", flat=True)) in ([1], [])
    assert broken() == set()
