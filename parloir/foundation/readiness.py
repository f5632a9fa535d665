"""Tell whether this process can serve: its database answers with every migration applied."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

SECONDS_TO_CONNECT = 2


def what_is_missing() -> list[str]:
    """Return what prevents serving, as codes: ``database`` or the migrations to apply; empty when ready."""
    connection = _connection_of_our_own()
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return ["database"]
    finally:
        connection.close()
    return [f"{app}.{name}" for app, name in _latest_migrations() if (app, name) not in applied]


@cache
def _latest_migrations() -> list[tuple[str, str]]:
    """Return each application's last migration, as this process's code has it."""
    return sorted(MigrationLoader(None).graph.leaf_nodes())


def _connection_of_our_own() -> BaseDatabaseWrapper:
    """Return a connection outside the pool: a pool that is empty or waiting would hide the database's own answer."""
    connection = connections["default"].copy()
    options = {**connection.settings_dict["OPTIONS"], "pool": False, "connect_timeout": SECONDS_TO_CONNECT}
    connection.settings_dict["OPTIONS"] = options
    return connection
