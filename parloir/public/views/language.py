"""Read the site in another language."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from parloir.foundation.access import public
from parloir.foundation.middleware import LANGUAGE_PARAMETER

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@csrf_exempt  # The button is on pages that are the same for everyone; the worst a forger wins is a page in English.
@require_POST
def change_language(request: HttpRequest) -> HttpResponseRedirect:
    """Remember the language in a cookie and go back to the page one came from, if it is one of ours."""
    wanted, back = request.POST.get("langue", ""), request.POST.get("suite", "")
    safe = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = HttpResponseRedirect(_without_language(back) if safe else "/")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            wanted,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
            httponly=True,
        )
    return response


def _without_language(address: str) -> str:
    """Leave out of an address the language it asks for: it would win over the one just chosen."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if LANGUAGE_PARAMETER not in dict(asked):
        return address
    kept = [(name, value) for name, value in asked if name != LANGUAGE_PARAMETER]
    return urlunsplit(parts._replace(query=urlencode(kept)))
