"""Application registration of ``visits``."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.visits"
    default_auto_field = "django.db.models.BigAutoField"
