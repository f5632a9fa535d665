"""Whatever is done to visits, in whatever order, on whichever night, all that must hold holds after each step."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from parloir.visits.models import Visit
from parloir.visits.queries.invariants import INVARIANTS
from tests.visits import town_families, town_house, town_register, town_waiting  # noqa: F401 - what happens in the town
from tests.visits.crowd import Refused, outcome_of
from tests.visits.town import DEEDS, DST_NIGHTS, found_town

pytestmark = pytest.mark.django_db

STEPS = 50
AROUND = timedelta(days=3)

ALL_AT_ONCE = " UNION ALL ".join(f"SELECT '{name}', ({sql})" for name, sql in INVARIANTS.items())
RECOUNT = """
SELECT s.id, s.taken,
    (SELECT count(*) FROM visits_visit v WHERE v.slot_id = s.id AND v.status <> 'cancelled')
    + (SELECT count(*) FROM visits_hold h WHERE h.slot_id = s.id AND h.held)
    + (SELECT count(*) FROM visits_offer o WHERE o.slot_id = s.id AND o.state IN ('reserved', 'open'))
FROM timetable_slot s WHERE s.taken <> 0 OR EXISTS (SELECT FROM visits_visit v WHERE v.slot_id = s.id)
"""


def broken_now(now):
    """Return what does not hold, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_AT_ONCE, {"now": now})
        return {name: count for name, count in cursor.fetchall() if count}


def miscounted():
    """Return the slots whose counter is not what is in them, counted anew and otherwise than the invariants do."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        return [row for row in cursor.fetchall() if row[1] != row[2]]


def broken_promises(town, outcome):
    """Return what a family was told that cannot be: a place is kept for it, in time, and yet there is none."""
    codes = set(outcome.codes) if isinstance(outcome, Refused) else set()
    return codes & {"full", "accessible_full"} if town.promised else set()


def machine_of(towns, tally):
    """Return the machine over towns founded already, one per night: each example is undone by its rollback."""

    class Engine(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.example = transaction.atomic()
            self.example.__enter__()
            self.town, self.now = None, None

        def teardown(self):
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

        @initialize(night=st.sampled_from(DST_NIGHTS), hours=st.integers(-72, 30), minutes=st.integers(0, 59))
        def a_night(self, night, hours, minutes):
            self.town = towns[night]
            self.now = datetime.combine(night, time(), tzinfo=UTC) + timedelta(hours=hours, minutes=minutes)

        @rule(minutes=st.one_of(st.integers(0, 30), st.integers(30, 3 * 24 * 60)))
        def time_passes(self, minutes):
            self.now += timedelta(minutes=minutes)
            if minutes >= 60:  # the worker passes every minute: what is over within the hour has been seen to
                self.do("sweep_the_waiting_list", Random(0))

        def do(self, name, chance):
            self.town.promised = False
            with transaction.atomic():
                outcome = outcome_of(lambda: DEEDS[name](self.town, chance, self.now))
            assert broken_promises(self.town, outcome) == set()
            tally[name, "refused" if isinstance(outcome, Refused) else "nothing" if outcome is None else "done"] += 1

        @invariant()
        def all_that_must_hold_holds(self):
            if self.now is not None:
                tally["steps", ""] += 1
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                assert broken_now(self.now) == {}
                assert miscounted() == []

    for name in DEEDS:
        setattr(Engine, name, _rule_of(name))
    return Engine


def _rule_of(name):
    def step(self, chance):
        self.do(name, chance)

    step.__name__ = name
    return rule(chance=st.randoms(use_true_random=True))(step)


def run(examples):
    tally = Counter()
    towns = {}
    for night in DST_NIGHTS:
        founded = datetime.combine(night, time(), tzinfo=UTC) - timedelta(days=4)
        towns[night] = found_town(now=founded)
    profile = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
    )
    run_state_machine_as_test(machine_of(towns, tally), settings=profile)
    return tally


def report(tally, say):
    """Say how many steps were made, and how often each deed was done, refused, or had nothing to be done to."""
    say(f"\n{tally['steps', '']} steps, after each of which all that must hold held")
    for name in DEEDS:
        say(f"{name:<26}" + "".join(f"{what} {tally[name, what]:<7}" for what in ("done", "refused", "nothing")))


def test_whatever_happens_all_that_must_hold_holds(say):
    tally = run(examples=8)

    report(tally, say)
    assert tally["steps", ""] >= 200


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_whatever_happens_for_long_all_that_must_hold_holds(say):
    tally = Counter()
    while tally["steps", ""] < 20_000:
        with transaction.atomic():
            tally += run(examples=100)
            transaction.set_rollback(True)

    report(tally, say)
    assert [name for name in DEEDS if not tally[name, "done"]] == []


def test_the_town_s_nights_are_those_of_the_clocks():
    town = found_town(now=datetime(2026, 10, 21, tzinfo=UTC))
    mainland = town.slots(datetime(2026, 10, 24, tzinfo=UTC), wing_id=town.wings[0].pk, days=(0, 3))

    nightly = [slot.starts_at for slot in mainland if slot.local_date == date(2026, 10, 25)]

    assert nightly == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 13, 30, tzinfo=UTC)]
    assert Visit.objects.count() == 0
