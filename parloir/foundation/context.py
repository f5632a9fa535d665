"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest


def site(_request: HttpRequest) -> dict[str, object]:
    """Say whether the State itself runs this site (``OFFICIAL``) and whether it is the demonstration."""
    return {"OFFICIAL": settings.OFFICIAL, "DEMO": settings.DEV}
