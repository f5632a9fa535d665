"""The demonstration's own pages: as whom to sign in, and the messages that were caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from parloir.demo import caught
from parloir.demo.personas import PERSONAS
from parloir.establishments.queries import all_establishments
from parloir.foundation.access import public

if TYPE_CHECKING:
    from django.http import HttpRequest

SHOWN = 30
# An e-mail carries its own styles; nothing of it may run, load or lead this window elsewhere.
AS_IN_A_MAIL_CLIENT: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": ["data:"],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
}


@public
@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Show the personas and the latest messages."""
    sms = caught.sms(caught.FOLDER, limit=SHOWN)
    facts = {
        "personas": PERSONAS,
        "prisons": {prison.slug: prison.name for prison in all_establishments()},
        "emails": caught.emails(caught.FOLDER, limit=SHOWN),
        "sms": sms,
        "telephones": caught.telephones(sms),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "demo/home.html", facts)


@public
@require_safe
@never_cache
def email_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one e-mail: its text, its links, its layout."""
    return render(request, "demo/email.html", {"email": _email(key), "zone": settings.TIME_ZONE})


@public
@require_safe
@never_cache
@xframe_options_sameorigin
@csp_override(AS_IN_A_MAIL_CLIENT)
def email_layout(_request: HttpRequest, key: str) -> HttpResponse:
    """Give an e-mail's HTML for the frame of its page."""
    return HttpResponse(_email(key).html)


def _email(key: str) -> caught.CaughtEmail:
    found = caught.email_of(caught.FOLDER, key)
    if not found:
        raise Http404
    return found
