"""The look-alike's pages: which account to use, then who to be."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from parloir.demo.personas import PERSONAS, persona_of
from parloir.demo.provider import state
from parloir.demo.provider.declared import declared
from parloir.demo.provider.rules import SESSION_SECONDS

if TYPE_CHECKING:
    from django.http import HttpRequest

    from parloir.demo.provider.rules import Asked

SESSION_COOKIE = "session_fournisseur"
STYLE = Path(__file__).with_name("style.css")
ERRORS = {"annuler": "access_denied", "panne": "server_error"}


@dataclass(frozen=True)
class Account:
    """A kind of account one may sign in with."""

    key: str
    label: str


ACCOUNTS = (
    Account("impots", "impots.gouv.fr"),
    Account("ameli", "Ameli"),
    Account("la-poste", "L’Identité Numérique La Poste"),
    Account("msa", "MSA"),
    Account("yris", "YRIS"),
    Account("france-identite", "France Identité"),
    Account("trustme", "TrustMe"),
)


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say what this site is."""
    return render(request, "provider/about.html", {"site": settings.SITE_URL})


@require_safe
def style(_request: HttpRequest) -> HttpResponse:
    """Serve the only style sheet."""
    return HttpResponse(STYLE.read_bytes(), content_type="text/css; charset=utf-8")


@never_cache
@require_http_methods(["GET", "POST"])
def choose_provider(request: HttpRequest, key: str) -> HttpResponse:
    """Offer the kinds of account; to somebody whose session here is open, offer to go on in one click."""
    asked = state.requests.get(key, now=time.time())
    if asked is None:
        return _too_late(request)
    session = None if asked.login_again else _session(request)
    known = session.persona if session else None
    if request.method == "POST":
        if error := ERRORS.get(request.POST.get("choix", "")):
            return _back(key, asked, {"error": error, "error_description": "demonstration"})
        return _granted(key, asked, session) if session else HttpResponseRedirect(request.path)
    if any(account.key == asked.idp_hint for account in ACCOUNTS) and not known:
        return HttpResponseRedirect(reverse("choose_persona", args=[key, asked.idp_hint]))
    shown = {"key": key, "accounts": ACCOUNTS, "known": known, "site": settings.SITE_URL}
    return render(request, "provider/choose_provider.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def choose_persona(request: HttpRequest, key: str, provider: str) -> HttpResponse:
    """Offer the personas; the choice opens a session of thirty minutes here and goes back with a code."""
    asked = state.requests.get(key, now=time.time())
    account = next((account for account in ACCOUNTS if account.key == provider), None)
    if asked is None or account is None:
        return _too_late(request)
    if request.method == "GET":
        shown = {"key": key, "account": account, "personas": PERSONAS}
        return render(request, "provider/choose_persona.html", shown)
    if error := ERRORS.get(request.POST.get("choix", "")):
        return _back(key, asked, {"error": error, "error_description": "demonstration"})
    try:
        persona = persona_of(request.POST.get("personne", ""))
    except KeyError:
        return HttpResponseRedirect(request.path)
    session = state.Session(persona, time.time())
    response = _granted(key, asked, session)
    opened = state.sessions.put(session, now=session.began)
    response.set_cookie(SESSION_COOKIE, opened, max_age=SESSION_SECONDS, httponly=True, samesite="Lax")
    return response


def _session(request: HttpRequest) -> state.Session | None:
    return state.sessions.get(request.COOKIES.get(SESSION_COOKIE, ""), now=time.time())


def _granted(key: str, asked: Asked, session: state.Session) -> HttpResponse:
    code = state.codes.put(state.Grant(session.persona, asked, session.began), now=time.time())
    return _back(key, asked, {"code": code})


def _back(key: str, asked: Asked, answer: dict[str, str]) -> HttpResponse:
    """Send the browser back: a request is answered once."""
    state.requests.take(key, now=time.time())
    given = urlencode({**answer, "state": asked.state, "iss": declared().issuer})
    return HttpResponseRedirect(f"{asked.redirect_uri}?{given}")


def _too_late(request: HttpRequest) -> HttpResponse:
    return render(request, "provider/too_late.html", {"site": settings.SITE_URL}, status=400)
