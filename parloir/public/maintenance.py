"""While the service is closed for a time: every address says until when, and whom to call instead.

Nothing here reads the database: it may be what is being worked on. The telephones are those of the referential file.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, get_language_bidi

from parloir.establishments.referential import read_referential
from parloir.establishments.rules import OnlineBooking

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from parloir.establishments.referential import EstablishmentFacts

_WATCHED = "/sante/"
"""What supervisors ask keeps its own answer."""
_SHORTEST_WAIT = 60
_LATE_WAIT = 300
"""Seconds after which to come back when it lasts longer than was said."""
_ZONE = ZoneInfo("Europe/Paris")


def closed_meanwhile(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer for everything else while ``MAINTENANCE_UNTIL`` is set; only whoever set it opens the service again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        until = settings.MAINTENANCE_UNTIL
        if until is None or request.path.startswith(_WATCHED):
            return get_response(request)
        return _closed(until, now=timezone.now())

    return middleware


def _closed(until: datetime, *, now: datetime) -> HttpResponse:
    seconds = int((until - now).total_seconds())
    context = {
        "OFFICIAL": settings.OFFICIAL,
        "LANGUAGE_CODE": get_language(),
        "LANGUAGE_BIDI": get_language_bidi(),
        "until": until,
        "zone": _ZONE,
        "is_late": seconds <= 0,
        "prisons": _telephones(),
    }
    page = render_to_string("public/maintenance.html", context)
    wait = max(seconds, _SHORTEST_WAIT) if seconds > 0 else _LATE_WAIT
    headers = {"Retry-After": str(wait), "Cache-Control": "no-store"}
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)


@cache
def _telephones() -> list[EstablishmentFacts]:
    """Return the prisons that can be called, by town."""
    known = [line for line in read_referential() if line.phone and line.online_booking != OnlineBooking.EMPTY]
    return sorted(known, key=lambda line: (line.city or line.name, line.name))
