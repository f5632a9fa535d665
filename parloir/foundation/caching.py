"""Public pages are the same for everyone who reads the same language: render once, then answer from memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

import brotli
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from parloir.foundation.middleware import LANGUAGE_PARAMETER

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    type View = Callable[..., HttpResponse]

REMEMBERED_SECONDS = 300
"""How long a rendered page is kept by the process, and by browsers."""
_EFFORT = 9
"""How hard a page is compressed, once for all its readers: a few milliseconds."""
_TOO_SMALL = 200
_READING = ("GET", "HEAD")


@dataclass(frozen=True)
class _Kept:
    """A rendered page: as it is, and compressed once for all who read it."""

    body: bytes
    compressed: bytes
    content_type: str
    etag: str


def same_for_everyone(view: View) -> View:
    """Serve a public page by its validator: nothing in it may depend on who asks, only on the language.

    An address with a query is rendered each time, its number of forms having no bound; one that only asks for a
    language is a page like others.
    """
    plain = {"", *(f"{LANGUAGE_PARAMETER}={code}" for code, _name in settings.LANGUAGES)}

    @wraps(view)
    def cached(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method not in _READING:
            return HttpResponseNotAllowed(_READING)
        query = request.META.get("QUERY_STRING", "")
        if query not in plain:
            return view(request, *args, **kwargs)
        address = f"{request.path}?{query}"
        key = f"page:{get_language()}:{hashlib.sha256(address.encode()).hexdigest()}"
        kept = cache.get(key)
        if kept is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:  # noqa: PLR2004
                return response
            kept = _kept(response)
            cache.set(key, kept, REMEMBERED_SECONDS)
        return _answer(request, kept)

    return cached


def _kept(response: HttpResponse) -> _Kept:
    body = response.content
    small = len(body) < _TOO_SMALL
    # The validator says what is read, however it travels: hence a weak one.
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    return _Kept(body, b"" if small else brotli.compress(body, quality=_EFFORT), response["Content-Type"], etag)


def _answer(request: HttpRequest, kept: _Kept) -> HttpResponse:
    as_brotli = bool(kept.compressed) and _takes_brotli(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(kept.compressed if as_brotli else kept.body, content_type=kept.content_type)
    response["ETag"] = kept.etag
    response["Cache-Control"] = f"public, max-age={REMEMBERED_SECONDS}"
    if as_brotli:
        # What is compressed already, the middleware that compresses leaves alone.
        response["Content-Encoding"] = "br"
    # The language is chosen by a cookie, else by the browser.
    patch_vary_headers(response, ("Cookie", "Accept-Language", "Accept-Encoding"))
    answer: HttpResponse = get_conditional_response(request, etag=kept.etag, response=response) or response
    return answer


def _takes_brotli(accepted: str) -> bool:
    """Tell whether a browser reads brotli: it names it, and does not refuse it."""
    named = [part.replace(" ", "").lower() for part in accepted.split(",")]
    return any(part == "br" or (part.startswith("br;q=") and part.rstrip("0.") != "br;q=") for part in named)
