"""Application registration of ``register``."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.register"
    default_auto_field = "django.db.models.BigAutoField"
