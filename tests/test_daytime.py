"""Whenever tests are run, there is a prison where it is day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.daytime import zone_by_day


def test_at_any_minute_it_is_day_at_some_prison():
    for first in (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)):
        assert all(zone_by_day(first + timedelta(minutes=n)) for n in range(24 * 60))


def test_on_a_working_day_it_is_the_mainland():
    assert zone_by_day(datetime(2026, 11, 2, 9, tzinfo=UTC)) == "Europe/Paris"
