"""Joining the waiting list, leaving it, and what ends a wait."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from parloir.journal.models import Entry
from parloir.journal.queries import entries as journal_entries
from parloir.visits.models import Offer, Visit, WaitingEntry
from parloir.visits.operations import (
    end_waits_that_are_over,
    expire_offers,
    follow_those_who_moved,
    leave_waiting_list,
    wait_first_after_transfer,
)
from parloir.visits.operations.waits import end_wait_by_booking
from parloir.visits.rules import Code, OfferState
from tests.factories import NOW, PolicyFactory
from tests.visits.families import Family, broken, refused, slot_in, taken
from tests.visits.waiting_families import cancel, ends, full, offer_reserved, open_offer, states, wait

pytestmark = pytest.mark.django_db


# Joining ----------------------------------------------------------------------------------


def test_a_family_waits_as_a_group_for_its_days_and_hours():
    family = Family()
    child = family.add()

    entry = wait(family, family.permit, child, weekdays=(6, 3), earliest=time(12), notice_hours=48)

    entry.refresh_from_db()
    assert entry.permit_ids == sorted([family.permit.pk, child.pk])
    assert (entry.weekdays, entry.earliest, entry.latest) == ([3, 6], time(12), time(23, 59))
    assert (entry.notice_hours, entry.wing, entry.since, entry.active_from) == (
        48,
        family.wing,
        NOW,
        date(2026, 11, 2),
    )
    assert journal_entries().filter(verb="wait.asked", subject_id=entry.pk).count() == 1


def test_asking_again_replaces_the_terms_and_keeps_the_turn():
    family = Family()
    first = wait(family)

    again = wait(family, now=NOW + timedelta(days=3), first_day=date(2026, 11, 9), accessible=True)

    assert (again.pk, again.since, again.first_day, again.accessible) == (first.pk, NOW, date(2026, 11, 9), True)
    assert WaitingEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"last_day": date(2027, 1, 1)}, Code.WAITING_PERIOD),
        ({"first_day": date(2026, 11, 1)}, Code.WAITING_PERIOD),
    ],
)
def test_a_senseless_period_is_refused(about, code):
    assert refused(wait, Family(), **about) == [code]
    assert WaitingEntry.objects.count() == 0


def test_a_child_alone_cannot_wait():
    family = Family()

    assert refused(wait, family, family.add()) == [Code.MINOR_NEEDS_ADULT]


def test_somebody_elses_permit_cannot_wait():
    family = Family()

    assert refused(wait, family, family.permit, Family(slot=family.slot).permit) == [Code.NOT_REGISTERED]


def test_nobody_waits_where_nothing_is_sold_online():
    family = Family()
    family.wing.establishment.online_booking = "none: empty"
    family.wing.establishment.save()

    assert refused(wait, family) == [Code.NO_ONLINE_BOOKING]


def test_nobody_waits_in_a_prison_not_yet_known():
    family = Family()
    family.detainee.disclose_from = date(2026, 11, 20)
    family.detainee.save()

    assert refused(wait, family) == [Code.NOT_DISCLOSED]


def test_a_stranger_cannot_wait_for_somebody():
    family, stranger = Family(), Family()
    stranger.detainee = family.detainee

    assert refused(wait, stranger) == [Code.TRY_AGAIN]


# Leaving ----------------------------------------------------------------------------------


def test_leaving_ends_the_wait():
    family = Family()
    entry = wait(family)

    leave_waiting_list(account=family.account, entry_id=entry.pk, now=NOW)
    leave_waiting_list(account=family.account, entry_id=entry.pk, now=NOW)

    assert ends() == ["left"]
    assert Entry.objects.filter(verb="wait.ended").count() == 1


def test_only_the_family_itself_leaves():
    entry = wait(Family())

    with pytest.raises(WaitingEntry.DoesNotExist):
        leave_waiting_list(account=Family().account, entry_id=entry.pk, now=NOW)


def test_leaving_passes_on_what_is_offered():
    (owner,) = full()
    one, two = Family(slot=owner.slot), Family(slot=owner.slot)
    entry = wait(one)
    other = wait(two, now=NOW + timedelta(minutes=1))
    cancel(owner)
    offer_reserved()
    assert open_offer().entry == entry

    leave_waiting_list(account=one.account, entry_id=entry.pk, now=NOW)
    offer_reserved()

    assert states() == ["declined", "open"]
    assert open_offer().entry == other
    assert taken(owner.slot) == 1
    assert broken() == set()


# Having what one waited for ---------------------------------------------------------------


def test_booking_a_slot_such_as_one_waited_for_ends_the_wait():
    family = Family()
    wait(family)

    family.book()

    assert ends() == ["booked"]


def test_a_family_that_left_meanwhile_has_nothing_to_end():
    family = Family()

    assert end_wait_by_booking(account=family.account, detainee=family.detainee, slots=[family.slot], now=NOW) == []


def test_booking_another_slot_changes_nothing():
    family = Family()
    wait(family, weekdays=(6,))

    family.book()

    assert ends() == [""]


def test_booking_elsewhere_leaves_what_was_offered_to_the_next():
    (owner,) = full()
    one, two = Family(slot=owner.slot), Family(slot=owner.slot)
    wait(one)
    wait(two, now=NOW + timedelta(minutes=1))
    cancel(owner)
    offer_reserved()
    other = slot_in(owner.wing, days=1)

    one.book(slot=other)

    assert ends() == ["booked", ""]
    assert states() == ["declined", "reserved"]
    assert (taken(owner.slot), taken(other)) == (1, 1)
    assert broken() == set()


def test_confirming_a_draft_leaves_what_was_offered_to_everybody_when_nobody_else_waits():
    (owner,) = full()
    one = Family(slot=owner.slot)
    wait(one)
    cancel(owner)
    offer_reserved()
    other = slot_in(owner.wing, days=-1)
    one.hold(other)
    one.choose()

    one.confirm(other)

    assert states() == ["declined"]
    assert (taken(owner.slot), taken(other)) == (0, 1)
    assert broken() == set()


# What ends a wait by itself ---------------------------------------------------------------


def test_a_wait_ends_with_its_period():
    wait(Family(), last_day=date(2026, 11, 5))

    assert end_waits_that_are_over(now=NOW + timedelta(days=3)) == 0
    assert end_waits_that_are_over(now=NOW + timedelta(days=4)) == 1
    assert ends() == ["over"]


def test_the_last_day_is_the_prisons_own():
    family = Family()
    family.wing.establishment.time_zone = "Pacific/Noumea"
    family.wing.establishment.save()
    wait(family, last_day=date(2026, 11, 5))

    assert end_waits_that_are_over(now=NOW + timedelta(days=3, hours=4)) == 1


@pytest.mark.parametrize("harm", ["released", "removed", "closed", "withdrawn"])
def test_a_family_that_may_no_longer_visit_waits_no_more(harm):
    family = Family()
    wait(family)
    if harm == "released":
        family.detainee.presence = "released"
        family.detainee.save()
    elif harm == "removed":
        family.permit.registrations.all().delete()
    else:
        family.permit.closed_at = NOW if harm == "closed" else None
        family.permit.status = "withdrawn" if harm == "withdrawn" else "active"
        family.permit.save()

    assert end_waits_that_are_over(now=NOW) == 1
    assert ends() == ["gone"]


def test_a_wait_that_ends_passes_on_what_is_offered():
    (owner,) = full()
    one, two = Family(slot=owner.slot), Family(slot=owner.slot)
    wait(one)
    wait(two, now=NOW + timedelta(minutes=1))
    cancel(owner)
    offer_reserved()
    one.permit.registrations.all().delete()

    end_waits_that_are_over(now=NOW)

    assert states() == ["expired", "reserved"]
    assert taken(owner.slot) == 1
    assert broken() == set()


def test_those_who_still_wait_are_left_alone():
    wait(Family())

    assert end_waits_that_are_over(now=NOW) == 0
    assert ends() == [""]


# Transfers --------------------------------------------------------------------------------


def move(family, **about):
    family.detainee.wing = PolicyFactory().wing
    family.detainee.disclose_from = about.get("disclose_from")
    family.detainee.save()


def first_after_transfer(family, active_from=date(2026, 11, 2)):
    wait_first_after_transfer(
        WaitingEntry.objects.filter(account=family.account, ended_at__isnull=True).first(),
        account_id=family.account.pk,
        detainee=family.detainee,
        permit_ids=[family.permit.pk],
        active_from=active_from,
        now=NOW,
    )


def test_a_family_moved_by_a_transfer_waits_first_in_the_new_wing():
    family = Family()
    move(family)

    first_after_transfer(family, active_from=date(2026, 11, 10))

    entry = WaitingEntry.objects.get()
    assert (entry.wing, entry.moved, entry.active_from) == (family.detainee.wing, True, date(2026, 11, 10))
    assert (entry.first_day, entry.last_day) == (date(2026, 11, 10), date(2027, 1, 8))
    assert (entry.weekdays, entry.permit_ids, entry.notice_hours) == ([1, 2, 3, 4, 5, 6, 7], [family.permit.pk], 0)


def test_a_family_that_waited_already_keeps_its_turn_after_a_transfer():
    (owner,) = full()
    one, two = Family(slot=owner.slot), Family(slot=owner.slot)
    before = wait(one, weekdays=(3,))
    wait(two, now=NOW + timedelta(minutes=1))
    cancel(owner)
    offer_reserved()
    move(one)

    first_after_transfer(one)
    expire_offers(now=NOW)
    offer_reserved()

    entry = WaitingEntry.objects.get(account=one.account)
    assert (entry.pk, entry.since, entry.wing, entry.moved) == (before.pk, NOW, one.detainee.wing, True)
    assert states() == ["expired", "open"]
    assert open_offer().entry.account == two.account
    assert broken() == set()


def test_the_moved_family_is_offered_the_new_wings_first_place():
    (owner,) = full()
    wait(Family(slot=owner.slot), now=NOW - timedelta(days=1))
    moved = Family(slot=owner.slot)
    first_after_transfer(moved)

    cancel(owner)
    offer_reserved()

    assert open_offer().entry.account == moved.account


def test_before_its_day_a_moved_family_is_offered_nothing():
    (owner,) = full()
    first_after_transfer(Family(slot=owner.slot), active_from=date(2026, 11, 3))

    cancel(owner)

    assert states() == []
    assert taken(owner.slot) == 0


def test_a_wait_follows_a_person_who_moved_from_the_day_it_may_be_known():
    (owner,) = full()
    family = Family(slot=owner.slot)
    wait(family)
    cancel(owner)
    offer_reserved()
    move(family, disclose_from=date(2026, 11, 20))

    assert follow_those_who_moved(now=NOW) == 1
    assert follow_those_who_moved(now=NOW) == 0

    entry = WaitingEntry.objects.get()
    assert (entry.wing, entry.active_from, entry.moved) == (family.detainee.wing, date(2026, 11, 20), False)
    assert Offer.objects.get(state=OfferState.OPEN).expires_at == NOW
    expire_offers(now=NOW)
    assert (states(), taken(owner.slot)) == (["expired"], 0)
    assert Visit.objects.filter(status="booked").count() == 0
