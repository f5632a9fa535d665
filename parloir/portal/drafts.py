"""What was typed, given back for ten minutes: a refused form is corrected, not typed again.

It is kept in the person's own browser, encrypted, and read by nobody but the account that typed it; the
page of the refusal itself repeats none of it, so that it is the same for everybody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from parloir.foundation.cookies import named
from parloir.people.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from parloir.identity.requests import AccountRequest

_COOKIE = "saisie"
_SECONDS = 10 * 60
_FIELDS = ("etablissement", "pour", "numero", "nom_naissance", "prenom", "date_naissance")


def keep(request: AccountRequest, response: HttpResponse, typed: Mapping[str, object]) -> None:
    """Keep what a person typed about a permit; ``typed`` is the form's cleaned data."""
    fields = {name: str(typed[name]) for name in _FIELDS if typed.get(name)}
    sealed = seal(json.dumps([request.account.pk, fields], ensure_ascii=False)).decode()
    response.set_cookie(
        _name(), sealed, max_age=_SECONDS, path=_path(), httponly=True, samesite="Strict", secure=settings.HTTPS
    )


def recall(request: AccountRequest) -> dict[str, str]:
    """Return what this account typed, field by field; nothing when it typed nothing lately."""
    opened = unseal(request.COOKIES.get(_name(), "").encode())
    if opened is None:
        return {}
    account_id, fields = json.loads(opened)
    return dict(fields) if account_id == request.account.pk else {}


def forget(response: HttpResponse) -> None:
    """Forget it: the permit is registered."""
    response.delete_cookie(_name(), path=_path(), samesite="Strict")


def _name() -> str:
    return named(_COOKIE, path=_path())


def _path() -> str:
    return reverse("portal:permit_add")
