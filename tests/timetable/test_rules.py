"""Weekly sessions become dated slots, also on the nights the clocks change and in every overseas zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.timetable.rules import WeeklySession, dated_slots, days_of, first_instant

PARIS = ZoneInfo("Europe/Paris")
MIQUELON = ZoneInfo("America/Miquelon")
ZONES = [
    *("Europe/Paris", "Indian/Reunion", "Pacific/Tahiti", "Pacific/Noumea", "America/Guadeloupe", "America/Martinique"),
    *("Indian/Mayotte", "Pacific/Wallis", "America/Cayenne", "America/Miquelon", "Pacific/Marquesas"),
]
WEDNESDAY_AT_TWO = WeeklySession(
    id=1,
    wing_id=1,
    kind="ordinaire",
    weekday=3,
    starts_at=time(14),
    duration_minutes=45,
    capacity=8,
    valid_from=date(2026, 1, 1),
)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def test_a_session_happens_on_its_weekday_only_both_ends_of_the_range_included():
    days = list(days_of(WEDNESDAY_AT_TWO, first=date(2026, 11, 4), last=date(2026, 11, 18)))

    assert days == [date(2026, 11, 4), date(2026, 11, 11), date(2026, 11, 18)]


def test_a_session_does_not_happen_before_it_is_valid():
    session = replace(WEDNESDAY_AT_TWO, valid_from=date(2026, 11, 5))

    assert list(days_of(session, first=date(2026, 11, 2), last=date(2026, 11, 15))) == [date(2026, 11, 11)]


def test_a_session_happens_on_its_first_day_of_validity():
    session = replace(WEDNESDAY_AT_TWO, valid_from=date(2026, 11, 4))

    assert list(days_of(session, first=date(2026, 11, 2), last=date(2026, 11, 8))) == [date(2026, 11, 4)]


def test_the_last_day_of_validity_is_included():
    session = replace(WEDNESDAY_AT_TWO, valid_until=date(2026, 11, 11))

    assert list(days_of(session, first=date(2026, 11, 2), last=date(2026, 11, 30))) == [
        date(2026, 11, 4),
        date(2026, 11, 11),
    ]


def test_a_session_that_has_ended_never_happens_again():
    session = replace(WEDNESDAY_AT_TWO, valid_until=date(2026, 11, 3))

    assert list(days_of(session, first=date(2026, 11, 4), last=date(2026, 12, 31))) == []


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Paris", utc(2026, 11, 11, 13)),
        ("America/Miquelon", utc(2026, 11, 11, 17)),
        ("America/Martinique", utc(2026, 11, 11, 18)),
        ("America/Cayenne", utc(2026, 11, 11, 17)),
        ("Indian/Reunion", utc(2026, 11, 11, 10)),
        ("Indian/Mayotte", utc(2026, 11, 11, 11)),
        ("Pacific/Noumea", utc(2026, 11, 11, 3)),
        ("Pacific/Wallis", utc(2026, 11, 11, 2)),
        ("Pacific/Tahiti", utc(2026, 11, 12, 0)),
        ("Pacific/Marquesas", utc(2026, 11, 11, 23, 30)),
    ],
)
def test_the_time_of_a_session_is_the_prisons_own(zone: str, instant: datetime):
    (slot,) = dated_slots([WEDNESDAY_AT_TWO], first=date(2026, 11, 11), last=date(2026, 11, 11), zone=ZoneInfo(zone))

    assert (slot.local_date, slot.starts_at, slot.ends_at) == (
        date(2026, 11, 11),
        instant,
        instant + timedelta(minutes=45),
    )
    assert slot.session is WEDNESDAY_AT_TWO


def test_two_in_the_afternoon_stays_two_in_the_afternoon_when_summer_time_ends():
    before, after = dated_slots([WEDNESDAY_AT_TWO], first=date(2026, 10, 19), last=date(2026, 10, 30), zone=PARIS)

    assert (before.starts_at, after.starts_at) == (utc(2026, 10, 21, 12), utc(2026, 10, 28, 13))


@pytest.mark.parametrize("skipped", [time(2), time(2, 0, 1), time(2, 30), time(2, 59, 59)])
def test_in_paris_a_time_that_does_not_exist_moves_to_three_o_clock(skipped: time):
    assert first_instant(date(2026, 3, 29), skipped, PARIS) == utc(2026, 3, 29, 1)


def test_around_the_skipped_hour_nothing_moves():
    assert first_instant(date(2026, 3, 29), time(1, 59, 59), PARIS) == utc(2026, 3, 29, 0, 59, 59)
    assert first_instant(date(2026, 3, 29), time(3), PARIS) == utc(2026, 3, 29, 1)
    assert first_instant(date(2026, 3, 29), time(3, 30), PARIS) == utc(2026, 3, 29, 1, 30)


def test_in_paris_a_time_that_happens_twice_is_taken_the_first_time():
    assert first_instant(date(2026, 10, 25), time(2, 30), PARIS) == utc(2026, 10, 25, 0, 30)
    assert first_instant(date(2026, 10, 25), time(2, 30, fold=1), PARIS) == utc(2026, 10, 25, 0, 30)
    assert first_instant(date(2026, 10, 25), time(3), PARIS) == utc(2026, 10, 25, 2)


def test_in_miquelon_a_time_that_does_not_exist_moves_to_three_o_clock():
    assert first_instant(date(2026, 3, 8), time(2, 30), MIQUELON) == utc(2026, 3, 8, 5)
    assert first_instant(date(2026, 3, 8), time(3, 30), MIQUELON) == utc(2026, 3, 8, 5, 30)


def test_in_miquelon_a_time_that_happens_twice_is_taken_the_first_time():
    assert first_instant(date(2026, 11, 1), time(1, 30), MIQUELON) == utc(2026, 11, 1, 3, 30)
    assert first_instant(date(2026, 11, 1), time(2), MIQUELON) == utc(2026, 11, 1, 5)


def test_a_slot_lasts_its_elapsed_duration_through_the_hour_that_happens_twice():
    session = replace(WEDNESDAY_AT_TWO, weekday=7, starts_at=time(1, 30), duration_minutes=120)

    (slot,) = dated_slots([session], first=date(2026, 10, 25), last=date(2026, 10, 25), zone=PARIS)

    assert (slot.starts_at, slot.ends_at) == (utc(2026, 10, 24, 23, 30), utc(2026, 10, 25, 1, 30))
    assert slot.ends_at.astimezone(PARIS).time() == time(2, 30)


@given(
    day=st.dates(date(2020, 1, 1), date(2040, 12, 31)),
    at=st.times().filter(lambda t: not t.fold),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_the_first_instant_shows_the_time_or_is_the_very_end_of_a_jump(day: date, at: time, zone: ZoneInfo):
    wall = datetime.combine(day, at)

    instant = first_instant(day, at, zone)

    shown = instant.astimezone(zone).replace(tzinfo=None)
    a_moment_before = (instant - timedelta(microseconds=1)).astimezone(zone).replace(tzinfo=None)
    earlier = (instant - timedelta(hours=1)).astimezone(zone).replace(tzinfo=None)
    assert shown.replace(fold=0) == wall or a_moment_before < wall < shown
    assert earlier != wall
