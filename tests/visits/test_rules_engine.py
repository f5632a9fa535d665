"""The rules of holding, changing and exceptions, one sentence each, and what each reason says beside its code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from parloir.establishments.rules import Channel, OnlineBooking, Policy, VisitKind
from parloir.people.rules import Presence, RestrictionKind
from parloir.permits.rules import PermitStatus
from parloir.visits.rules import (
    HOLDS_PER_ACCOUNT,
    HOLDS_PER_PERMIT,
    AllowanceKind,
    Code,
    Refusal,
    RestrictionFacts,
    closes_at,
    expiry_of_hold,
    first_day_kept,
    latest_beyond,
    of_the_days,
    opens_at,
    reasons_nobody_could_come,
    reasons_to_end,
    reasons_to_refuse,
    reasons_to_refuse_changing,
    reasons_to_refuse_extending,
    reasons_to_refuse_holding,
    reasons_to_refuse_party,
    reasons_to_refuse_person,
    reasons_to_refuse_slot,
    visit_is_given_back,
)
from tests.visits.test_rules import (
    ADULT,
    CHILD,
    DAY,
    FACTS,
    NOW,
    PARIS,
    START,
    TEEN,
    codes,
    detainee,
    given_that,
    person,
    policy,
    slot,
)

# What an agent may allow -------------------------------------------------------------------

LATE = {"now": START - timedelta(hours=1), "channel": Channel.DESK}

EXCEPTIONS = [
    ("a full slot is overbooked if allowed", replace(slot(free=0), allowed={AllowanceKind.OVERBOOKING}), []),
    (
        "a closed session is never overbooked",
        replace(slot(free=0, closed=True), allowed={AllowanceKind.OVERBOOKING}),
        [Code.CLOSED],
    ),
    ("a closed session is closed, full or not", slot(closed=True), [Code.CLOSED]),
    ("a late booking is allowed", given_that(**LATE, allowed={AllowanceKind.LATENESS}), []),
    ("a slot that began is not", given_that(now=START, allowed={AllowanceKind.LATENESS}), [Code.STARTED]),
    ("one exception is not another", given_that(**LATE, allowed={AllowanceKind.QUOTA}), [Code.TOO_LATE]),
    (
        "the week's and the day's numbers are exceeded together",
        replace(detainee(visits_that_week=3, visits_that_day=1), allowed={AllowanceKind.QUOTA}),
        [],
    ),
    (
        "an exceeded day is still not two visits at one hour",
        replace(detainee(visits_that_day=1, busy=True), allowed={AllowanceKind.QUOTA}),
        [Code.DETAINEE_BUSY],
    ),
    (
        "discipline is not excepted",
        replace(detainee(presence=Presence.DISCIPLINARY, visits_that_week=1), allowed={AllowanceKind.QUOTA}),
        [Code.DISCIPLINARY_MAXIMUM],
    ),
    ("a visitor's day is exceeded too", replace(person(visits_that_day=1), allowed={AllowanceKind.QUOTA}), []),
    (
        "though nobody is in two rooms",
        replace(person(visits_that_day=1, busy=True), allowed={AllowanceKind.QUOTA}),
        [Code.VISITOR_BUSY],
    ),
    ("special visits are an agent's to book", replace(slot(kind=VisitKind.FAMILY_ROOM), channel=Channel.DESK), []),
    (
        "an agent books where nothing is sold online",
        given_that(online_booking=OnlineBooking.EMPTY, channel=Channel.TELEPHONE),
        [],
    ),
    (
        "a kiosk is not an agent",
        given_that(online_booking=OnlineBooking.EMPTY, channel=Channel.KIOSK),
        [Code.NO_ONLINE_BOOKING],
    ),
    (
        "an agent knows of a transfer before the family does",
        replace(detainee(disclose_from=date(2026, 11, 30)), channel=Channel.DESK),
        [],
    ),
    (
        "a separated permit is for a separated visit",
        replace(person(separated=True), channel=Channel.DESK, slot=replace(FACTS.slot, kind=VisitKind.SEPARATED)),
        [],
    ),
    (
        "and for no other, whoever books",
        replace(person(separated=True), channel=Channel.DESK),
        [Code.PERMIT_SEPARATED],
    ),
    ("an accessible cabin must be free", given_that(wants_accessible=True), [Code.ACCESSIBLE_FULL]),
    ("one is enough", replace(slot(accessible_free=1), wants_accessible=True), []),
    ("a full slot has none either", replace(slot(free=0, accessible_free=1), wants_accessible=True), [Code.FULL]),
    ("the booker may be an agent, of no age", given_that(booker_birth_date=None), []),
    ("only unregistered permits is said once", given_that(people=(), unregistered=2), [Code.NOT_REGISTERED]),
    (
        "somebody else's leave to come alone is not the booker's",
        given_that(people=(ADULT, replace(TEEN, is_booker=False)), booker_birth_date=TEEN.birth_date),
        [Code.BOOKER_TOO_YOUNG],
    ),
    (
        "a person of three counts where infants do not",
        given_that(
            people=(ADULT, *(replace(CHILD, permit_id=n, birth_date=date(2023, 11, 11)) for n in range(4))),
            policy=policy(infants_count=False),
        ),
        [Code.TOO_MANY],
    ),
    ("a disciplinary cell is somewhere to visit", detainee(presence=Presence.DISCIPLINARY), []),
]


@pytest.mark.parametrize(("facts", "expected"), [e[1:] for e in EXCEPTIONS], ids=[e[0] for e in EXCEPTIONS])
def test_exception(facts, expected):
    assert codes(facts) == expected


def test_what_stays_in_its_slot_is_not_judged_by_the_hour_nor_by_the_numbers_again():
    late = given_that(now=START - timedelta(hours=2), keeps_slot=True)
    used = replace(detainee(visits_that_week=3, visits_that_day=1, busy=True), keeps_slot=True)

    assert (codes(late), codes(used)) == ([], [])
    assert codes(replace(slot(closed=True), keeps_slot=True)) == [Code.CLOSED]
    assert codes(replace(detainee(presence=Presence.HOSPITAL), keeps_slot=True)) == [Code.HOSPITAL]


def test_the_place_the_party_and_each_person_are_judged_apart():
    facts = replace(slot(free=0), people=(CHILD, replace(ADULT, closed=True)), unregistered=1)

    assert [r.code for r in reasons_to_refuse_slot(facts)] == [Code.FULL]
    assert [r.code for r in reasons_to_refuse_party(facts)] == [Code.NOT_REGISTERED]
    assert reasons_to_refuse_person(facts, CHILD) == []
    assert [r.code for r in reasons_to_refuse_person(facts, facts.people[1])] == [Code.PERMIT_CLOSED]


# What each reason says -----------------------------------------------------------------------

SAYS = [
    (
        given_that(now=datetime(2026, 10, 1, tzinfo=UTC)),
        Refusal(Code.NOT_YET_OPEN, opens=datetime(2026, 10, 12, 6, tzinfo=UTC)),
    ),
    (given_that(now=START - timedelta(hours=1)), Refusal(Code.TOO_LATE, number=24)),
    (given_that(**LATE), Refusal(Code.TOO_LATE, number=2)),
    (
        detainee(restrictions=(RestrictionFacts(RestrictionKind.NO_VISITS, DAY, date(2026, 11, 20)),)),
        Refusal(Code.RESTRICTED, until=date(2026, 11, 20)),
    ),
    (detainee(visits_that_week=3), Refusal(Code.WEEKLY_MAXIMUM, number=3)),
    (detainee(presence=Presence.DISCIPLINARY, visits_that_week=1), Refusal(Code.DISCIPLINARY_MAXIMUM, number=1)),
    (detainee(visits_that_day=1), Refusal(Code.DAILY_MAXIMUM, number=1)),
    (
        given_that(people=(ADULT, *(replace(CHILD, permit_id=n) for n in range(4)))),
        Refusal(Code.TOO_MANY, number=4),
    ),
    (given_that(people=tuple(replace(ADULT, permit_id=n) for n in range(4))), Refusal(Code.TOO_MANY_ADULTS, number=3)),
    (given_that(people=(CHILD,)), Refusal(Code.MINOR_NEEDS_ADULT, permit_id=2)),
    (person(closed=True), Refusal(Code.PERMIT_CLOSED, 1)),
    (person(status=PermitStatus.WITHDRAWN), Refusal(Code.PERMIT_WITHDRAWN, 1)),
    (person(valid_from=date(2026, 12, 1)), Refusal(Code.PERMIT_NOT_YET_VALID, 1, until=date(2026, 12, 1))),
    (person(valid_until=date(2026, 11, 1)), Refusal(Code.PERMIT_EXPIRED, 1, until=date(2026, 11, 1))),
    (person(weekdays=(6,)), Refusal(Code.PERMIT_WEEKDAY, 1, weekdays=(6,))),
    (person(separated=True), Refusal(Code.PERMIT_SEPARATED, 1)),
    (person(visits_left=0), Refusal(Code.PERMIT_USED_UP, 1)),
    (person(visits_that_day=1), Refusal(Code.VISITOR_DAILY_MAXIMUM, 1, number=1)),
    (person(busy=True), Refusal(Code.VISITOR_BUSY, 1)),
]


@pytest.mark.parametrize(("facts", "expected"), SAYS, ids=[says[1].code for says in SAYS])
def test_each_reason_says_for_whom_until_when_and_how_many(facts, expected):
    assert reasons_to_refuse(facts) == [expected]


def test_a_disclosure_is_counted_in_the_prison_s_own_days():
    hidden = detainee(disclose_from=date(2026, 11, 3))

    assert codes(replace(hidden, now=datetime(2026, 11, 2, 22, 59, tzinfo=UTC))) == [Code.NOT_DISCLOSED]
    assert codes(replace(hidden, now=datetime(2026, 11, 2, 23, 0, tzinfo=UTC))) == []


def test_an_adult_coming_stands_for_every_minor_even_when_the_visit_is_judged_again():
    assert reasons_to_end(given_that(people=(ADULT, CHILD))) == []
    assert [r.permit_id for r in reasons_to_end(given_that(people=(CHILD, replace(CHILD, permit_id=9))))] == [2, 9]


# Changing ------------------------------------------------------------------------------------


def against_changing(*, before, is_booked=True, channel=Channel.ONLINE, hours=24, under_review=False):
    return reasons_to_refuse_changing(
        starts_at=START,
        is_booked=is_booked,
        policy=Policy(change_hours_before_online=hours),
        channel=channel,
        now=START - before,
        under_review=under_review,
    )


def test_a_family_does_not_change_what_somebody_is_to_decide_on_and_an_agent_does():
    early = timedelta(days=3)

    assert against_changing(before=early, under_review=True) == [Refusal(Code.UNDER_REVIEW)]
    assert against_changing(before=early, under_review=True, channel=Channel.DESK) == []


def test_one_reason_not_to_change_is_enough():
    assert against_changing(before=timedelta(hours=1), under_review=True) == [Refusal(Code.CHANGE_TOO_LATE, number=24)]


def test_a_family_changes_until_a_day_before():
    assert against_changing(before=timedelta(hours=24)) == []
    assert against_changing(before=timedelta(hours=23, minutes=59)) == [Refusal(Code.CHANGE_TOO_LATE, number=24)]
    assert against_changing(before=timedelta(hours=23), hours=6) == []


def test_an_agent_changes_until_the_start_and_a_kiosk_is_not_an_agent():
    assert against_changing(before=timedelta(minutes=1), channel=Channel.DESK) == []
    assert against_changing(before=timedelta(minutes=1), channel=Channel.KIOSK) == [
        Refusal(Code.CHANGE_TOO_LATE, number=24)
    ]
    assert against_changing(before=timedelta(0), channel=Channel.DESK) == [Refusal(Code.STARTED)]


def test_what_is_over_is_said_alone():
    assert against_changing(before=timedelta(hours=1), is_booked=False) == [Refusal(Code.NOT_BOOKED)]
    assert against_changing(before=-timedelta(hours=1)) == [Refusal(Code.STARTED)]


# Holding -------------------------------------------------------------------------------------


def test_a_place_is_held_for_as_long_as_the_wing_says():
    assert expiry_of_hold(Policy(), now=NOW) == NOW + timedelta(minutes=10)
    assert expiry_of_hold(Policy(hold_minutes=3), now=NOW) == NOW + timedelta(minutes=3)


def test_an_account_holds_six_places():
    six = {"held_by_account": HOLDS_PER_ACCOUNT - 1, "held_by_permit": {}}

    assert HOLDS_PER_ACCOUNT == 6
    assert reasons_to_refuse_holding(**six, more=1) == []
    assert reasons_to_refuse_holding(**six, more=2) == [Refusal(Code.HOLDS_MAXIMUM, number=6)]


def test_a_permit_is_held_for_four_times_over_all_accounts():
    held = {7: HOLDS_PER_PERMIT - 1, 8: 0}

    assert HOLDS_PER_PERMIT == 4
    assert reasons_to_refuse_holding(held_by_account=0, held_by_permit=held, more=1) == []
    assert reasons_to_refuse_holding(held_by_account=0, held_by_permit=held, more=2) == [
        Refusal(Code.HOLDS_MAXIMUM, 7, number=4)
    ]


def test_a_place_is_kept_longer_once_or_as_often_as_the_wing_says():
    assert reasons_to_refuse_extending(extensions=0, policy=Policy()) == []
    assert reasons_to_refuse_extending(extensions=1, policy=Policy()) == [Refusal(Code.EXTENDED_ENOUGH, number=1)]
    assert reasons_to_refuse_extending(extensions=1, policy=Policy(hold_extensions=2)) == []


# Moments ------------------------------------------------------------------------------------


def test_each_channel_has_its_own_window():
    rules = Policy(opens_days_before=30, opens_days_before_staff=60, closes_hours_before_kiosk=12)
    opening = {c: opens_at(local_date=DAY, policy=rules, zone=PARIS, channel=c) for c in Channel}
    closing = {c: START - closes_at(starts_at=START, policy=rules, channel=c) for c in Channel}

    assert opening[Channel.ONLINE] == opening[Channel.KIOSK] == datetime(2026, 10, 12, 6, tzinfo=UTC)
    assert opening[Channel.DESK] == opening[Channel.TELEPHONE] == datetime(2026, 9, 12, 6, tzinfo=UTC)
    assert opens_at(local_date=DAY, policy=rules, zone=PARIS) == opening[Channel.ONLINE]
    assert [closing[c] for c in Channel] == [timedelta(hours=h) for h in (24, 12, 2, 2)]


def test_hours_elapse_on_the_night_of_25_hours_whatever_the_zone_they_are_told_in():
    start = datetime(2026, 10, 25, 14, tzinfo=PARIS)
    a_day_before = datetime(2026, 10, 24, 15, tzinfo=PARIS)
    too_late = a_day_before + timedelta(minutes=1)

    assert visit_is_given_back(starts_at=start, policy=Policy(), now=a_day_before) is True
    assert visit_is_given_back(starts_at=start, policy=Policy(), now=too_late) is False
    assert [
        reasons_to_refuse_changing(starts_at=start, is_booked=True, policy=Policy(), channel=Channel.ONLINE, now=moment)
        for moment in (a_day_before, too_late)
    ] == [[], [Refusal(Code.CHANGE_TOO_LATE, number=24)]]


SUNDAYS = replace(ADULT, weekdays=(7,))
SIXTEEN = {"birth_date": date(2010, 1, 1)}


def test_a_time_is_possible_as_long_as_one_person_could_come_to_it():
    assert reasons_nobody_could_come([replace(FACTS, people=(SUNDAYS, replace(ADULT, permit_id=3)))]) == []
    assert reasons_nobody_could_come([replace(FACTS, people=(replace(CHILD, **SIXTEEN, alone_from_16=True),))]) == []


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (SUNDAYS, Refusal(Code.PERMIT_WEEKDAY, permit_id=1, weekdays=(7,))),
        (replace(ADULT, visits_left=0), Refusal(Code.PERMIT_USED_UP, permit_id=1)),
        (replace(ADULT, busy=True), Refusal(Code.VISITOR_BUSY, permit_id=1)),
        (replace(ADULT, visits_that_day=1), Refusal(Code.VISITOR_DAILY_MAXIMUM, permit_id=1, number=1)),
        (replace(ADULT, separated=True), Refusal(Code.PERMIT_SEPARATED, permit_id=1)),
        (replace(ADULT, busy=True, is_told=False), Refusal(Code.VISITOR_BUSY, permit_id=1, in_general=True)),
    ],
)
def test_a_time_to_which_nobody_could_come_says_why_of_those_who_need_no_adult(person, reason):
    """A child beside them could not come without them: nothing is to be said of it."""
    assert reasons_nobody_could_come([replace(FACTS, people=(person, CHILD))]) == [reason]


def test_children_alone_are_told_that_an_adult_is_wanting_once():
    two = (CHILD, replace(CHILD, permit_id=3, visits_left=0))

    assert reasons_nobody_could_come([replace(FACTS, people=two)]) == [Refusal(Code.NO_ADULT)]


def test_of_a_trip_somebody_must_be_able_to_come_on_every_day_and_the_reason_names_its_day():
    other = replace(ADULT, permit_id=3, visitor_id=3)
    first = replace(FACTS, people=(replace(ADULT, visitor_id=1, busy=True), other))
    next_day = replace(FACTS.slot, local_date=DAY + timedelta(days=1))
    second = replace(FACTS, slot=next_day, people=(replace(ADULT, visitor_id=1), replace(other, busy=True)))

    assert reasons_nobody_could_come([first]) == []
    assert reasons_nobody_could_come([second]) == []
    assert reasons_nobody_could_come([first, second]) == [
        Refusal(Code.VISITOR_BUSY, permit_id=1, day=DAY),
        Refusal(Code.VISITOR_BUSY, permit_id=3, day=DAY + timedelta(days=1)),
    ]


def test_a_booker_who_is_too_young_is_a_reason_before_anything_is_held():
    young = replace(FACTS, people=(ADULT,), booker_birth_date=date(2012, 1, 1))

    assert reasons_nobody_could_come([young]) == [Refusal(Code.BOOKER_TOO_YOUNG)]


def test_a_reason_names_its_days_when_only_some_of_several_have_it():
    full, busy = Refusal(Code.FULL), Refusal(Code.DETAINEE_BUSY)
    next_day = DAY + timedelta(days=1)

    assert of_the_days([(DAY, full), (DAY, full), (DAY, busy), (next_day, busy)], days=2) == [
        replace(full, day=DAY),
        busy,
    ]
    assert of_the_days([(DAY, full), (next_day, full)], days=3) == [
        replace(full, day=DAY),
        replace(full, day=next_day),
    ]


def test_a_single_visit_beyond_a_maximum_of_none_goes():
    assert list(latest_beyond(["only"], counted=1, maximum=0)) == ["only"]
    assert list(latest_beyond([], counted=3, maximum=1)) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 30, 11, 59, tzinfo=UTC), date(2026, 10, 30)),
        (datetime(2026, 11, 30, 12, tzinfo=UTC), date(2026, 10, 31)),
    ],
    ids=["still the 29th somewhere", "the 30th everywhere"],
)
def test_a_day_is_kept_until_it_is_over_everywhere_on_earth(now, expected):
    assert first_day_kept(now=now, days=30) == expected
