"""Who is offered a freed place, and for how long: each rule in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from parloir.establishments.rules import Channel, OnlineBooking, PenalCategory, Policy
from parloir.people.rules import Presence, RestrictionKind
from parloir.permits.rules import PermitStatus
from parloir.visits.rules import (
    BookingFacts,
    Code,
    DetaineeFacts,
    PersonFacts,
    Refusal,
    RestrictionFacts,
    SlotFacts,
    Terms,
    Waiting,
    compete,
    offer_expires_at,
    reasons_to_refuse_waiting,
    suits,
    waiting_order,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TODAY = date(2026, 11, 2)
WEDNESDAY = datetime(2026, 11, 11, 13, tzinfo=UTC)
POLICY = Policy()


def family(entry_id, *, days=0, **about):
    return Waiting(entry_id=entry_id, since=NOW - timedelta(days=days), **{"active_from": TODAY, **about})


def order(*families, recent_days=14):
    return [waiting.entry_id for waiting in waiting_order(families, today=TODAY, recent_days=recent_days)]


# The order --------------------------------------------------------------------------------


def test_who_has_waited_longest_comes_first():
    assert order(family(1, days=1), family(2, days=5), family(3)) == [2, 1, 3]


def test_a_relative_without_a_recent_visit_comes_before_a_longer_wait():
    visited = family(1, days=30, last_visit=date(2026, 10, 25))

    assert order(visited, family(2, days=1)) == [2, 1]


@pytest.mark.parametrize(
    ("last_visit", "expected"),
    [(date(2026, 10, 19), [2, 1]), (date(2026, 10, 18), [1, 2]), (date(2026, 11, 20), [2, 1])],
    ids=["on the last recent day", "the day before it", "booked already"],
)
def test_a_visit_is_recent_for_the_prisons_days_and_one_to_come_counts(last_visit, expected):
    assert order(family(1, days=9, last_visit=last_visit), family(2)) == expected


def test_a_family_whose_visits_a_transfer_took_away_comes_before_all():
    moved = family(1, moved=True, last_visit=TODAY)

    assert order(family(2, days=50), moved) == [1, 2]


def test_families_that_joined_at_the_same_instant_keep_one_order():
    assert order(family(3), family(1), family(2)) == [1, 2, 3]


def test_a_family_is_not_counted_before_its_day():
    assert order(family(1, active_from=TODAY + timedelta(days=1), moved=True), family(2)) == [2]


# What suits -------------------------------------------------------------------------------

TERMS = Terms(
    first_day=date(2026, 11, 4), last_day=date(2026, 11, 30), weekdays=(3, 6), earliest=time(12), latest=time(23, 59)
)


def is_suited(terms=TERMS, *, starts_at=WEDNESDAY, now=NOW):
    return suits(terms, starts_at=starts_at, local=starts_at.astimezone(PARIS), now=now)


def test_a_slot_on_the_days_and_hours_of_a_family_suits_it():
    assert is_suited()


@pytest.mark.parametrize(
    "about",
    [
        {"first_day": date(2026, 11, 12)},
        {"last_day": date(2026, 11, 10)},
        {"weekdays": (1, 2, 4)},
        {"earliest": time(14, 1)},
        {"latest": time(13, 59)},
    ],
)
def test_another_day_or_hour_does_not(about):
    assert not is_suited(replace(TERMS, **about))


def test_the_first_and_the_last_day_suit_too():
    assert is_suited(replace(TERMS, first_day=WEDNESDAY.date(), last_day=WEDNESDAY.date()))


def test_hours_are_the_prisons_own():
    assert is_suited(replace(TERMS, earliest=time(14), latest=time(14)))


def test_a_family_is_left_the_notice_it_needs():
    terms = replace(TERMS, notice_hours=72)

    assert is_suited(terms, now=WEDNESDAY - timedelta(hours=72))
    assert not is_suited(terms, now=WEDNESDAY - timedelta(hours=71, minutes=59))


def test_notice_is_elapsed_time_in_the_night_the_clocks_change():
    sunday = datetime(2026, 10, 25, 13, tzinfo=UTC).astimezone(PARIS)
    terms = replace(TERMS, first_day=date(2026, 10, 20), weekdays=(7,), notice_hours=24)

    assert is_suited(terms, starts_at=sunday, now=datetime(2026, 10, 24, 13, tzinfo=UTC))
    assert not is_suited(terms, starts_at=sunday, now=datetime(2026, 10, 24, 13, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, True),
        ({"first_day": date(2026, 12, 1), "last_day": date(2026, 12, 9)}, False),
        ({"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 3)}, False),
        ({"weekdays": (1, 2)}, False),
        ({"first_day": date(2026, 11, 5), "last_day": date(2026, 11, 6)}, False),
        ({"first_day": date(2026, 11, 5), "last_day": date(2026, 11, 7)}, True),
        ({"earliest": time(0), "latest": time(11, 59)}, False),
        ({"earliest": time(0), "latest": time(12)}, True),
    ],
)
def test_families_compete_when_some_day_and_hour_suit_both(about, expected):
    other = replace(TERMS, **about)

    assert (compete(TERMS, other), compete(other, TERMS)) == (expected, expected)


def test_hours_that_end_before_the_others_begin_are_not_shared():
    morning = replace(TERMS, earliest=time(8), latest=time(11))

    assert not compete(morning, TERMS)


# For how long -----------------------------------------------------------------------------


def kept(before, *, notice_hours=0, policy=POLICY):
    """Return for how long a place is kept when it is offered so long before the visit."""
    now = WEDNESDAY - before
    until = offer_expires_at(starts_at=WEDNESDAY, notice_hours=notice_hours, policy=policy, zone=PARIS, now=now)
    return until and until - now


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(days=20), timedelta(hours=12)),
        (timedelta(days=7), timedelta(hours=12)),
        (timedelta(days=7) - timedelta(minutes=1), timedelta(hours=4)),
        (timedelta(days=3), timedelta(hours=4)),
        (timedelta(days=3) - timedelta(minutes=1), timedelta(hours=1)),
        (timedelta(hours=36), timedelta(hours=1)),
        (timedelta(hours=36) - timedelta(minutes=1), timedelta(minutes=30)),
        (timedelta(hours=25), timedelta(minutes=30)),
    ],
)
def test_the_nearer_the_visit_the_shorter_an_offer(before, expected):
    assert kept(before) == expected


def test_an_offer_ends_when_online_booking_closes():
    assert kept(timedelta(hours=24, minutes=25)) == timedelta(minutes=25)


def test_an_offer_leaves_the_notice_a_family_needs():
    assert kept(timedelta(days=7, hours=2), notice_hours=7 * 24) == timedelta(hours=2)


@pytest.mark.parametrize("before", [timedelta(hours=24, minutes=19), timedelta(hours=24), timedelta(hours=1)])
def test_an_offer_too_late_to_be_answered_is_not_made(before):
    assert kept(before) is None


def test_the_shortest_offer_is_twenty_minutes():
    assert kept(timedelta(hours=24, minutes=20)) == timedelta(minutes=20)


def test_a_prison_sets_for_how_long():
    assert kept(timedelta(days=8), policy=Policy(offer_minutes=(90, 60, 45, 30))) == timedelta(minutes=90)


# Who may wait -----------------------------------------------------------------------------

PERSON = PersonFacts(permit_id=1, birth_date=date(1992, 1, 30), valid_from=date(2026, 10, 1))
FACTS = BookingFacts(
    now=NOW,
    channel=Channel.ONLINE,
    policy=POLICY,
    zone=PARIS,
    slot=SlotFacts(wing_id=1, starts_at=WEDNESDAY, local_date=date(2026, 11, 4), free=1),
    detainee=DetaineeFacts(wing_id=1, category=PenalCategory.PREVENU),
    people=(PERSON,),
)


def refusals(facts=FACTS, last_day=date(2026, 11, 30)):
    return [refusal.code for refusal in reasons_to_refuse_waiting(facts, last_day=last_day, today=TODAY)]


def test_a_family_that_may_visit_may_wait():
    assert refusals() == []


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"status": PermitStatus.WITHDRAWN}, Code.PERMIT_WITHDRAWN),
        ({"closed": True}, Code.PERMIT_CLOSED),
        ({"separated": True}, Code.PERMIT_SEPARATED),
        ({"valid_until": date(2026, 11, 3)}, Code.PERMIT_EXPIRED),
        ({"birth_date": date(2018, 5, 1)}, Code.MINOR_NEEDS_ADULT),
    ],
)
def test_a_person_who_could_come_on_no_day_keeps_the_family_from_waiting(about, code):
    assert refusals(replace(FACTS, people=(replace(PERSON, **about),))) == [code]


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"online_booking": OnlineBooking.SEMI_LIBERTY}, Code.NO_ONLINE_BOOKING),
        ({"unregistered": 1}, Code.NOT_REGISTERED),
        ({"people": ()}, Code.NOBODY),
        ({"people": (PERSON,) * 5}, Code.TOO_MANY),
        ({"booker_birth_date": date(2010, 1, 1)}, Code.BOOKER_TOO_YOUNG),
        ({"detainee": replace(FACTS.detainee, presence=Presence.RELEASED)}, Code.RELEASED),
        ({"detainee": replace(FACTS.detainee, disclose_from=date(2026, 12, 1))}, Code.NOT_DISCLOSED),
    ],
)
def test_what_no_day_would_mend_keeps_a_family_from_waiting(about, code):
    assert code in refusals(replace(FACTS, **about))


@pytest.mark.parametrize(
    "about",
    [
        {"detainee": replace(FACTS.detainee, presence=Presence.HOSPITAL)},
        {"detainee": replace(FACTS.detainee, visits_that_week=3)},
        {
            "detainee": replace(
                FACTS.detainee,
                restrictions=(RestrictionFacts(RestrictionKind.NO_VISITS, date(2026, 11, 1), date(2026, 11, 9)),),
            )
        },
        {"people": (replace(PERSON, status=PermitStatus.SUSPENDED),)},
        {"people": (replace(PERSON, weekdays=(6,)),)},
        {"people": (replace(PERSON, visits_left=0),)},
    ],
)
def test_what_passes_keeps_nobody_from_waiting(about):
    assert refusals(replace(FACTS, **about)) == []


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 11, 2), date(2026, 11, 2), []),
        (date(2026, 11, 2), date(2026, 12, 31), []),
        (date(2026, 11, 2), date(2027, 1, 1), [Code.WAITING_PERIOD]),
        (date(2026, 11, 10), date(2026, 11, 9), [Code.WAITING_PERIOD]),
        (date(2026, 11, 1), date(2026, 11, 9), [Code.WAITING_PERIOD]),
    ],
    ids=["a day", "sixty days", "sixty-one", "the wrong way round", "begun yesterday"],
)
def test_a_family_waits_for_sixty_days_at_most_from_today_on(first, last, expected):
    assert refusals(replace(FACTS, slot=replace(FACTS.slot, local_date=first)), last_day=last) == expected


def test_a_family_is_told_how_many_days_it_may_wait_for():
    found = reasons_to_refuse_waiting(FACTS, last_day=date(2028, 1, 1), today=TODAY)

    assert found == [Refusal(Code.WAITING_PERIOD, number=60)]
