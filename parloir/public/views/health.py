"""What a supervisor or a load balancer asks: whether the process is up, and whether it can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from parloir.foundation.access import public
from parloir.foundation.readiness import what_is_missing

if TYPE_CHECKING:
    from django.http import HttpRequest

log = structlog.get_logger("parloir.health")
PLAIN = "text/plain; charset=utf-8"


@public
@require_safe
@never_cache
def alive(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers; nothing else is asked, so that a slow database restarts nobody."""
    return HttpResponse("vivant\n", content_type=PLAIN)


@public
@require_safe
@never_cache
def ready(_request: HttpRequest) -> HttpResponse:
    """Say whether the database answers with every migration applied; 503 otherwise, the reason only in the log."""
    missing = what_is_missing()
    if missing:
        log.warning("not ready", missing=missing)
        return HttpResponse("indisponible\n", content_type=PLAIN, status=503, headers={"Retry-After": "10"})
    return HttpResponse("prêt\n", content_type=PLAIN)
