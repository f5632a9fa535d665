"""The demonstration, its people and its look-alike identity provider cannot be enabled for real use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import Error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig
    from django.core.checks import CheckMessage


def only_in_development(app_configs: Sequence[AppConfig] | None, **_options: object) -> list[CheckMessage]:
    """Refuse the demonstration outside ``DEV``: it can sign anybody in as anybody."""
    del app_configs
    if settings.DEV:
        return []
    return [
        Error(
            "parloir.demo is installed outside DEV.",
            hint="Remove it from INSTALLED_APPS: it signs in whoever asks, as whomever they choose.",
            id="parloir.demo.E001",
        )
    ]
