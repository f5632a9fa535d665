"""Sign in through FranceConnect and out again."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from parloir.foundation import languages
from parloir.foundation.access import public
from parloir.identity import answers, cookies, paths
from parloir.identity.faults import Fault, NothingAsked, SignInFailed
from parloir.identity.franceconnect import franceconnect, identity_from
from parloir.identity.leaving import SIGNED_OUT, back_from_the_provider, leave
from parloir.notifications.operations import note_address, receive

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from parloir.identity.cookies import UnderWay
    from parloir.identity.oidc import Proof


@public
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Explain FranceConnect, and what to do without it."""
    next_path = paths.local_path(request.GET.get("suite", paths.SPACE))
    context = {
        "next_path": next_path,
        "asked": "suite" in request.GET,
        "called": settings.FRANCECONNECT["service_name"],
    }
    return render(request, "identity/sign_in.html", context)


@public
@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to FranceConnect, remembering which answer it may come back with."""
    next_path = paths.local_path(request.GET.get("suite", paths.SPACE))
    if elsewhere := paths.declared_start(request, next_path):
        return HttpResponseRedirect(elsewhere)
    under_way = cookies.UnderWay(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), next_path, again="encore" in request.GET
    )
    try:
        address = _authorization_url(under_way, now=timezone.now())
    except SignInFailed as failure:
        return answers.sign_in_failed(request, failure, next_path)
    response = HttpResponseRedirect(address)
    cookies.remember(request, response, under_way)
    return response


def _authorization_url(under_way: UnderWay, *, now: datetime) -> str:
    back = paths.absolute("identity:callback")
    return franceconnect().authorization_url(
        redirect_uri=back, state=under_way.state, nonce=under_way.nonce, again=under_way.again, now=now
    )


@public
@require_GET
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Receive the browser back from FranceConnect: an answer serves once, in the browser that asked."""
    under_way = cookies.recall(request, request.GET.get("state", ""))
    if under_way is None:
        return answers.start_again(request, Fault.UNKNOWN_STATE)
    if request.GET.get("iss") != settings.FRANCECONNECT["issuer"]:
        return answers.start_again(request, Fault.OTHER_ISSUER)
    try:
        response = _returned(request, under_way)
    except NothingAsked as failure:
        # The code and the state have not served: the same address may be tried again.
        return answers.sign_in_failed(request, failure, under_way.next_path)
    cookies.forget(response, under_way)
    return response


def _returned(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    """Answer what FranceConnect says: an error, or a code that tells who came back.

    :raises NothingAsked: when it could not be asked yet; nothing is used up.
    """
    if "error" in request.GET:
        return answers.provider_error(request, request.GET["error"], under_way.next_path)
    if not request.GET.get("code"):
        return answers.start_again(request, Fault.NO_CODE, under_way.next_path)
    try:
        proof = _proof(request.GET["code"], under_way)
    except NothingAsked:
        raise
    except SignInFailed as failure:
        return answers.sign_in_failed(request, failure, under_way.next_path)
    return _signed_in(request, under_way, proof, now=timezone.now())


def _proof(code: str, under_way: UnderWay) -> Proof:
    back = paths.absolute("identity:callback")
    return franceconnect().redeem(code=code, redirect_uri=back, nonce=under_way.nonce, clock=timezone.now)


def _signed_in(request: HttpRequest, under_way: UnderWay, proof: Proof, *, now: datetime) -> HttpResponse:
    """Open the session of who came back and lead them where they wanted to go."""
    identity = identity_from(proof.claims)
    device = cookies.device(request)
    opened = receive(
        identity=identity,
        id_token=proof.id_token,
        language=languages.current(),
        device=device,
        replaces=cookies.session_key(request),
        proven_at=_proven_at(under_way, proof, now=now),
        now=now,
    )
    _note_address(opened.account.pk, identity.email, now=now)
    response = HttpResponseRedirect(under_way.next_path)
    cookies.set_session(response, opened.key)
    cookies.set_device(response, device)
    # A form that somebody else opened in this browser cannot be sent in this person's name.
    rotate_token(request)
    return response


def _note_address(account_id: int, email: str, *, now: datetime) -> None:
    """Remember the address that FranceConnect gave; whatever is wrong with it, the person is signed in."""
    try:
        if email:
            note_address(account_id=account_id, email=email, now=now)
    except Exception:  # noqa: BLE001 - nothing about an address may stop a sign-in
        answers.log.exception("address_not_noted")


def _proven_at(under_way: UnderWay, proof: Proof, *, now: datetime) -> datetime | None:
    """Return when the person identified themselves anew, if we asked for it.

    The address that asks passes through the browser, where the asking can be taken out: what FranceConnect says of
    when it was, if it does, counts more than that it was asked for.
    """
    if not under_way.again:
        return None
    return min(now, proof.authenticated_at or now)


@public
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Offer to sign out; then close our session first, and FranceConnect's with it.

    Open to all: a session that has expired here may live on at FranceConnect, where it must be closed too.
    """
    if request.method != "POST":
        seen = {"has_session": cookies.has_session(request), "closed_elsewhere": "ailleurs" in request.GET}
        return render(request, "identity/sign_out.html", seen)
    return leave(request, now=timezone.now())


@public
@require_safe
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that the person is signed out, or lead to the page that says it in their case."""
    last_page = back_from_the_provider(request)
    still_open = request.GET.get("franceconnect") == "ouvert"
    if last_page == SIGNED_OUT:
        response = render(request, "identity/signed_out.html", {"still_open_there": still_open})
    else:
        response = HttpResponseRedirect(reverse(last_page))
    cookies.drop_signing_out(response)
    return response
