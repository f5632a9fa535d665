"""Many people at once: each on a thread and a connection of their own, as requests are."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection
from psycopg import errors

from parloir.foundation.busy import is_busy
from parloir.visits.operations import CapacityRefused, VisitRefused


@dataclass(frozen=True)
class Refused:
    """What a person was told instead of having what they asked for."""

    codes: tuple[str, ...]
    ring: str = ""
    """What PostgreSQL says of the ring of locks that it broke, if it was one."""


NOT_FOUND = Refused(("not_found",))


def outcome_of(deed):
    """Do something, and return what came of it: its value, or the refusal that was told; anything else is raised.

    The register's lines are told to no person: an import that waits too long for its turn simply tries again.
    """
    try:
        return deed()
    except VisitRefused as refusal:
        return Refused(tuple(reason.code for reason in refusal.refusals), _ring(refusal.__cause__))
    except CapacityRefused:
        return Refused(("capacity",))
    except OperationalError as error:
        if not is_busy(error):
            raise
        return Refused(("try_again",), _ring(error))
    except ObjectDoesNotExist:
        return NOT_FOUND


def _ring(error):
    is_ring = isinstance(error, OperationalError) and isinstance(error.__cause__, errors.DeadlockDetected)
    return str(error.__cause__) if is_ring else ""


@contextmanager
def own_connection():
    """Give this thread a connection that is not of the pool: as many as there are people."""
    settings = connection.settings_dict
    options = {key: value for key, value in settings["OPTIONS"].items() if key != "pool"}
    connection.settings_dict = {**settings, "OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = settings


def at_once(*deeds):
    """Do all these at the same instant, and return what came of each, in their order.

    Each waits for the others as long as it takes: “try again”, said by a slow machine, would hide who won.
    """
    gate = threading.Barrier(len(deeds))

    def do(deed):
        with own_connection():
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '60s'; SET statement_timeout = '60s'")
            gate.wait(20)
            return outcome_of(deed)

    with ThreadPoolExecutor(len(deeds)) as crowd:
        return list(crowd.map(do, deeds))


def after(seconds, deed):
    """Return the same deed, begun a little later."""

    def later():
        time.sleep(seconds)
        return deed()

    return later


def granted(outcomes):
    """Return what was had, refusals left out."""
    return [outcome for outcome in outcomes if not isinstance(outcome, Refused)]


def told(outcomes):
    """Return the codes that were told, each refusal once."""
    return sorted({code for outcome in outcomes if isinstance(outcome, Refused) for code in outcome.codes})


def deadlocks():
    """Return how many deadlocks PostgreSQL has had to break in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@contextmanager
def without_constraint(table, name):
    """Take a constraint away, for a negative control; the rows that break it go before it comes back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        definition = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        try:
            yield
        finally:
            cursor.execute("TRUNCATE timetable_slot, visits_visit CASCADE")
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
