"""Closed by default: a view answers to a signed-in person unless it is marked public."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from parloir.identity import cookies, typed
from parloir.identity.answers import session_expired, sign_in_again
from parloir.identity.leaving import leave
from parloir.people import operations, queries
from parloir.people.rules import is_fresh

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpRequest, HttpResponse

    from parloir.identity.requests import AccountRequest


class SignInMiddleware:
    """Find whose request it is: one read where a person must be signed in, none on public pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and keep what a signed-in person was shown out of every cache."""
        visitor = cast("AccountRequest", request)
        visitor.account = visitor.sign_in = None  # type: ignore[assignment]
        response = self.get_response(request)
        if visitor.account is not None:
            response.headers["Cache-Control"] = "no-store"
            if request.method == "POST":
                typed.forget(request, response)
        return response

    def process_view(
        self,
        request: AccountRequest,
        view: Callable[..., HttpResponse],
        _args: Sequence[object],
        _kwargs: Mapping[str, object],
    ) -> HttpResponse | None:
        """Let the request through to its view, or ask to sign in."""
        if not getattr(view, "login_required", True):
            return None
        now = timezone.now()
        key = cookies.session_key(request)
        idle = timedelta(minutes=settings.SIGN_IN_IDLE_MINUTES)
        sign_in = queries.signed_in(key=key, idle=idle, now=now) if key else None
        if sign_in is None:
            return _ask_to_sign_in(request, key)
        operations.touch(sign_in=sign_in, now=now)
        request.sign_in, request.account = sign_in, sign_in.account
        request.typed = typed.recall(request)
        request.leave = partial(leave, request)
        asks_again = getattr(view, "asks_again", None)
        if request.method == "POST" and asks_again and not is_fresh(sign_in.proven_at, now=now) and asks_again(request):
            return sign_in_again(request)
        return None


def _ask_to_sign_in(request: HttpRequest, key: str | None) -> HttpResponse:
    """Send a reader to the sign-in page and back; tell a writer that nothing was done, and keep what was typed."""
    if request.method in {"GET", "HEAD"}:
        if key and queries.was_closed_elsewhere(key):
            return HttpResponseRedirect(f"{reverse('identity:sign_out')}?ailleurs=1")
        return HttpResponseRedirect(f"{reverse('identity:sign_in')}?{urlencode({'suite': request.get_full_path()})}")
    account_id = queries.whose_session(key) if key and typed.can_keep(request) else None
    response = session_expired(request, is_kept=account_id is not None)
    if account_id is not None:
        typed.keep(request, response, account_id=account_id)
    return response
