"""Close a session in this browser, and FranceConnect's with it: through the browser, since nothing else can."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse

from parloir.identity import answers, cookies, paths
from parloir.identity.faults import SignInFailed
from parloir.identity.franceconnect import franceconnect
from parloir.people import operations

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

SIGNED_OUT = "identity:signed_out"
_PAGES = {SIGNED_OUT, "portal:my_data_erased"}
_STILL_OPEN = "?franceconnect=ouvert"
"""Says on the last page that FranceConnect could not be closed."""


def leave(request: HttpRequest, *, now: datetime, last_page: str = SIGNED_OUT) -> HttpResponse:
    """Close our session first, even one that was closed elsewhere or has expired, then FranceConnect's.

    What the browser kept of our pages goes too; cookies do not: the language and the known device stay.

    :param last_page: the name of the page to end on.
    """
    key = cookies.session_key(request)
    id_token = operations.sign_out(key=key, now=now) if key else None
    if id_token:
        response = _to_the_provider(id_token, last_page, now=now)
    else:
        is_lost = id_token == "" or (key is None and cookies.has_session(request))
        response = HttpResponseRedirect(reverse(last_page) + (_STILL_OPEN if is_lost else ""))
    cookies.drop_session(response)
    rotate_token(request)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def back_from_the_provider(request: HttpRequest) -> str:
    """Return the name of the page to end on; an unexpected state changes nothing to the sign-out, and is logged."""
    state, last_page = cookies.signing_out(request)
    if state and not secrets.compare_digest(state.encode(), request.GET.get("state", "").encode()):
        answers.log.warning("sign_out_state_differs")
    return last_page if last_page in _PAGES else SIGNED_OUT


def _to_the_provider(id_token: str, last_page: str, *, now: datetime) -> HttpResponse:
    state = secrets.token_urlsafe(32)
    back_to = paths.absolute(SIGNED_OUT)
    try:
        address = franceconnect().end_session_url(id_token=id_token, state=state, back_to=back_to, now=now)
    except SignInFailed as failure:
        answers.sign_out_failed(failure)
        return HttpResponseRedirect(reverse(last_page) + _STILL_OPEN)
    response = HttpResponseRedirect(address)
    cookies.set_signing_out(response, state, last_page)
    return response
