"""Application registration of ``permits``."""

from django.apps import AppConfig


class PermitsConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.permits"
    default_auto_field = "django.db.models.BigAutoField"
