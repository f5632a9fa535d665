"""Application registration of ``identity``."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class IdentityConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the settings checked."""
        from parloir.identity.checks import issuers_are_real, service_name_is_neutral

        register(issuers_are_real, Tags.security)
        register(service_name_is_neutral, Tags.security)
