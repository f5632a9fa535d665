"""What every request goes through first: a line in the log, and nothing believed that a stranger forwards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.utils import translation

from parloir.foundation.network import comes_from_a_proxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("parloir.access")
LANGUAGE_PARAMETER = "langue"


def access_log(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Log the route's pattern, never the address asked for: it can hold a reference or a token."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            route=match.route if match else None,
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return response

    return middleware


def permissions_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Tell browsers what no page may ask them for: camera, microphone, position and the like."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return middleware


def language_of_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Show one page in the language that its address asks for (``?langue=en``), and remember nothing of it.

    Search engines keep no cookie: this is the address they give of a page in another language (``sitemap.xml``).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        wanted = request.GET.get(LANGUAGE_PARAMETER, "")
        if wanted in dict(settings.LANGUAGES):
            translation.activate(wanted)
            request.LANGUAGE_CODE = wanted
        return get_response(request)

    return middleware


def only_proxies_forward(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Forget what a peer that is no proxy of ours says of the scheme: Django would believe anybody."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "HTTP_X_FORWARDED_PROTO" in request.META and not comes_from_a_proxy(request):
            del request.META["HTTP_X_FORWARDED_PROTO"]
        return get_response(request)

    return middleware
