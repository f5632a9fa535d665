"""The cookies of a session and of a sign-in under way: signed, and out of the reach of scripts and other sites."""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse

from parloir.foundation.cookies import named
from parloir.people.rules import DEVICE_KEPT_FOR

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

SESSION = "session"
UNDER_WAY = "connexion-"
UNDER_WAY_SECONDS = 20 * 60
MOST_UNDER_WAY = 5
SIGNING_OUT = "deconnexion"
DEVICE = "appareil"


@dataclass(frozen=True)
class UnderWay:
    """What is remembered of a sign-in between its start and its return; ``next_path`` is where it then leads.

    ``again`` says that the person was to identify themselves anew, whatever session FranceConnect has.
    """

    state: str
    nonce: str
    next_path: str
    again: bool = False


def session_key(request: HttpRequest) -> str | None:
    """Return the key in the session's cookie; None without one, or when it is not of our making."""
    try:
        return _session_signer().unsign(request.COOKIES[named(SESSION)])
    except (KeyError, signing.BadSignature):
        return None


def has_session(request: HttpRequest) -> bool:
    """Tell whether there is a session's cookie at all, be it one that can no longer be read."""
    return bool(request.COOKIES.get(named(SESSION)))


def set_session(response: HttpResponse, key: str) -> None:
    """Give the browser its session, until it closes or the session expires on our side."""
    _set(response, SESSION, _session_signer().sign(key), max_age=None, path="/")


def drop_session(response: HttpResponse) -> None:
    """Take the session's cookie back."""
    _drop(response, SESSION)


def device(request: HttpRequest) -> str:
    """Return what this browser is known by; a new one where it holds nothing of that shape."""
    kept = request.COOKIES.get(named(DEVICE), "")
    return kept if re.fullmatch(r"[\w-]{43}", kept, re.ASCII) else secrets.token_urlsafe(32)


def set_device(response: HttpResponse, token: str) -> None:
    """Let the browser be known again at its next sign-in, whoever's; signing out leaves it."""
    _set(response, DEVICE, token, max_age=int(DEVICE_KEPT_FOR.total_seconds()), path="/")


def remember(request: HttpRequest, response: HttpResponse, under_way: UnderWay) -> None:
    """Keep a sign-in under way in a cookie of its own, so that two tabs do not disturb each other."""
    others = sorted(
        (_begun(value), name) for name, value in request.COOKIES.items() if name.startswith(named(UNDER_WAY))
    )
    for _at, name in others[: max(0, len(others) - MOST_UNDER_WAY + 1)]:
        _drop(response, UNDER_WAY + name.removeprefix(named(UNDER_WAY)), path=_path())
    value = signing.dumps(asdict(under_way), salt="parloir.identity.under-way")
    _set(response, _name(under_way.state), value, max_age=UNDER_WAY_SECONDS, path=_path())


def recall(request: HttpRequest, state: str) -> UnderWay | None:
    """Return the sign-in that a state belongs to; None when this browser started none, or too long ago."""
    try:
        value = request.COOKIES[named(_name(state))]
        kept = UnderWay(**signing.loads(value, salt="parloir.identity.under-way", max_age=UNDER_WAY_SECONDS))
    except (KeyError, TypeError, signing.BadSignature):
        # Of another version of this service, perhaps: signed by us, with other fields.
        return None
    return kept if kept.state == state else None


def forget(response: HttpResponse, under_way: UnderWay) -> None:
    """Let a state serve only once in this browser."""
    _drop(response, _name(under_way.state), path=_path())


def set_signing_out(response: HttpResponse, state: str, last_page: str) -> None:
    """Keep the state of a sign-out, and the page to end on, until FranceConnect sends the browser back."""
    value, path = f"{state}.{last_page}", reverse("identity:sign_out")
    _set(response, SIGNING_OUT, value, max_age=UNDER_WAY_SECONDS, path=path)


def signing_out(request: HttpRequest) -> tuple[str, str]:
    """Return the state of a sign-out under way in this browser and the page to end on; empty when there is none."""
    state, _, last_page = request.COOKIES.get(named(SIGNING_OUT), "").partition(".")
    return state, last_page


def drop_signing_out(response: HttpResponse) -> None:
    """Take the sign-out's cookie back."""
    _drop(response, SIGNING_OUT, path=reverse("identity:sign_out"))


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
    response.set_cookie(
        named(name),
        value,
        max_age=max_age,
        path=_where(path),
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )


def _drop(response: HttpResponse, name: str, *, path: str = "/") -> None:
    response.delete_cookie(named(name), path=_where(path), samesite="Lax")


def _where(path: str) -> str:
    """Return where a cookie is sent: no wider than it must, but over https a ``__Host-`` one is for the whole site."""
    return "/" if settings.HTTPS else path
