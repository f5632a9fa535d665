"""The rules of visits, one sentence each (domain: law and what prisons set)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.establishments.rules import Channel, OnlineBooking, PenalCategory, Policy, VisitKind
from parloir.people.rules import Presence, RestrictionKind, is_adult, latest_birth_date
from parloir.permits.rules import PermitStatus
from parloir.visits.rules import (
    BookingFacts,
    Code,
    DetaineeFacts,
    PersonFacts,
    Refusal,
    RestrictionFacts,
    SlotFacts,
    latest_beyond,
    monday_of,
    opens_at,
    reasons_to_end,
    reasons_to_refuse,
    reasons_to_refuse_cancelling,
    visit_is_given_back,
    weekly_maximum,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = date(2026, 11, 11)  # a Wednesday
START = datetime(2026, 11, 11, 13, tzinfo=UTC)
ADULT = PersonFacts(permit_id=1, birth_date=date(1990, 1, 1), valid_from=date(2026, 1, 1))
CHILD = PersonFacts(permit_id=2, birth_date=date(2018, 1, 1), valid_from=date(2026, 1, 1))
TEEN = PersonFacts(permit_id=3, birth_date=date(2010, 11, 11), valid_from=date(2026, 1, 1), alone_from_16=True)
FACTS = BookingFacts(
    now=NOW,
    channel=Channel.ONLINE,
    policy=Policy(),
    zone=PARIS,
    slot=SlotFacts(wing_id=7, starts_at=START, local_date=DAY, free=2),
    detainee=DetaineeFacts(wing_id=7, category=PenalCategory.PREVENU),
    people=(ADULT,),
    booker_birth_date=date(1990, 1, 1),
)


def given_that(**changes):
    return replace(FACTS, **changes)


def detainee(**changes):
    return given_that(detainee=replace(FACTS.detainee, **changes))


def slot(**changes):
    return given_that(slot=replace(FACTS.slot, **changes))


def person(**changes):
    return given_that(people=(replace(ADULT, **changes),))


def policy(**changes):
    return replace(FACTS.policy, **changes)


def codes(facts):
    return [refusal.code for refusal in reasons_to_refuse(facts)]


RULES = [
    ("a visit that nothing forbids may be booked", FACTS, []),
    # The place and the moment
    ("a full slot is refused", slot(free=0), [Code.FULL]),
    ("a slot that began is refused", given_that(now=START), [Code.STARTED]),
    ("online booking closes 24 hours before", given_that(now=START - timedelta(hours=23)), [Code.TOO_LATE]),
    ("the last minute before closing still books", given_that(now=START - timedelta(hours=24)), []),
    (
        "an agent books until 2 hours before",
        given_that(now=START - timedelta(hours=2), channel=Channel.TELEPHONE),
        [],
    ),
    (
        "an agent too is late inside 2 hours",
        given_that(now=START - timedelta(hours=1), channel=Channel.DESK),
        [Code.TOO_LATE],
    ),
    (
        "a slot is not open more than 30 days before",
        given_that(now=datetime(2026, 10, 12, 5, 59, tzinfo=UTC)),
        [Code.NOT_YET_OPEN],
    ),
    ("it opens at 8 in the prison's morning", given_that(now=datetime(2026, 10, 12, 6, 0, tzinfo=UTC)), []),
    (
        "an agent books before it opens online",
        given_that(now=datetime(2026, 10, 1, tzinfo=UTC), channel=Channel.DESK),
        [],
    ),
    ("special visits are never sold online", slot(kind=VisitKind.FAMILY_UNIT), [Code.NOT_SOLD_ONLINE]),
    (
        "a semi-liberty centre takes no online booking",
        given_that(online_booking=OnlineBooking.SEMI_LIBERTY),
        [Code.NO_ONLINE_BOOKING],
    ),
    # The detained person
    ("a released person is not visited", detainee(presence=Presence.RELEASED), [Code.RELEASED]),
    ("a person in hospital is not visited online", detainee(presence=Presence.HOSPITAL), [Code.HOSPITAL]),
    ("a person is visited in their own wing", detainee(wing_id=8), [Code.MOVED]),
    (
        "a transfer not yet disclosed cannot be booked online",
        detainee(disclose_from=date(2026, 11, 3)),
        [Code.NOT_DISCLOSED],
    ),
    ("it can on the day it is disclosed", detainee(disclose_from=date(2026, 11, 2)), []),
    (
        "an interdiction forbids its first day",
        detainee(restrictions=(RestrictionFacts(RestrictionKind.NO_COMMUNICATION, DAY, date(2026, 11, 20)),)),
        [Code.RESTRICTED],
    ),
    (
        "and its last",
        detainee(restrictions=(RestrictionFacts(RestrictionKind.NO_VISITS, date(2026, 11, 1), DAY),)),
        [Code.RESTRICTED],
    ),
    (
        "but not the day after",
        detainee(restrictions=(RestrictionFacts(RestrictionKind.NO_VISITS, date(2026, 11, 1), date(2026, 11, 10)),)),
        [],
    ),
    (
        "one that ends before it begins forbids nothing",
        detainee(restrictions=(RestrictionFacts(RestrictionKind.NO_VISITS, date(2026, 11, 12), date(2026, 11, 10)),)),
        [],
    ),
    # Numbers: L341-2, L341-3, R341-3
    ("a prévenu is visited three times a week", detainee(visits_that_week=2), []),
    ("and no more", detainee(visits_that_week=3), [Code.WEEKLY_MAXIMUM]),
    (
        "an appellant counts as a prévenu",
        detainee(category=PenalCategory.APPELANT, visits_that_week=2),
        [],
    ),
    (
        "a condamné is visited twice a week",
        detainee(category=PenalCategory.CONDAMNE, visits_that_week=2),
        [Code.WEEKLY_MAXIMUM],
    ),
    (
        "prévenu and condamné follows the condamné's regime",
        detainee(category=PenalCategory.PREVENU_CONDAMNE, visits_that_week=2),
        [Code.WEEKLY_MAXIMUM],
    ),
    (
        "a prison may set no maximum",
        replace(detainee(visits_that_week=9), policy=policy(weekly_maximum_prevenu=None)),
        [],
    ),
    (
        "in a disciplinary cell, one visit a week",
        detainee(presence=Presence.DISCIPLINARY, visits_that_week=1),
        [Code.DISCIPLINARY_MAXIMUM],
    ),
    ("in a disciplinary cell the first is allowed", detainee(presence=Presence.DISCIPLINARY), []),
    (
        "beyond the ordinary maximum, that is what is said",
        detainee(presence=Presence.DISCIPLINARY, visits_that_week=3),
        [Code.WEEKLY_MAXIMUM],
    ),
    (
        "a disciplinary cell rules where there is no maximum",
        replace(
            detainee(presence=Presence.DISCIPLINARY, visits_that_week=1), policy=policy(weekly_maximum_prevenu=None)
        ),
        [Code.DISCIPLINARY_MAXIMUM],
    ),
    ("one visit a day", detainee(visits_that_day=1), [Code.DAILY_MAXIMUM]),
    (
        "where two a day are allowed, not at one hour",
        replace(detainee(visits_that_day=1, busy=True), policy=policy(daily_maximum_detainee=2)),
        [Code.DETAINEE_BUSY],
    ),
    # Who comes
    ("somebody comes", given_that(people=()), [Code.NOBODY]),
    ("each permit is registered in the account", given_that(unregistered=1), [Code.NOT_REGISTERED]),
    ("a child comes with an adult", given_that(people=(CHILD, ADULT)), []),
    ("not alone", given_that(people=(CHILD,)), [Code.MINOR_NEEDS_ADULT]),
    ("from 16 alone if the permit says so", given_that(people=(TEEN,)), []),
    (
        "the day before 16, not yet",
        given_that(people=(replace(TEEN, birth_date=date(2010, 11, 12)),)),
        [Code.MINOR_NEEDS_ADULT],
    ),
    (
        "nor when the permit says nothing",
        given_that(people=(replace(TEEN, alone_from_16=False),)),
        [Code.MINOR_NEEDS_ADULT],
    ),
    (
        "a teenager who may come alone does not chaperone a child",
        given_that(people=(TEEN, CHILD)),
        [Code.MINOR_NEEDS_ADULT],
    ),
    (
        "four people at most",
        given_that(people=(ADULT, *(replace(CHILD, permit_id=n) for n in range(4)))),
        [Code.TOO_MANY],
    ),
    (
        "infants count",
        given_that(people=(ADULT, *(replace(CHILD, permit_id=n, birth_date=date(2026, 1, 1)) for n in range(4)))),
        [Code.TOO_MANY],
    ),
    (
        "unless the prison says that they do not",
        given_that(
            people=(ADULT, *(replace(CHILD, permit_id=n, birth_date=date(2026, 1, 1)) for n in range(4))),
            policy=policy(infants_count=False),
        ),
        [],
    ),
    (
        "three adults at most",
        given_that(people=tuple(replace(ADULT, permit_id=n) for n in range(4))),
        [Code.TOO_MANY_ADULTS],
    ),
    (
        "a minor does not book, even with an adult",
        given_that(people=(ADULT, TEEN), booker_birth_date=TEEN.birth_date),
        [Code.BOOKER_TOO_YOUNG],
    ),
    (
        "somebody without a birth date is not called a minor",
        given_that(people=(ADULT,), booker_birth_date=latest_birth_date("")),
        [Code.BOOKER_AGE_UNKNOWN],
    ),
    (
        "a minor of 16 whose own permit says so books alone",
        given_that(people=(replace(TEEN, is_booker=True),), booker_birth_date=TEEN.birth_date),
        [],
    ),
    ("the booker need not come", given_that(booker_birth_date=date(1960, 1, 1)), []),
    # The permit
    ("a suspended permit is refused", person(status=PermitStatus.SUSPENDED), [Code.PERMIT_SUSPENDED]),
    (
        "until its last day",
        person(status=PermitStatus.SUSPENDED, suspended_until=DAY),
        [Code.PERMIT_SUSPENDED],
    ),
    ("and not after", person(status=PermitStatus.SUSPENDED, suspended_until=date(2026, 11, 10)), []),
    ("a withdrawn permit is refused", person(status=PermitStatus.WITHDRAWN), [Code.PERMIT_WITHDRAWN]),
    ("a permit closed by a release is refused", person(closed=True), [Code.PERMIT_CLOSED]),
    ("a permit is valid from its first day", person(valid_from=DAY), []),
    ("not before", person(valid_from=date(2026, 11, 12)), [Code.PERMIT_NOT_YET_VALID]),
    ("and to its last", person(valid_until=DAY), []),
    ("not after", person(valid_until=date(2026, 11, 10)), [Code.PERMIT_EXPIRED]),
    ("a permit may fix days", person(weekdays=(3, 6)), []),
    ("other days are refused", person(weekdays=(6, 7)), [Code.PERMIT_WEEKDAY]),
    ("a permit for a number of visits has some left", person(visits_left=1), []),
    ("or is used up", person(visits_left=0), [Code.PERMIT_USED_UP]),
    ("a separated visit is never booked online", person(separated=True), [Code.PERMIT_SEPARATED]),
    ("a visitor comes once a day to one person", person(visits_that_day=1), [Code.VISITOR_DAILY_MAXIMUM]),
    ("a visitor is not in two places at once", person(busy=True), [Code.VISITOR_BUSY]),
]


@pytest.mark.parametrize(("facts", "expected"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_rule(facts, expected):
    assert codes(facts) == expected


def test_every_reason_is_told_at_once():
    facts = replace(
        slot(free=0),
        detainee=replace(FACTS.detainee, presence=Presence.HOSPITAL, visits_that_week=3, visits_that_day=1),
        people=(replace(CHILD, status=PermitStatus.SUSPENDED, weekdays=(6,)),),
    )

    assert codes(facts) == [
        Code.FULL,
        Code.HOSPITAL,
        Code.WEEKLY_MAXIMUM,
        Code.DAILY_MAXIMUM,
        Code.MINOR_NEEDS_ADULT,
        Code.PERMIT_SUSPENDED,
        Code.PERMIT_WEEKDAY,
    ]


def test_a_reason_says_until_when_and_for_whom():
    facts = person(status=PermitStatus.SUSPENDED, suspended_until=date(2026, 12, 1))

    assert reasons_to_refuse(facts) == [Refusal(Code.PERMIT_SUSPENDED, permit_id=1, until=date(2026, 12, 1))]


def test_what_was_right_when_booked_is_not_judged_again():
    facts = replace(
        slot(free=0), detainee=replace(FACTS.detainee, visits_that_week=5, visits_that_day=2, busy=True), now=START
    )

    assert reasons_to_end(facts) == []


def test_a_visit_ends_with_its_permit():
    assert [r.code for r in reasons_to_end(person(status=PermitStatus.WITHDRAWN))] == [Code.PERMIT_WITHDRAWN]


def test_a_child_left_alone_ends_the_visit():
    assert [r.code for r in reasons_to_end(given_that(people=(CHILD,)))] == [Code.MINOR_NEEDS_ADULT]


@pytest.mark.parametrize(
    ("now", "is_booked", "expected"),
    [
        (START - timedelta(seconds=1), True, []),
        (START, True, [Code.STARTED]),
        (START - timedelta(days=1), False, [Code.NOT_BOOKED]),
    ],
)
def test_cancelling_is_possible_until_the_start(now, is_booked, expected):
    refusals = reasons_to_refuse_cancelling(starts_at=START, now=now, is_booked=is_booked)

    assert [refusal.code for refusal in refusals] == expected


def test_a_limited_visit_is_given_back_until_24_hours_before():
    assert visit_is_given_back(starts_at=START, policy=Policy(), now=START - timedelta(hours=24)) is True
    assert visit_is_given_back(starts_at=START, policy=Policy(), now=START - timedelta(hours=23, minutes=59)) is False


def test_opening_follows_the_clock_of_the_wall():
    """The visit is after the change of 25 October, the opening before it: still 8 in the morning."""
    summer = opens_at(local_date=date(2026, 11, 11), policy=Policy(), zone=PARIS)
    winter = opens_at(local_date=date(2026, 12, 1), policy=Policy(), zone=PARIS)
    noumea = opens_at(local_date=date(2026, 12, 1), policy=Policy(opens_at=time(8)), zone=ZoneInfo("Pacific/Noumea"))

    assert summer == datetime(2026, 10, 12, 6, tzinfo=UTC)
    assert winter == datetime(2026, 11, 1, 7, tzinfo=UTC)
    assert noumea == datetime(2026, 10, 31, 21, tzinfo=UTC)


def test_closing_counts_elapsed_hours_on_the_night_of_25_hours():
    start = datetime(2026, 10, 25, 14, tzinfo=PARIS)
    facts = given_that(slot=replace(FACTS.slot, starts_at=start.astimezone(UTC), local_date=start.date()))

    assert codes(replace(facts, now=datetime(2026, 10, 24, 15, tzinfo=PARIS))) == []
    assert codes(replace(facts, now=datetime(2026, 10, 24, 15, 1, tzinfo=PARIS))) == [Code.TOO_LATE]


def test_ages_turn_on_the_birthday_and_on_1_march_for_a_leap_day():
    assert is_adult(date(2008, 11, 11), date(2026, 11, 11)) is True
    assert is_adult(date(2008, 11, 12), date(2026, 11, 11)) is False
    assert is_adult(date(2008, 2, 29), date(2026, 2, 28)) is False
    assert is_adult(date(2008, 2, 29), date(2026, 3, 1)) is True


@pytest.mark.parametrize(
    ("counted", "maximum", "expected"),
    [(2, None, []), (2, 2, []), (3, 2, ["b"]), (4, 1, ["a", "b"]), (9, 0, ["a", "b"])],
)
def test_the_latest_visits_beyond_a_maximum_go_first(counted, maximum, expected):
    assert list(latest_beyond(["a", "b"], counted=counted, maximum=maximum)) == expected


def test_the_disciplinary_maximum_never_raises_a_lower_one():
    facts = replace(detainee(presence=Presence.DISCIPLINARY), policy=policy(weekly_maximum_prevenu=0))

    assert weekly_maximum(facts) == 0


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_weeks_begin_on_monday(day):
    monday = monday_of(day)

    assert monday.isoweekday() == 1
    assert timedelta(0) <= day - monday < timedelta(days=7)


@given(
    st.builds(
        replace,
        st.just(FACTS),
        channel=st.sampled_from(Channel),
        people=st.lists(st.sampled_from([ADULT, CHILD, TEEN]), max_size=6).map(tuple),
        now=st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 12), timezones=st.just(UTC)),
    )
)
def test_a_reason_never_disappears_when_another_joins_it(facts):
    fuller = replace(
        facts, slot=replace(facts.slot, free=0), detainee=replace(facts.detainee, presence=Presence.HOSPITAL)
    )

    assert set(reasons_to_refuse(facts)) <= set(reasons_to_refuse(fuller))
    assert {Code.HOSPITAL} <= {r.code for r in reasons_to_refuse(fuller)}
