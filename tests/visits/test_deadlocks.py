"""Everything at once, on sixteen connections: nobody is told of a deadlock, and all that must hold holds after."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from parloir.visits.queries.invariants import broken_invariants
from tests.visits import town_families, town_house, town_register, town_waiting  # noqa: F401 - what happens in the town
from tests.visits.crowd import Refused, deadlocks, outcome_of, own_connection
from tests.visits.locks import LockWatch
from tests.visits.town import DEEDS, found_town

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

CONNECTIONS = 16
PRESENT = datetime(2026, 10, 23, 9, tzinfo=UTC)
RARER = {
    "close",
    "reopen",
    "transfer",
    "move",
    "release_and_commit_again",
    "tell_of_a_permit",
    "forbid",
    "sweep",
    "stop_waiting",
}
"""As in life: or nothing would be left to be booked."""

DRAWN = [name for name in DEEDS for _ in range(1 if name in RARER else 5)]


def rush(seconds, seed):
    """Let sixteen people do what comes to their minds; return what came of it, the rings of locks that were met, and
    what was locked out of order."""
    rings, disorder = [], set()
    town = found_town(families=3, now=PRESENT - timedelta(days=1))
    began = time.monotonic()
    counts, lock = Counter(), threading.Lock()

    def someone(number):
        chance, mine = random.Random(f"{seed}-{number}"), Counter()
        watch = LockWatch()
        with own_connection(), connection.execute_wrapper(watch):
            while (passed := time.monotonic() - began) < seconds:
                name = watch.doing = chance.choice(DRAWN)
                # A minute an instant: holds expire under people's hands.
                now = PRESENT + timedelta(minutes=passed * 60 / seconds * 4 + chance.randint(-2, 2))
                outcome = outcome_of(lambda: DEEDS[name](town, chance, now))  # noqa: B023 - called at once
                mine[name, "done" if not isinstance(outcome, Refused) else "refused"] += 1
                if isinstance(outcome, Refused) and outcome.ring:
                    rings.append(f"{name}: {outcome.ring}")
                mine["try again", ""] += isinstance(outcome, Refused) and "try_again" in outcome.codes
        with lock:
            counts.update(mine)
            disorder.update(watch.found)

    with ThreadPoolExecutor(CONNECTIONS) as people:
        list(people.map(someone, range(CONNECTIONS)))
    return counts, rings, disorder


def assert_no_ring(seconds, seed, say):
    before = deadlocks()

    counts, rings, disorder = rush(seconds, seed)

    time.sleep(1.2)  # PostgreSQL tells of its deadlocks once a second
    report(counts, say)
    assert sorted(disorder) == []
    assert (rings, deadlocks() - before) == ([], 0)
    after = PRESENT + timedelta(hours=4, minutes=3)
    assert [name for name, count in broken_invariants(now=after) if count] == []


def report(counts, say):
    for name in DEEDS:
        say(f"{name:<26} done {counts[name, 'done']:<6} refused {counts[name, 'refused']}")
    say(f"told to try again: {counts['try again', '']}")


def test_sixteen_people_do_everything_at_once_for_five_seconds(say):
    assert_no_ring(5, seed=time.time_ns(), say=say)


@pytest.mark.soak
def test_sixteen_people_do_everything_at_once_for_a_minute(say):
    assert_no_ring(60, seed=time.time_ns(), say=say)
