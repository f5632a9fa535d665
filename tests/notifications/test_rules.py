"""How patiently a message is tried."""

from __future__ import annotations

from parloir.notifications.rules import wait_before_try


def test_the_waits_grow_to_a_minute_then_after_an_hour_to_ten():
    waits = [int(wait_before_try(tries).total_seconds()) for tries in range(62)]

    assert waits[:7] == [5, 10, 20, 40, 60, 60, 60]
    assert waits[59:] == [60, 600, 600]


def test_an_outage_of_an_hour_is_outlived_by_tries_a_minute_apart():
    assert 3000 < sum(wait_before_try(tries).total_seconds() for tries in range(60)) < 3600
