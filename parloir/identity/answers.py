"""The plain pages that say why somebody is not signed in, and what to do about it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from django.shortcuts import render
from django.utils.translation import gettext as _

from parloir.foundation.access import public
from parloir.foundation.errors import error_page
from parloir.identity import cookies, paths, typed
from parloir.identity.faults import Fault, ProviderUnavailable, SignInRefused
from parloir.people import queries

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from parloir.identity.faults import SignInFailed

log = structlog.get_logger("parloir.identity")

KNOWN_ERRORS = {
    "access_denied",
    "server_error",
    "temporarily_unavailable",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "login_required",
    "consent_required",
    "interaction_required",
}
TRY_LATER = "identity/try_later.html"
START_AGAIN = "identity/start_again.html"


def given_up(request: HttpRequest, next_path: str) -> HttpResponse:
    """Take note, without comment, that the person did not go on at FranceConnect."""
    return _page(request, "identity/given_up.html", HTTPStatus.OK, next_path)


def start_again(request: HttpRequest, next_path: str = paths.SPACE) -> HttpResponse:
    """Say that a return from FranceConnect has already served, is too old, or began in another browser."""
    return _page(request, START_AGAIN, HTTPStatus.BAD_REQUEST, next_path)


def provider_error(request: HttpRequest, error: str, next_path: str) -> HttpResponse:
    """Answer an error that FranceConnect reported."""
    log.warning("sign_in_error", error=error if error in KNOWN_ERRORS else "other")
    if error == "access_denied":
        return given_up(request, next_path)
    return _page(request, TRY_LATER, HTTPStatus.SERVICE_UNAVAILABLE, next_path)


def sign_in_failed(request: HttpRequest, failure: SignInFailed, next_path: str) -> HttpResponse:
    """Answer a failure that we found ourselves: the log has its code, the page what to do."""
    grave = not isinstance(failure, ProviderUnavailable | SignInRefused)
    log.log(40 if grave else 30, "sign_in_failed", fault=failure.fault.value)
    if failure.fault is Fault.CODE_REFUSED:
        return start_again(request, next_path)
    return _page(request, TRY_LATER, HTTPStatus.SERVICE_UNAVAILABLE, next_path)


def session_expired(request: HttpRequest, *, is_kept: bool) -> HttpResponse:
    """Say that what was sent was not done, because nobody is signed in any more; and whether it is given back."""
    return _page(request, "identity/expired.html", HTTPStatus.FORBIDDEN, paths.page_left(request), is_kept=is_kept)


@public
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Answer a form whose key is no longer good: it was open before a sign-in, or for long, or another site sent it.

    What one of our own pages sent is given back there: the key changes under a form left open in another tab.
    """
    key = cookies.session_key(request)
    is_ours = _comes_from_here(request) and typed.can_keep(request)
    account_id = queries.whose_session(key) if key and is_ours else None
    if account_id is None:
        return error_page(
            request,
            status=HTTPStatus.FORBIDDEN,
            title=_("Votre page était ouverte depuis trop longtemps"),
            text=_(
                "Par sécurité, votre demande n’a pas été prise en compte. Revenez à la page précédente, "
                "rechargez-la et recommencez. Si cela continue, vérifiez que votre navigateur accepte les cookies."
            ),
        )
    response = _page(request, "identity/stale_form.html", HTTPStatus.FORBIDDEN, paths.page_left(request))
    typed.keep(request, response, account_id=account_id)
    return response


def _comes_from_here(request: HttpRequest) -> bool:
    """Tell whether a page of this very site sent a form, as the browser says: nobody else may fill in ours."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def _page(request: HttpRequest, template: str, status: HTTPStatus, next_path: str, **more: bool) -> HttpResponse:
    # A code or state in the address has served: no link or field of the page may repeat it.
    request.META["QUERY_STRING"] = ""
    has_session = cookies.session_key(request) is not None
    page = render(request, template, {"next_path": next_path, "has_session": has_session, **more}, status=status)
    page.headers["Cache-Control"] = "no-store"
    return page
