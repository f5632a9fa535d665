"""Night is 21:00–8:00 on the prison's clock; what can wait leaves between 8:05 and 8:30, spread."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.notifications.nights import end_of_night, is_night, leaves_at

ZONES = [
    "Europe/Paris", "America/Miquelon", "America/Martinique", "America/Guadeloupe", "America/Cayenne",
    "Indian/Reunion", "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis",
]  # fmt: skip


def at(local, zone):
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("local", "expected"),
    [("20:59:59", False), ("21:00", True), ("00:00", True), ("07:59:59", True), ("08:00", False), ("12:00", False)],
)
def test_night_is_that_of_the_place(zone, local, expected):
    assert is_night(at(f"2026-11-11T{local}", zone), ZoneInfo(zone)) == expected


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-28T22:00", "2026-03-29T08:00+02:00"),
        ("2026-03-29T01:30", "2026-03-29T08:00+02:00"),
        ("2026-10-24T22:00", "2026-10-25T08:00+01:00"),
        ("2026-10-25T07:59", "2026-10-25T08:00+01:00"),
    ],
)
def test_the_night_in_which_the_clocks_change_ends_at_eight_all_the_same(now, until):
    assert end_of_night(at(now, "Europe/Paris"), ZoneInfo("Europe/Paris")) == datetime.fromisoformat(until)


@given(
    key=st.integers(1, 10**9),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
)
def test_what_can_wait_leaves_by_day_and_after_a_night_between_five_past_eight_and_half_past(key, now, zone):
    place = ZoneInfo(zone)

    until = leaves_at(key, now=now, zone=place)

    if until is None:
        assert not is_night(now, place)
    else:
        assert timedelta(0) < until - now <= timedelta(hours=12, minutes=30)
        assert "08:05:00" <= f"{until.astimezone(place):%H:%M:%S}" <= "08:30:00"
        assert leaves_at(key, now=until.astimezone(UTC), zone=place) is None


def test_the_nights_messages_do_not_all_leave_at_once():
    now = at("2026-11-11T03:00", "Europe/Paris")

    seconds = Counter(leaves_at(key, now=now, zone=ZoneInfo("Europe/Paris")) for key in range(1, 1502))
    neighbours = [leaves_at(key, now=now, zone=ZoneInfo("Europe/Paris")) for key in (7, 8)]

    assert (len(seconds), max(seconds.values())) == (1501, 1)
    assert f"{min(seconds):%H:%M:%S} {max(seconds):%H:%M:%S}" == "08:05:00 08:30:00"
    assert abs(neighbours[0] - neighbours[1]) > timedelta(minutes=5)
