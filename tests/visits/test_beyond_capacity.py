"""What a family holds or was offered is its own until its time is over, whatever an exception or a cut did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.visits.models import Allowance, Offer
from parloir.visits.operations import accept_offer, change_capacity, drop_draft, offer_place
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.facts import detainees_with_restrictions
from parloir.visits.queries.people import party_for
from parloir.visits.rules import AllowanceKind, CapacityChoice, Code
from tests.factories import NOW
from tests.visits.families import Family, broken, refused, slot_in
from tests.visits.waiting_families import cancel, full, offer_reserved, open_offer, states, wait

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 7)
WHY = "Décès dans la famille"


def overbook(slot, times=2):
    """An agent lets more families in than there are places."""
    for _ in range(times):
        Family(slot=slot).book(channel=Channel.DESK, agent=AGENT, allowances={AllowanceKind.OVERBOOKING: WHY})


def cut_and_keep(slot):
    """An agent leaves one place of three, and keeps whoever has one."""
    keep = CapacityChoice.KEEP
    change_capacity(slot_id=slot.pk, capacity=1, choice=keep, reason="Travaux", actor=AGENT, now=NOW)


def three_who_hold():
    first = Family()
    families = [first, Family(slot=first.slot), Family(slot=first.slot)]
    for family in families:
        family.hold()
        family.choose()
    return families


def counted(slot):
    slot.refresh_from_db()
    allowed = sum(Allowance.objects.filter(slot=slot).values_list("places", flat=True))
    return slot.capacity, slot.taken, slot.overbooked, allowed


BEYOND = pytest.mark.parametrize(
    ("exception", "expected"), [(overbook, (3, 5, 2, 2)), (cut_and_keep, (1, 3, 2, 2))], ids=["overbooking", "cut"]
)


@BEYOND
def test_every_place_that_is_held_is_confirmed(exception, expected):
    families = three_who_hold()
    slot = families[0].slot

    exception(slot)
    booked = [family.confirm() for family in families]

    assert [visit.status for visit in booked] == ["booked"] * 3
    assert counted(slot) == expected
    assert broken() == set()


@BEYOND
def test_a_place_that_is_held_is_shown_as_the_family_s_own(exception, expected):
    families = three_who_hold()
    slot, family = families[0].slot, families[0]

    exception(slot)

    detainee = detainees_with_restrictions(since=NOW.date()).get(pk=family.detainee.pk)
    (day,) = calendar_of(detainee, own_slot_ids={slot.pk}, now=NOW).days
    party = party_for(family.account, detainee, slot, chosen={family.permit.pk}, keeps_place=True, now=NOW)
    assert (day.times[0].is_open, party.refusals) == (True, ())


@BEYOND
def test_a_place_that_is_held_may_be_chosen_again_and_with_other_people(exception, expected):
    families = three_who_hold()
    family = families[0]
    child = family.add()

    exception(family.slot)
    family.hold()
    family.choose(family.permit, child)

    assert family.confirm().attendances.count() == 2
    assert counted(family.slot) == expected


@BEYOND
def test_without_an_accessible_cabin_left_that_is_what_is_told(exception, expected):
    family = three_who_hold()[0]

    exception(family.slot)

    assert refused(family.choose, family.permit, accessible=True) == [Code.ACCESSIBLE_FULL]


@BEYOND
def test_an_offer_that_was_made_is_accepted(exception, expected):
    owners = full(capacity=3)
    slot = owners[0].slot
    waiting = Family(slot=slot)
    wait(waiting)
    cancel(owners[0])
    offer_reserved()

    exception(slot)
    visit = accept_offer(account=waiting.account, offer_id=open_offer().pk, idempotency_key="k", now=NOW)

    assert visit.status == "booked"
    assert counted(slot) == expected
    assert broken() == set()


@BEYOND
def test_a_change_whose_new_place_is_held_is_confirmed(exception, expected):
    family = Family()
    visit = family.book()
    new = slot_in(family.wing, days=1, capacity=3)
    for other in (Family(slot=new), Family(slot=new)):
        other.hold()
    family.hold(new, replaces=visit)

    exception(new)
    family.confirm(new, key="k2")

    visit.refresh_from_db()
    assert (visit.slot_id, visit.status) == (new.pk, "booked")
    assert counted(new) == expected
    assert broken() == set()


@BEYOND
def test_once_its_time_is_over_a_place_beyond_capacity_is_nobody_s(exception, expected):
    families = three_who_hold()
    family, over = families[0], NOW + timedelta(minutes=11)

    exception(family.slot)
    families[1].confirm()
    families[2].confirm()

    assert refused(family.confirm, now=over) == [Code.FULL]
    assert counted(family.slot) == expected


@BEYOND
def test_nobody_else_comes_in_beyond_capacity(exception, expected):
    families = three_who_hold()
    slot = families[0].slot

    exception(slot)

    assert refused(Family(slot=slot).hold) == [Code.FULL]
    assert refused(Family(slot=slot).book) == [Code.FULL]


@BEYOND
def test_a_place_kept_for_nobody_yet_is_not_offered_beyond_capacity(exception, expected):
    owners = full(capacity=3)
    slot = owners[0].slot
    wait(Family(slot=slot))
    cancel(owners[0])

    exception(slot)
    offer_place(offer_id=Offer.objects.get().pk, now=NOW)

    _capacity, sold, overbooked, _allowed = counted(slot)
    assert states() == ["released"]
    assert (sold, overbooked) == (expected[1] - 1, expected[2] - 1)
    assert broken() == set()


def test_the_other_places_kept_for_nobody_yet_are_offered_once_they_fit():
    owners = full(capacity=3)
    slot = owners[0].slot
    for _ in range(2):
        wait(Family(slot=slot))
    cancel(owners[0])
    cancel(owners[1])

    overbook(slot, times=1)
    offer_reserved()

    assert sorted(states()) == ["open", "released"]
    assert counted(slot) == (3, 3, 0, 1)
    assert broken() == set()


def test_more_beyond_capacity_than_was_allowed_is_found():
    families = three_who_hold()
    slot = families[0].slot
    cut_and_keep(slot)

    Allowance.objects.update(places=1)

    assert broken() == {"overbooked_place_was_allowed"}


def test_what_is_given_back_is_taken_off_what_is_beyond_capacity_first():
    families = three_who_hold()
    slot = families[0].slot
    cut_and_keep(slot)

    for family in families[:2]:
        drop_draft(account=family.account, detainee_id=family.detainee.pk, now=NOW)

    assert counted(slot) == (1, 1, 0, 2)
    assert broken() == set()


def test_what_is_given_back_beyond_capacity_is_kept_for_nobody_however_many_wait():
    owners = full(capacity=3)
    slot = owners[0].slot
    for _ in range(3):
        wait(Family(slot=slot))
    cut_and_keep(slot)

    cancel(owners[0])
    beyond = (states(), counted(slot))
    cancel(owners[1])
    just_full = (states(), counted(slot))
    cancel(owners[2])

    assert beyond == ([], (1, 2, 1, 2))
    assert just_full == ([], (1, 1, 0, 2))
    assert (states(), counted(slot)) == (["reserved"], (1, 1, 0, 2))
    assert broken() == set()
