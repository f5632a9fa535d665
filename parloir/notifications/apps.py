"""Application registration of ``notifications``."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what is said to whoever starts the service."""
        from parloir.notifications import checks  # noqa: F401 - registers itself
