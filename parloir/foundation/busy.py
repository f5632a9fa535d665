"""Tell an overload, which passes by itself, from a fault."""

from __future__ import annotations

from django.db import OperationalError
from psycopg import errors
from psycopg_pool import PoolTimeout

_PASSING = (
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.QueryCanceled,
    errors.TooManyConnections,
    PoolTimeout,
)


def is_busy(error: BaseException | None) -> bool:
    """Tell whether an error is only that too many people ask at once: a lock, a statement or a connection too late."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, _PASSING)
