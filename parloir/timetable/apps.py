"""Application registration of ``timetable``."""

from django.apps import AppConfig


class TimetableConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.timetable"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system check."""
        from parloir.timetable import checks  # noqa: F401 (its import registers it)
