"""What a provider published serves many sign-ins; one thread at a time asks for it anew."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from parloir.identity.faults import Fault, ProviderUnavailable
from parloir.identity.kept import FRESH_FOR, GOOD_FOR, TRIED_AGAIN_AFTER, Kept

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


class Asked:
    """Answers with its own count, or fails; says when it has been asked and waits to be let go."""

    def __init__(self, *, waits: bool = False) -> None:
        self.times = 0
        self.fails = False
        self.begun, self.go_on = threading.Event(), threading.Event()
        if not waits:
            self.go_on.set()

    def __call__(self) -> int:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(10)
        if self.fails:
            raise ProviderUnavailable(Fault.TOO_LATE)
        return self.times


def read(kept, ask, at=NOW, patience=10.0):
    return kept.read(ask, now=at, patience=patience)


def test_an_answer_serves_for_ten_minutes():
    kept, ask = Kept("x"), Asked()

    assert [read(kept, ask), read(kept, ask, NOW + FRESH_FOR - timedelta(seconds=1))] == [1, 1]
    assert read(kept, ask, NOW + FRESH_FOR) == 2


def test_the_last_good_answer_serves_while_no_better_one_comes_and_that_is_logged():
    kept, ask = Kept("keys"), Asked()
    read(kept, ask)
    ask.fails = True
    later = NOW + timedelta(hours=2)

    with capture_logs() as lines:
        assert read(kept, ask, later) == 1

    assert lines == [
        {
            "event": "provider_answer_is_old",
            "what": "keys",
            "fault": "too_late",
            "minutes": 120,
            "log_level": "warning",
        }
    ]


def test_after_a_failure_it_is_not_asked_again_at_once():
    kept, ask = Kept("x"), Asked()
    read(kept, ask)
    ask.fails = True
    later = NOW + timedelta(hours=2)

    for seconds in (0, 1, 29):
        read(kept, ask, later + timedelta(seconds=seconds))
    assert ask.times == 2
    ask.fails = False
    assert read(kept, ask, later + TRIED_AGAIN_AFTER) == 3


def test_an_answer_of_yesterday_serves_no_more():
    kept, ask = Kept("x"), Asked()
    read(kept, ask)
    ask.fails = True

    with pytest.raises(ProviderUnavailable):
        read(kept, ask, NOW + GOOD_FOR)


def test_while_one_asks_anew_the_others_use_what_is_known():
    kept, ask = Kept("x"), Asked()
    read(kept, ask)
    ask.go_on.clear()
    ask.begun.clear()
    later = NOW + timedelta(hours=1)

    with ThreadPoolExecutor(1) as other:
        asking = other.submit(read, kept, ask, later)
        assert ask.begun.wait(10)
        assert read(kept, ask, later) == 1
        ask.go_on.set()
        assert asking.result() == 2
    assert ask.times == 2


def test_where_nothing_is_known_those_who_wait_share_one_answer():
    kept, ask = Kept("x"), Asked(waits=True)

    with ThreadPoolExecutor(5) as crowd:
        first = crowd.submit(read, kept, ask)
        assert ask.begun.wait(10)
        others = [crowd.submit(read, kept, ask) for _ in range(4)]
        ask.go_on.set()
        assert [first.result(), *(other.result() for other in others)] == [1] * 5


def test_nobody_waits_for_another_longer_than_their_own_visit_lasts():
    kept, ask = Kept("x"), Asked(waits=True)

    with ThreadPoolExecutor(1) as other:
        asking = other.submit(read, kept, ask)
        assert ask.begun.wait(10)
        with pytest.raises(ProviderUnavailable) as caught:
            read(kept, ask, patience=0.01)
        assert caught.value.fault is Fault.TOO_LATE
        ask.go_on.set()
        assert asking.result() == 1


def test_a_newer_answer_that_another_thread_fetched_serves_instead_of_one_more():
    kept, ask = Kept("x"), Asked()
    old = read(kept, ask)

    for _ in range(2):
        assert kept.renew(ask, instead_of=old, now=NOW, patience=10) == 2
    assert ask.times == 2


def test_a_failure_lets_the_next_one_ask():
    kept, ask = Kept("x"), Asked()
    ask.fails = True
    with pytest.raises(ProviderUnavailable):
        read(kept, ask)
    ask.fails = False

    assert read(kept, ask) == 2
