"""Application registration of ``demo``."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class DemoConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.demo"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have it refused outside development."""
        from parloir.demo.checks import only_in_development

        register(only_in_development, Tags.security)
