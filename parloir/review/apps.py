"""Application registration of ``review``."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """See docs/architecture.md for what belongs here."""

    name = "parloir.review"
    default_auto_field = "django.db.models.BigAutoField"
