"""The protocol's addresses: discovery, authorization, tokens, identity, sign-out."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from parloir.demo.people import sub_of
from parloir.demo.provider import signing, state
from parloir.demo.provider.declared import declared
from parloir.demo.provider.pages import SESSION_COOKIE
from parloir.demo.provider.rules import (
    SCOPES,
    TOKEN_SECONDS,
    RequestRefused,
    read_authorization,
    read_sign_out,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

    from parloir.demo.provider.rules import Declared
    from parloir.demo.provider.state import Grant


@require_GET
def discovery(_request: HttpRequest) -> JsonResponse:
    """Describe this provider as the real one does, with all it announces and does not accept."""
    issuer = declared().issuer
    return JsonResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/session/end",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "scopes_supported": list(SCOPES),
            "subject_types_supported": ["pairwise"],
            "acr_values_supported": ["eidas1", "eidas2", "eidas3"],
            "id_token_signing_alg_values_supported": ["ES256", "RS256", "HS256"],
            "userinfo_signing_alg_values_supported": ["ES256", "RS256", "HS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@require_GET
def jwks(_request: HttpRequest) -> JsonResponse:
    """Publish both keys."""
    return JsonResponse(signing.published_keys())


@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """Receive a browser from the service, or refuse its request with a page."""
    try:
        asked = read_authorization(dict(request.GET.lists()), declared())
    except RequestRefused as refused:
        return _refusal(request, refused)
    key = state.requests.put(asked, now=time.time())
    return HttpResponseRedirect(reverse("choose_provider", args=[key]))


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> JsonResponse:
    """Exchange a code for tokens, once and within its thirty seconds."""
    now = time.time()
    known = declared()
    if not _is_the_service(request, known):
        return _json_error("invalid_client", 401)
    if request.POST.get("grant_type") != "authorization_code":
        return _json_error("unsupported_grant_type", 400)
    code = request.POST.get("code", "")
    grant = state.codes.take(code, now=now)
    if grant is None or request.POST.get("redirect_uri") != grant.asked.redirect_uri:
        return _json_error("invalid_grant", 400)
    return _no_store(JsonResponse(_granted(grant, known, now=now)))


def _granted(grant: Grant, known: Declared, *, now: float) -> dict[str, object]:
    access_token = state.tokens.put(grant, now=now)
    claims = signing.id_token_claims(
        grant.persona,
        declared=known,
        nonce=grant.asked.nonce,
        acr=grant.asked.acr,
        access_token=access_token,
        began=int(grant.began),
        seconds=int(now),
    )
    return {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": " ".join(grant.asked.scope),
        "id_token": signing.sign(claims, alg=known.alg),
    }


def _is_the_service(request: HttpRequest, known: Declared) -> bool:
    """Tell whether the form holds the declared secret: a Basic header is not accepted, even beside it."""
    given = (request.POST.get("client_id", ""), request.POST.get("client_secret", ""))
    same = [
        secrets.compare_digest(one.encode(), other.encode())
        for one, other in zip(given, (known.client_id, known.client_secret), strict=True)
    ]
    return all(same) and "Authorization" not in request.headers


@require_GET
def userinfo(request: HttpRequest) -> HttpResponse:
    """Hand over the civil status as a signed token."""
    now = time.time()
    scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
    grant = state.tokens.get(access_token, now=now) if scheme == "Bearer" else None
    if grant is None:
        return _json_error("invalid_token", 401)
    known = declared()
    claims = signing.identity_claims(grant.persona, declared=known, scope=grant.asked.scope, seconds=int(now))
    return _no_store(HttpResponse(signing.sign(claims, alg=known.alg), content_type="application/jwt"))


@require_GET
def end_session(request: HttpRequest) -> HttpResponse:
    """Close the session of the person an id_token names, and send the browser back."""
    known = declared()
    try:
        id_token, back = read_sign_out(dict(request.GET.lists()), known)
    except RequestRefused as refused:
        return _refusal(request, refused)
    session = state.sessions.get(request.COOKIES.get(SESSION_COOKIE, ""), now=time.time())
    subject = signing.subject_of(id_token, known)
    if subject is None:
        return _refusal(request, RequestRefused("Y030007", "id_token_hint is not ours"))
    if session and sub_of(session.persona) == subject:
        state.sessions.take(request.COOKIES[SESSION_COOKIE], now=time.time())
    response = HttpResponseRedirect(back)
    response.delete_cookie(SESSION_COOKIE)
    return response


def _refusal(request: HttpRequest, refused: RequestRefused) -> HttpResponse:
    return render(request, "provider/refused.html", {"code": refused.code, "why": refused.why}, status=400)


def _json_error(code: str, status: int) -> JsonResponse:
    return _no_store(JsonResponse({"error": code, "error_description": code.replace("_", " ")}, status=status))


def _no_store[Response: HttpResponse](response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
