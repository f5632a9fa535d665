"""The plain pages that say why somebody is not signed in, and what to do about it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from django.shortcuts import render
from django.utils.translation import gettext as _

from parloir.foundation.access import public
from parloir.foundation.errors import error_page
from parloir.foundation.outbound import SOON
from parloir.identity import cookies, paths, typed
from parloir.identity.faults import Fault, NothingAsked, SignInRefused, known_error
from parloir.people import queries

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from parloir.identity.faults import SignInFailed
    from parloir.identity.requests import AccountRequest

log = structlog.get_logger("parloir.identity")

AGAIN = "encore"
"""Marks the address of a page that has tried once more by itself."""
TRY_LATER = "identity/try_later.html"
START_AGAIN = "identity/start_again.html"


def given_up(request: HttpRequest, next_path: str) -> HttpResponse:
    """Take note, without comment, that the person did not go on at FranceConnect."""
    return _page(request, "identity/given_up.html", HTTPStatus.OK, next_path)


def start_again(request: HttpRequest, fault: Fault, next_path: str = paths.SPACE) -> HttpResponse:
    """Say that a return from FranceConnect has already served, is too old, or began in another browser."""
    log.warning("sign_in_failed", fault=fault.value)
    return _page(request, START_AGAIN, HTTPStatus.BAD_REQUEST, next_path)


def provider_error(request: HttpRequest, error: str, next_path: str) -> HttpResponse:
    """Answer an error that FranceConnect reported."""
    failure = SignInRefused(Fault.REPORTED, error=known_error(error))
    _note("sign_in_failed", failure)
    if error == "access_denied":
        return given_up(request, next_path)
    return _try_later(request, failure, next_path)


def sign_in_failed(request: HttpRequest, failure: SignInFailed, next_path: str) -> HttpResponse:
    """Answer a failure that we found ourselves: the log has its code, the page what to do."""
    _note("sign_in_failed", failure)
    if isinstance(failure, NothingAsked):
        return _not_now(request, failure, next_path)
    if failure.fault is Fault.CODE_REFUSED:
        return _page(request, START_AGAIN, HTTPStatus.BAD_REQUEST, next_path)
    return _try_later(request, failure, next_path)


def sign_out_failed(failure: SignInFailed) -> None:
    """Note that FranceConnect's own session could not be closed."""
    _note("sign_out_failed", failure)


def _note(event: str, failure: SignInFailed) -> None:
    """Log the codes of a failure, and no text of the provider: who is to look at it, and where."""
    level = logging.ERROR if failure.is_grave else logging.WARNING
    known = {"fault": failure.fault.value, "status": failure.status, "error": failure.error}
    log.log(level, event, **{name: value for name, value in known.items() if value})


def _try_later(request: HttpRequest, failure: SignInFailed, next_path: str) -> HttpResponse:
    page = _page(request, TRY_LATER, HTTPStatus.SERVICE_UNAVAILABLE, next_path)
    page.headers["Retry-After"] = str(failure.retry_after)
    return page


def _not_now(request: HttpRequest, failure: NothingAsked, next_path: str) -> HttpResponse:
    """Keep what was brought: the same address is asked for once more by itself, then by the person.

    By a header, not by the page: no script is needed, and no page holds the code, which has not served.
    """
    is_last = AGAIN in request.GET
    asked = request.GET.copy()
    asked[AGAIN] = "1"
    page = _page(request, "identity/not_now.html", HTTPStatus.SERVICE_UNAVAILABLE, next_path, is_last=is_last)
    page.headers["Retry-After"] = str(failure.retry_after if is_last else SOON)
    if not is_last:
        page.headers["Refresh"] = f"{SOON}; url={request.path}?{asked.urlencode()}"
    return page


def session_expired(request: HttpRequest, *, is_kept: bool) -> HttpResponse:
    """Say that what was sent was not done, because nobody is signed in any more; and whether it is given back."""
    return _page(request, "identity/expired.html", HTTPStatus.FORBIDDEN, paths.page_left(request), is_kept=is_kept)


def sign_in_again(request: AccountRequest) -> HttpResponse:
    """Ask somebody whose session is open to prove that it is still them, and give back what they sent."""
    is_kept = typed.can_keep(request)
    back = request.path if is_kept and "Referer" not in request.headers else paths.page_left(request)
    response = _page(request, "identity/sign_in_again.html", HTTPStatus.FORBIDDEN, back, is_kept=is_kept, again=True)
    if is_kept:
        typed.keep(request, response, account_id=request.account.pk)
    return response


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
                "Par sécurité, nous n’avons rien enregistré. Revenez à la page précédente, rechargez-la et "
                "recommencez. Si cela continue, vérifiez que votre navigateur accepte les cookies."
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
