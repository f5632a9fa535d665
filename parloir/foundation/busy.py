"""Tell an overload, or a database that is away, which pass by themselves, from a fault."""

from __future__ import annotations

import psycopg
from django.db import InterfaceError, OperationalError
from psycopg import errors
from psycopg_pool import PoolTimeout

_PASSING = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.QueryCanceled,
    errors.TooManyConnections,
    PoolTimeout,
)
_GONE = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow)


def is_busy(error: BaseException | None) -> bool:
    """Tell whether an error is only that too many people ask at once: a lock, a statement or a connection too late."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, _PASSING)


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error is only that the database does not answer: stopped, starting, or out of reach.

    Nobody waits for a connection of the pool but while there is none to be had.
    """
    cause = error.__cause__ if isinstance(error, OperationalError | InterfaceError) else None
    if isinstance(cause, psycopg.InterfaceError | PoolTimeout):
        return True
    # What the server itself says has a code; what libpq says when there is no server has none.
    return isinstance(cause, _GONE) or (isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None)
