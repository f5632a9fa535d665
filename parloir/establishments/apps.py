"""Application registration of ``establishments``."""

from django.apps import AppConfig


class EstablishmentsConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.establishments"
    default_auto_field = "django.db.models.BigAutoField"
