"""Application registration of ``notifications``."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.notifications"
    default_auto_field = "django.db.models.BigAutoField"
