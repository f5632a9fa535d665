"""Refuse to serve the public with invented hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

from parloir.timetable.models import Session, Slot
from parloir.timetable.queries import fictional_rows_exist

if TYPE_CHECKING:
    from collections.abc import Sequence

OFFICIAL_WITH_FICTION = Error(
    "OFFICIAL is set, but this database holds the demonstration's invented timetable.",
    hint="Start the official service on a database of its own; never on the demonstration's.",
    id="timetable.E001",
)


@register(Tags.database)
def no_fiction_under_official(*, databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Refuse ``OFFICIAL`` while a fictional row exists: run by ``migrate`` and ``check --database default``."""
    if not settings.OFFICIAL or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    tables = set(connections[DEFAULT_DB_ALIAS].introspection.table_names())
    migrated = {Session._meta.db_table, Slot._meta.db_table} <= tables  # noqa: SLF001 (public in all but name)
    return [OFFICIAL_WITH_FICTION] if migrated and fictional_rows_exist() else []
