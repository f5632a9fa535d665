"""The cookies of a session and of a sign-in under way: signed, and out of the reach of scripts and other sites."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SESSION = "session"
UNDER_WAY = "connexion-"
UNDER_WAY_SECONDS = 20 * 60
MOST_UNDER_WAY = 5
SIGNING_OUT = "deconnexion"


@dataclass(frozen=True)
class UnderWay:
    """What is remembered of a sign-in between its start and its return; ``next_path`` is where it then leads."""

    state: str
    nonce: str
    next_path: str


def session_key(request: HttpRequest) -> str | None:
    """Return the key in the session's cookie; None without one, or when it is not of our making."""
    try:
        return _session_signer().unsign(request.COOKIES[SESSION])
    except (KeyError, signing.BadSignature):
        return None


def set_session(response: HttpResponse, key: str) -> None:
    """Give the browser its session, until it closes or the session expires on our side."""
    _set(response, SESSION, _session_signer().sign(key), max_age=None, path="/")


def drop_session(response: HttpResponse) -> None:
    """Take the session's cookie back."""
    response.delete_cookie(SESSION, samesite="Lax")


def remember(request: HttpRequest, response: HttpResponse, under_way: UnderWay) -> None:
    """Keep a sign-in under way in a cookie of its own, so that two tabs do not disturb each other."""
    others = sorted((_begun(value), name) for name, value in request.COOKIES.items() if name.startswith(UNDER_WAY))
    for _at, name in others[: max(0, len(others) - MOST_UNDER_WAY + 1)]:
        response.delete_cookie(name, path=_path(), samesite="Lax")
    value = signing.dumps(asdict(under_way), salt="parloir.identity.under-way")
    _set(response, _name(under_way.state), value, max_age=UNDER_WAY_SECONDS, path=_path())


def recall(request: HttpRequest, state: str) -> UnderWay | None:
    """Return the sign-in that a state belongs to; None when this browser started none, or too long ago."""
    try:
        value = request.COOKIES[_name(state)]
        kept = UnderWay(**signing.loads(value, salt="parloir.identity.under-way", max_age=UNDER_WAY_SECONDS))
    except (KeyError, signing.BadSignature):
        return None
    return kept if kept.state == state else None


def forget(response: HttpResponse, under_way: UnderWay) -> None:
    """Let a state serve only once in this browser."""
    response.delete_cookie(_name(under_way.state), path=_path(), samesite="Lax")


def set_signing_out(response: HttpResponse, state: str) -> None:
    """Keep the state of a sign-out until FranceConnect sends the browser back."""
    _set(response, SIGNING_OUT, state, max_age=UNDER_WAY_SECONDS, path=reverse("identity:sign_out"))


def drop_signing_out(response: HttpResponse) -> None:
    """Take the sign-out's cookie back."""
    response.delete_cookie(SIGNING_OUT, path=reverse("identity:sign_out"), samesite="Lax")


def _session_signer() -> signing.Signer:
    """Sign with ``SECRET_KEY``, and believe ``SECRET_KEY_FALLBACKS`` too."""
    return signing.Signer(salt="parloir.identity.session")


def _name(state: str) -> str:
    return UNDER_WAY + sha256(state.encode()).hexdigest()[:16]


def _begun(value: str) -> int:
    """Return when the sign-in of a cookie began, in epoch seconds as its signature dates it; unreadable ones are old.

    The date is read without being checked: it only says which of this browser's own cookies goes first.
    """
    try:
        return signing.b62_decode(value.rsplit(":", 2)[-2])
    except (ValueError, IndexError):
        return 0


def _path() -> str:
    return reverse("identity:start")


def _set(response: HttpResponse, name: str, value: str, *, max_age: int | None, path: str) -> None:
    response.set_cookie(name, value, max_age=max_age, path=path, httponly=True, samesite="Lax", secure=settings.HTTPS)
