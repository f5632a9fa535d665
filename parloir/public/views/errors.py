"""What people read when something is wrong: a plain sentence and what to do next.

None of these pages reads the database; the one for our own failures does not even read the request.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from parloir.foundation.access import public
from parloir.foundation.busy import is_away, is_busy
from parloir.foundation.errors import error_page

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer a request that cannot be understood."""
    return error_page(
        request,
        status=400,
        title=_("Cette demande n’a pas été comprise"),
        text=_("L’adresse ou le formulaire envoyé contient une erreur. Revenez à la page précédente et recommencez."),
    )


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer a request for something that is not this person's."""
    return error_page(
        request,
        status=403,
        title=_("Vous n’avez pas accès à cette page"),
        text=_("Cette page est réservée à d’autres personnes. Vous pouvez retourner dans votre espace."),
    )


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer an address that leads nowhere."""
    return error_page(
        request,
        status=404,
        title=_("Cette page n’existe pas"),
        text=_("L’adresse est peut-être mal recopiée, ou la page n’existe plus."),
    )


@public
def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer when we fail, without the request: whatever it carries may be what failed.

    When only too many people ask at once, or the database is away, say so, and when to try again: nothing is broken.
    """
    template, status, retry_after = _what_failed(sys.exception())
    context = {"OFFICIAL": settings.OFFICIAL, "LANGUAGE_CODE": get_language(), "LANGUAGE_BIDI": get_language_bidi()}
    response = HttpResponse(render_to_string(template, context), status=status)
    response["Cache-Control"] = "no-store"
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def _what_failed(error: BaseException | None) -> tuple[str, int, int]:
    """Return the page, the status, and after how many seconds another try makes sense: 0 when none does."""
    if is_away(error):
        return "public/away.html", 503, 60
    if is_busy(error):
        return "public/busy.html", 503, 10
    return "public/server_error.html", 500, 0
