"""Nobody waits, nothing is kept and nothing is offered, where the family could not come whatever the places."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.establishments.models import BookingPolicy
from parloir.people.models import Detainee
from parloir.permits.models import Permit
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, WaitingEntry
from parloir.visits.operations import (
    end_waits_that_are_over,
    expire_offers,
    judge_again,
    offer_free_places,
    offer_place,
)
from parloir.visits.operations.offering import _reasons_against
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.messages_waiting import wait_over
from parloir.visits.queries.mine import detainee_of, permits_named
from parloir.visits.queries.waiting import families_in_turn
from parloir.visits.rules import Code, VisitStatus
from tests.factories import NOW, PermitFactory, RegistrationFactory, RestrictionFactory
from tests.visits.families import Family, jobs, refused, slot_in, taken
from tests.visits.waiting_families import cancel, ends, full, offer_reserved, open_offer, states, wait

pytestmark = pytest.mark.django_db

WINDOW = {"first_day": date(2026, 11, 2), "last_day": date(2026, 11, 30)}


@pytest.fixture
def family(db):
    return Family()


def suspend(family, *, until=None):
    Permit.objects.filter(pk=family.permit.pk).update(status="suspended", suspended_until=until)


# Who may wait -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("permit", "code"),
    [
        ({"status": "suspended"}, Code.PERMIT_SUSPENDED),
        ({"status": "suspended", "suspended_until": date(2026, 11, 30)}, Code.PERMIT_SUSPENDED),
        ({"valid_from": date(2026, 12, 1)}, Code.PERMIT_NOT_YET_VALID),
    ],
)
def test_who_can_come_on_no_day_of_the_period_cannot_wait(family, permit, code):
    Permit.objects.update(**permit)

    assert refused(wait, family, **WINDOW) == [code]


def test_who_can_come_on_one_day_of_the_period_may_wait(family):
    suspend(family, until=date(2026, 11, 29))

    wait(family, **WINDOW)

    assert ends() == [""]


def test_a_permit_for_other_weekdays_than_those_waited_for_cannot_wait(family):
    Permit.objects.update(weekdays=[6, 7])

    assert refused(wait, family, weekdays=(1, 2, 3), **WINDOW) == [Code.PERMIT_WEEKDAY]


def test_a_period_without_any_of_its_weekdays_is_told_so(family):
    monday = date(2026, 11, 9)

    assert refused(wait, family, weekdays=(2,), first_day=monday, last_day=monday) == [Code.WAITING_NO_DAY]


def test_a_detained_person_who_may_see_nobody_for_the_whole_period_is_not_waited_for(family):
    RestrictionFactory(detainee=family.detainee, since=date(2026, 11, 1), until=date(2026, 12, 15))

    assert refused(wait, family, **WINDOW) == [Code.RESTRICTED]


# What the calendar promises ---------------------------------------------------------------


def calendar(family):
    detainee = detainee_of(family.account, family.detainee.pk, now=NOW)
    return calendar_of(detainee, permits=list(permits_named(family.account, detainee)), now=NOW)


def test_the_suspended_are_promised_neither_an_opening_nor_the_list(family):
    Slot.objects.all().delete()
    slot_in(family.wing, days=25)
    suspend(family)

    found = calendar(family)

    assert [refusal.code for refusal in found.refusals] == [Code.PERMIT_SUSPENDED]
    assert (found.next_opening, found.lacks_places) == (None, False)


def test_an_opening_of_days_that_the_permit_does_not_allow_yet_is_promised_to_nobody(family):
    Slot.objects.all().delete()
    slot_in(family.wing, days=25)
    slot_in(family.wing, days=45)
    assert calendar(family).next_opening is not None

    suspend(family, until=NOW.date() + timedelta(days=50))

    found = calendar(family)

    assert found.next_opening is None
    assert [refusal.code for refusal in found.refusals] == [Code.PERMIT_SUSPENDED]


def test_a_week_that_is_full_for_the_detained_person_does_not_lack_places(family):
    BookingPolicy.objects.update(weekly_maximum_prevenu=1)
    family.book()
    slot_in(family.wing, days=1, capacity=1, taken=1)

    assert not calendar(family).lacks_places


def test_days_that_are_full_lack_places(family):
    Slot.objects.update(taken=3)

    assert calendar(family).lacks_places


# What is kept and offered -----------------------------------------------------------------


def test_no_place_is_kept_for_who_could_not_come_however_often_the_list_is_looked_at():
    family = Family()
    for hours in range(1, 6):
        slot_in(family.wing, hours=hours)
    wait(family)
    suspend(family, until=date(2026, 12, 15))

    for minute in range(20):
        now = NOW + timedelta(minutes=minute)
        offer_free_places(now=now)
        for offer in Offer.objects.filter(state="reserved"):
            offer_place(offer_id=offer.pk, now=now)
        expire_offers(now=now)

    assert states() == []


def test_a_freed_place_is_everybodys_when_only_the_suspended_wait(owner, one):
    suspend(one, until=date(2026, 12, 15))

    cancel(owner)

    assert (states(), taken(owner.slot)) == ([], 0)


def test_an_offer_made_ends_when_its_family_may_no_longer_come(owner, one):
    cancel(owner)
    offer_reserved()
    assert open_offer().entry.account == one.account
    suspend(one)

    judge_again(detainee_ids=[one.detainee.pk], now=NOW)

    assert (states(), taken(owner.slot)) == (["released"], 0)


AGAINST = {
    "nothing": lambda family: None,
    "suspended": suspend,
    "suspended until the day before": lambda family: suspend(family, until=date(2026, 11, 10)),
    "suspended until the day": lambda family: suspend(family, until=date(2026, 11, 11)),
    "begins on the day": lambda family: Permit.objects.update(valid_from=date(2026, 11, 11)),
    "begins the day after": lambda family: Permit.objects.update(valid_from=date(2026, 11, 12)),
    "ends on the day": lambda family: Permit.objects.update(valid_until=date(2026, 11, 11)),
    "ends the day before": lambda family: Permit.objects.update(valid_until=date(2026, 11, 10)),
    "another weekday": lambda family: Permit.objects.update(weekdays=[1, 2]),
    "that weekday": lambda family: Permit.objects.update(weekdays=[3]),
    "separated": lambda family: Permit.objects.update(separated=True),
    "withdrawn": lambda family: Permit.objects.update(status="withdrawn"),
    "closed": lambda family: Permit.objects.update(closed_at=NOW),
    "taken out": lambda family: family.account.registrations.all().delete(),
    "restricted": lambda family: RestrictionFactory(detainee=family.detainee),
    "restricted until the day before": lambda family: RestrictionFactory(
        detainee=family.detainee, until=date(2026, 11, 10)
    ),
    "in hospital": lambda family: Detainee.objects.update(presence="hospital"),
    "released": lambda family: Detainee.objects.update(presence="released"),
    "not known yet": lambda family: Detainee.objects.update(disclose_from=date(2026, 11, 3)),
    "known today": lambda family: Detainee.objects.update(disclose_from=date(2026, 11, 2)),
    "week full": lambda family: book_beside(family, weekly_maximum_prevenu=1),
    "week not full": lambda family: book_beside(family, weekly_maximum_prevenu=2),
    "convicted, week full": lambda family: book_beside(family, category="condamne", weekly_maximum_condamne=1),
    "no maximum": lambda family: book_beside(family, weekly_maximum_prevenu=None),
    "in a cell, week full": lambda family: book_beside(family, presence="disciplinary"),
    "in a cell": lambda family: Detainee.objects.update(presence="disciplinary"),
    "day full": lambda family: book_beside(family, hours=3),
    "two a day": lambda family: book_beside(family, hours=3, daily_maximum_detainee=2, daily_maximum_visitor=2),
    "a cancelled visit beside": lambda family: book_beside(family, weekly_maximum_prevenu=1, cancelled=True),
    "used up": lambda family: book_beside(family, visits_allowed=1),
    "one left": lambda family: book_beside(family, visits_allowed=2),
}


def book_beside(
    family, *, days=1, hours=0, cancelled=False, category=None, presence=None, visits_allowed=None, **policy
):
    """Book another visit of the same week, the day after or some hours later."""
    visit = family.book(slot=slot_in(family.wing, days=0 if hours else days, hours=hours), key="beside")
    if cancelled:
        family.visit = visit
        cancel(family)
    assert cancelled or visit.status == VisitStatus.BOOKED
    Permit.objects.update(visits_allowed=visits_allowed)
    if category:
        Detainee.objects.update(category=category)
    if presence:
        Detainee.objects.update(presence=presence)
    if policy:
        BookingPolicy.objects.filter(wing=family.wing).update(**policy)


def renew(family):
    suspend(family)
    RegistrationFactory(
        account=family.account, permit=PermitFactory(detainee=family.detainee, visitor=family.permit.visitor)
    )


AGAINST["renewed"] = renew


@pytest.mark.parametrize("against", AGAINST.values(), ids=AGAINST)
def test_what_one_statement_tells_of_a_family_is_what_the_rules_say(against):
    family = Family()
    entry = wait(family)
    against(family)
    WaitingEntry.objects.update(ended_at=None, end_cause="")
    family.wing.refresh_from_db()
    slot = Slot.objects.select_related("wing__policy", "wing__establishment").get(pk=family.slot.pk)

    told = [waiting.entry_id for waiting in families_in_turn(slot, now=NOW)]

    entry.refresh_from_db()
    assert (told == []) == bool(_reasons_against(entry, Offer(slot=slot), now=NOW))


# What ends --------------------------------------------------------------------------------


def test_a_wait_of_which_no_day_is_left_ends_and_its_family_is_told_once(family):
    entry = wait(family, **WINDOW)
    suspend(family, until=date(2026, 12, 1))

    assert [end_waits_that_are_over(now=NOW) for _ in range(2)] == [1, 0]

    assert ends() == ["no_day"]
    assert jobs().count("visits.tell_wait_over") == 1
    assert wait_over(entry.pk).no_day


@pytest.mark.parametrize("until", [date(2026, 11, 5), date(2026, 11, 29)])
def test_a_wait_with_a_day_left_goes_on(family, until):
    wait(family, **WINDOW)
    suspend(family, until=until)

    assert end_waits_that_are_over(now=NOW) == 0


def test_a_wait_ends_when_its_detained_person_may_see_nobody_until_its_end(family):
    wait(family, **WINDOW)
    RestrictionFactory(detainee=family.detainee, since=date(2026, 11, 1), until=date(2026, 12, 15))

    assert (end_waits_that_are_over(now=NOW), ends()) == (1, ["no_day"])


def test_a_group_of_which_one_has_no_permit_any_more_is_asked_to_change_and_keeps_its_turn(family):
    child = family.add()
    wait(family, family.permit, child, **WINDOW)
    Permit.objects.filter(pk=child.pk).update(status="withdrawn")

    assert end_waits_that_are_over(now=NOW) == 0


def test_a_renewed_permit_keeps_a_wait(family):
    wait(family, **WINDOW)
    renew(family)

    assert end_waits_that_are_over(now=NOW) == 0


def test_who_waits_for_a_full_slot_is_still_served():
    owner = full()[0]
    family = Family(slot=owner.slot)
    wait(family)

    cancel(owner)
    offer_reserved()

    assert open_offer().entry.account == family.account
