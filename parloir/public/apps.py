"""Application registration of ``public``."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.public"
    default_auto_field = "django.db.models.BigAutoField"
