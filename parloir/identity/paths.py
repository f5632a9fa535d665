"""Where a sign-in leads: to an address of ours, and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest

SPACE = "/espace/"
LONGEST_PATH = 300


def local_path(asked: str) -> str:
    """Return the address asked for when it is a plain path of this site, otherwise that of the personal space."""
    plain = asked.startswith("/") and len(asked) <= LONGEST_PATH and asked.isprintable() and asked.isascii()
    if not plain or not url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return SPACE
    circles = (reverse("identity:sign_in"), reverse("identity:sign_out"))
    return SPACE if asked.startswith(circles) else asked


def page_left(request: HttpRequest) -> str:
    """Return the path of the page whose form was sent, to come back to it."""
    parts = urlsplit(request.headers.get("Referer", ""))
    same_site = parts.netloc == request.get_host()
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path) if same_site else SPACE


def absolute(name: str) -> str:
    """Return a declared address of this service, as FranceConnect knows it."""
    return f"{settings.SITE_URL}{reverse(name)}"


def declared_start(request: HttpRequest, next_path: str) -> str | None:
    """Return where to start instead, when this site is visited under another name than its declared address.

    FranceConnect sends people back to the declared address, so the cookie must be set there. The mark ``ici``
    is for a proxy that does not hand the name down: it goes round once only.
    """
    if request.get_host() == urlsplit(settings.SITE_URL).netloc or "ici" in request.GET:
        return None
    again = {"encore": "1"} if "encore" in request.GET else {}
    return f"{absolute('identity:start')}?{urlencode({'suite': next_path, 'ici': '1', **again})}"
