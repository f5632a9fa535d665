"""A GET never writes: every statement of a test client's GET is watched, whoever wrote the test."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.urls import Resolver404, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b|procrastinate_defer", re.IGNORECASE)
WRITING_QUERY = re.compile(
    r"^\s*WITH\b.*\b(INSERT INTO|DELETE FROM|UPDATE\s+\"?\w+\"?\s+SET)\b", re.IGNORECASE | re.DOTALL
)
SESSION_TOUCH = re.compile(r'^UPDATE "people_signin" SET "last_seen_at" = \S+ WHERE')
UNMET_DEMAND_TALLY = re.compile(r"^\s*INSERT INTO visits_unmetdemand\b")
VIEWS_THAT_MAY = {"identity:start", "identity:callback", "public:ovh-receipt"}


class ReadingWrote(AssertionError):
    """A GET changed the database."""


def writes(statement: str) -> bool:
    """Tell whether a statement changes something.

    Aside: the once-a-minute touch of a session, and the tally of searches that found nothing.
    """
    changes = WRITES.search(statement) or WRITING_QUERY.search(statement)
    return bool(changes) and not SESSION_TOUCH.match(statement) and not UNMET_DEMAND_TALLY.match(statement)


def may_write(path: str) -> bool:
    try:
        return resolve(path).view_name in VIEWS_THAT_MAY
    except Resolver404:
        return False


@contextmanager
def nothing_written(path: str) -> Iterator[None]:
    """Fail on the first statement that writes.

    :raises ReadingWrote: naming the path and the statement.
    """

    def refuse(execute: Callable[..., Any], sql: str, params: object, many: bool, context: object) -> Any:  # noqa: FBT001
        if writes(sql):
            raise ReadingWrote(f"GET {path} wrote: {sql[:200]}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield
