"""Who may open a page: the mark of public pages, and a plain “not found” for all that is not yours."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def public[View: Callable[..., object]](view: View) -> View:
    """Open a view to people who are not signed in; the list of such views is held by a test."""
    view.login_required = False  # type: ignore[attr-defined]
    return view


def asks_again[View: Callable[..., object]](when: Callable[..., bool]) -> Callable[[View], View]:
    """Have a view act only for somebody who has just signed in again: what it does would serve a thief best.

    :param when: tells of a request whether that is needed; asked for what is sent, never for reading.
    """

    def marked(view: View) -> View:
        view.asks_again = when  # type: ignore[attr-defined]
        return view

    return marked


def missing_is_404[Request: HttpRequest, **P](
    view: Callable[Concatenate[Request, P], HttpResponse],
) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Answer “not found” when what is asked for is not there for this person, whoever else may see it."""

    @wraps(view)
    def found(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist as error:
            raise Http404 from error

    return found
