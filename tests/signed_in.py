"""A browser in which an account is signed in, without the provider's detour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import Client
from django.utils import timezone

from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from tests.serving import session_cookie

if TYPE_CHECKING:
    from parloir.people.models import Account


def signed_in(account: Account, *, again: bool = True) -> Client:
    """Return a browser in which this account is signed in, from now on: ``again``, as if asked for a moment ago."""
    identity = Identity(
        issuer=account.issuer,
        sub=account.sub,
        birth_name=account.birth_name,
        use_name=account.use_name,
        first_names=tuple(account.first_names),
        birth_date=account.birth_date,
        email="",
    )
    now = timezone.now()
    session = sign_in(identity=identity, id_token="", language="fr", proven_at=now if again else None, now=now)
    browser = Client()
    browser.cookies.load(session_cookie(session.key))
    return browser
