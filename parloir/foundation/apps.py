"""Application registration of ``foundation``."""

import atexit

from django.apps import AppConfig
from django.db import connections


class FoundationConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.foundation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the connection pool closed in time: left to the interpreter's end, it waits 5 s for each thread."""
        atexit.register(_close_pool)


def _close_pool() -> None:
    connection = connections["default"]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
