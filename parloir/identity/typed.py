"""What was typed in a form that was sent once its session had ended: given back after signing in again.

A long form filled in slowly is not filled in twice. It is kept in the person's own browser, encrypted, for a while;
only the account whose session had ended reads it again, on the same page. Nothing of it is kept here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import QueryDict

from parloir.foundation.cookies import named
from parloir.people.sealing import seal, unseal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from parloir.identity.requests import AccountRequest

# A planted one is worth nothing: what it holds is encrypted and for one account.
_COOKIE = "saisie-gardee"
_SECONDS = 20 * 60
_LONGEST = 2_000
"""Encrypted, it must fit in a cookie."""


def keep(request: HttpRequest, response: HttpResponse, *, account_id: int) -> None:
    """Keep what a refused form held."""
    response.set_cookie(
        named(_COOKIE, path=request.path),
        seal(json.dumps([account_id, request.path, _typed(request)])).decode(),
        max_age=_SECONDS,
        path=request.path,
        httponly=True,
        # Not Strict: the browser comes back to the page from FranceConnect, another site.
        samesite="Lax",
        secure=settings.HTTPS,
    )


def can_keep(request: HttpRequest) -> bool:
    """Tell whether a form holds something, and no more than a cookie does."""
    return 0 < len(_typed(request)) <= _LONGEST


def recall(request: AccountRequest) -> QueryDict:
    """Return what this account typed on this page before its session ended; empty when there is nothing."""
    opened = unseal(request.COOKIES.get(named(_COOKIE, path=request.path), "").encode())
    account_id, path, text = json.loads(opened) if opened else (None, "", "")
    is_theirs = account_id == request.account.pk and path == request.path
    return QueryDict(text if is_theirs else "")


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Forget it: the form has been sent again."""
    name = named(_COOKIE, path=request.path)
    if name in request.COOKIES and name not in response.cookies:
        response.delete_cookie(name, path=request.path, samesite="Lax")


def _typed(request: HttpRequest) -> str:
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    return fields.urlencode()
