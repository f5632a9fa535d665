"""What every page shows above all else: the national alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from parloir.establishments import queries

if TYPE_CHECKING:
    from django.http import HttpRequest


def alerts(_request: HttpRequest) -> dict[str, object]:
    """Give pages the national alerts."""
    return {"national_alerts": queries.alerts_shown(now=timezone.now())}
