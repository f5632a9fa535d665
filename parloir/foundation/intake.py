"""What comes with a request is looked at once, before anything of ours reads it: its size, and its signs.

A NUL cannot be kept by PostgreSQL and half a surrogate cannot be written anywhere: nobody types either. They are
refused here for every parameter, header, cookie, path and JSON, whoever will read it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _

from parloir.foundation.errors import error_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_DEEPEST = 20
"""How far JSON may be nested: what providers send is at five or six."""


def only_what_can_be_read(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a request that is too large (413, before it is read) or that holds what nothing of ours can read (400)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _too_large(request)
        try:
            unreadable = any(map(_UNREADABLE.search, _texts(request)))
        except (ValueError, LookupError, RecursionError) as error:
            # A charset that is none, a part whose head is nonsense.
            raise BadRequest("unreadable") from error
        if unreadable:
            raise BadRequest("unreadable")
        return get_response(request)

    return middleware


def _length(request: HttpRequest) -> int:
    declared = request.META.get("CONTENT_LENGTH") or "0"
    return int(declared) if declared.isascii() and declared.isdecimal() and len(declared) < 20 else 0  # noqa: PLR2004


def _too_large(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        status=413,
        title=_("Votre envoi est trop volumineux"),
        text=_(
            "Rien n’a été enregistré. Aucun fichier n’est demandé ici : revenez à la page précédente, écrivez moins "
            "de texte et recommencez."
        ),
    )


def _texts(request: HttpRequest) -> Iterator[str]:
    """Return every text that came with a request.

    :raises ValueError: where one cannot be read at all; so do LookupError and RecursionError.
    """
    yield request.path_info
    yield from (str(value) for name, value in request.META.items() if name.startswith("HTTP_"))
    for pairs in (request.COOKIES, request.GET, request.POST):
        yield from pairs
    yield from request.COOKIES.values()
    for given in (request.GET, request.POST):
        for _name, values in given.lists():
            yield from values
    if request.method not in {"GET", "HEAD"} and request.content_type not in _FORMS and request.body:
        yield from _texts_of_json(request.body)


def _texts_of_json(body: bytes) -> Iterator[str]:
    """Return every text in JSON; what is no JSON is for its reader to refuse.

    :raises RecursionError: when it is nested deeper than anybody means.
    """
    try:
        found = json.loads(body)
    except ValueError:
        return
    left = [(found, 0)]
    while left:
        value, depth = left.pop()
        if depth > _DEEPEST:
            raise RecursionError
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            left += [(inner, depth + 1) for inner in value]
        elif isinstance(value, dict):
            yield from value
            left += [(inner, depth + 1) for inner in value.values()]
