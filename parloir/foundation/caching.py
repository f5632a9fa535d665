"""Public pages are the same for everyone who reads the same language: render once, then answer from memory."""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    type View = Callable[..., HttpResponse]

REMEMBERED_SECONDS = 300
"""How long a rendered page is kept by the process, and by browsers."""


def same_for_everyone(view: View) -> View:
    """Serve a public page by its validator: nothing in it may depend on who asks, only on the language.

    An address with a query is rendered each time: its number of forms has no bound.
    """

    @wraps(view)
    def cached(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or request.META.get("QUERY_STRING"):
            return view(request, *args, **kwargs)
        key = f"page:{get_language()}:{hashlib.sha256(request.path.encode()).hexdigest()}"
        body = cache.get(key)
        if body is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:  # noqa: PLR2004
                return response
            body = response.content
            cache.set(key, body, REMEMBERED_SECONDS)
        return _answer(request, body)

    return cached


def _answer(request: HttpRequest, body: bytes) -> HttpResponse:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, headers={"ETag": etag, "Cache-Control": f"public, max-age={REMEMBERED_SECONDS}"})
    # The language is chosen by a cookie, else by the browser.
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    answer: HttpResponse = get_conditional_response(request, etag=etag, response=response) or response
    return answer
