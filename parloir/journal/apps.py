"""Application registration of ``journal``."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.journal"
    default_auto_field = "django.db.models.BigAutoField"
