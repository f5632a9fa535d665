"""Application registration of ``portal``."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.portal"
    default_auto_field = "django.db.models.BigAutoField"
