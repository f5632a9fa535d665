"""The page people read when something is wrong: a plain sentence, and what to do next. It reads no database."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse


def error_page(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """Answer with a page that nobody keeps.

    :param title: what happened, in a few words.
    :param text: what to do now.
    """
    context = {"error_title": title, "error_text": text, "status": status, "LISTING": None}
    response = render(request, "error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def every_error_is_a_page(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer with a page, too, whoever opens an address that only a button of ours sends to (405)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.streaming or response.content:
            return response
        page = error_page(
            request,
            status=response.status_code,
            title=_("Cette adresse ne s’ouvre pas ainsi"),
            text=_(
                "Elle sert seulement quand vous appuyez sur un bouton. "
                "Retournez à la page du bouton, et appuyez dessus."
            ),
        )
        page["Allow"] = response["Allow"]
        return page

    return middleware


def to_be_tried_later(answer: HttpResponse, *, until: datetime, now: datetime) -> HttpResponse:
    """Make an answer say that a limit was met, and to programs from when another try makes sense."""
    answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
    answer.headers["Retry-After"] = str(max(1, ceil((until - now).total_seconds())))
    return answer


def too_many_requests(request: HttpRequest, *, text: str = "", retry_after: int = 300) -> HttpResponse:
    """Answer somebody who asks faster than a person can.

    :param text: what to do, when more can be said than to wait a few minutes.
    :param retry_after: seconds until another try makes sense.
    """
    wait = _("Attendez quelques minutes, puis recommencez. Ce que vous avez déjà validé est bien enregistré.")
    title = _("Trop de demandes en peu de temps")
    response = error_page(request, status=429, title=title, text=text or wait)
    response["Retry-After"] = str(retry_after)
    return response
