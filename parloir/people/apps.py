"""Application registration of ``people``."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.people"
    default_auto_field = "django.db.models.BigAutoField"
