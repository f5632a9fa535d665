"""What an operator is told when the service starts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register  # noqa: A004 - the library's name

LONGEST_LINK_URL = 28
"""With a longer one the link that stops SMS no longer fits in one SMS beside what it says."""


@register()
def link_is_short(**_kwargs: Any) -> list[CheckMessage]:
    """Warn that SMS will cost twice."""
    if len(settings.LINK_URL) <= LONGEST_LINK_URL:
        return []
    hint = "Set LINK_URL to a shorter neutral address."
    text = f"LINK_URL is longer than {LONGEST_LINK_URL} signs: SMS will need two parts."
    return [Warning(text, hint=hint, id="notifications.W001")]
