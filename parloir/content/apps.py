"""Application registration of ``content``."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.content"
    default_auto_field = "django.db.models.BigAutoField"
