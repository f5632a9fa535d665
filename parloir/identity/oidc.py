"""Speak OpenID Connect with FranceConnect: discovery, the authorization address, tokens, identity, sign-out.

Written for what FranceConnect v2 demands and libraries leave out (docs/decisions): no parameter beyond the
required ones, 43-character state and nonce, a pinned algorithm, and an identity that is itself a signed token.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from parloir.foundation import outbound
from parloir.identity import tokens
from parloir.identity.faults import (
    ABOUT_US,
    LATER,
    Fault,
    NothingAsked,
    ProviderUnavailable,
    SignInRefused,
    TokenRejected,
    known_error,
)
from parloir.identity.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    type Clock = Callable[[], datetime]

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")


@dataclass(frozen=True, kw_only=True)
class Registration:
    """How this service is declared to a provider: ``alg`` is pinned here, never read from the provider.

    ``loopback_http`` allows a plain http issuer on this very machine: the development's look-alike.
    """

    issuer: str
    client_id: str
    client_secret: str
    alg: str
    scope: str
    acr: str
    loopback_http: bool = False


@dataclass(frozen=True)
class Proof:
    """Who signed in, checked: the claims of the identity, and the id_token that will close the provider's session.

    ``authenticated_at`` is when the person identified themselves, where the provider says so.
    """

    id_token: str
    claims: tokens.Claims
    authenticated_at: datetime | None = None


class Provider:
    """One OpenID Connect provider: its addresses and keys are kept, and asked for anew every ten minutes."""

    def __init__(self, registration: Registration, *, door: outbound.Door | None = None) -> None:
        self.registration = registration
        local = urlsplit(registration.issuer).hostname in LOOPBACK
        self._door = door or outbound.Door(
            urlsplit(registration.issuer).hostname or "",
            places=outbound.shared_places(),
            limits=outbound.limits_of_settings(),
            environment=not local,
        )
        self._discovered = Kept[dict[str, str]]("discovery")
        self._keys = Kept["tokens.PublicKeys"]("keys")

    def authorization_url(
        self, *, redirect_uri: str, state: str, nonce: str, again: bool = False, now: datetime
    ) -> str:
        """Return where to send the browser, with exactly the parameters FranceConnect accepts.

        ``again`` has the person identify themselves even where the provider has an open session.

        :raises NothingAsked: while the provider is given a pause: whoever came back from there would be stuck.
        :raises ProviderUnavailable: when its addresses cannot be read.
        """
        try:
            self._door.check_open()
        except outbound.NotNow as refusal:
            raise NothingAsked(Fault.NOT_NOW, retry_after=refusal.retry_after) from refusal
        asked = {
            "client_id": self.registration.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": self.registration.scope,
            "state": state,
            "nonce": nonce,
            "acr_values": self.registration.acr,
            **({"prompt": "login"} if again else {}),
        }
        return f"{self._endpoints(now)['authorization_endpoint']}?{urlencode(asked)}"

    def end_session_url(self, *, id_token: str, state: str, back_to: str, now: datetime) -> str:
        """Return where to send the browser to close the provider's own session.

        :raises ProviderUnavailable: when its addresses cannot be read.
        """
        asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back_to}
        return f"{self._endpoints(now)['end_session_endpoint']}?{urlencode(asked)}"

    def redeem(self, *, code: str, redirect_uri: str, nonce: str, clock: Clock) -> Proof:
        """Exchange a code for a checked identity, at once: codes and tokens live for seconds.

        ``clock`` is read after each answer: a slow one must not make a token look older or younger than it is.

        :raises NothingAsked: before anything is used up; the same code may be tried again.
        :raises ProviderUnavailable: when the provider does not answer.
        :raises SignInRefused: when it refuses the code or us.
        :raises TokenRejected: when a check fails.
        """
        ours = self.registration
        with self._outside() as visit:
            granted = self._redeem_code(visit, code, redirect_uri, clock)
            proven = self._verified(visit, granted["id_token"], clock)
            tokens.check_addressed_to_us(proven, issuer=ours.issuer, client_id=ours.client_id, now=clock())
            tokens.check_id_token(proven, nonce=nonce, acr=ours.acr, now=clock())
            identity = self._verified(visit, self._userinfo(visit, granted["access_token"], clock), clock)
            tokens.check_addressed_to_us(identity, issuer=ours.issuer, client_id=ours.client_id, now=clock())
        tokens.check_same_person(identity, proven)
        return Proof(granted["id_token"], identity, tokens.authenticated_at(proven))

    def _redeem_code(self, visit: outbound.Visit, code: str, redirect_uri: str, clock: Clock) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.registration.client_id,
            "client_secret": self.registration.client_secret,
        }
        answer = _ask(visit, "POST", self._endpoints(clock(), visit)["token_endpoint"], form=form)
        granted = answer.object()
        if answer.status != HTTPStatus.OK:
            raise _refusal(answer)
        if str(granted.get("token_type", "")).lower() != "bearer":
            raise TokenRejected(Fault.BAD_ANSWER)
        if not isinstance(granted.get("id_token"), str) or not _is_plain(granted.get("access_token")):
            raise TokenRejected(Fault.BAD_ANSWER)
        return granted

    def _userinfo(self, visit: outbound.Visit, access_token: str, clock: Clock) -> str:
        bearer = {"Authorization": f"Bearer {access_token}", "Accept": "application/jwt"}
        answer = _ask(visit, "GET", self._endpoints(clock(), visit)["userinfo_endpoint"], headers=bearer)
        if answer.status != HTTPStatus.OK:
            raise SignInRefused(Fault.USERINFO_REFUSED, status=answer.status)
        if answer.media_type != "application/jwt":
            raise TokenRejected(Fault.BAD_ANSWER)
        return answer.body.decode("latin-1").strip()

    def _verified(self, visit: outbound.Visit, token: str, clock: Clock) -> tokens.Claims:
        def published(instead_of: tokens.PublicKeys | None) -> tokens.PublicKeys:
            now, patience = clock(), visit.seconds_left
            if instead_of is None:
                return self._keys.read(lambda: self._ask_keys(visit, clock), now=now, patience=patience)
            return self._keys.renew(
                lambda: self._ask_keys(visit, clock), instead_of=instead_of, now=now, patience=patience
            )

        return tokens.verified(token, alg=self.registration.alg, keys=published)

    def _ask_keys(self, visit: outbound.Visit, clock: Clock) -> tokens.PublicKeys:
        answer = _ask(visit, "GET", self._endpoints(clock(), visit)["jwks_uri"])
        published = answer.object().get("keys")
        readable = tokens.readable_keys(published) if isinstance(published, list) else ()
        if answer.status != HTTPStatus.OK or not readable:
            raise ProviderUnavailable(Fault.BAD_KEYS, status=answer.status)
        return readable

    def _endpoints(self, now: datetime, visit: outbound.Visit | None = None) -> Mapping[str, str]:
        """Return the provider's addresses; without a ``visit`` under way, one is made if they must be asked for."""

        def ask() -> dict[str, str]:
            if visit is not None:
                return self._discover(visit)
            with self._outside() as ours:
                return self._discover(ours)

        patience = visit.seconds_left if visit else self._door.limits.call_seconds
        return self._discovered.read(ask, now=now, patience=patience)

    def _discover(self, visit: outbound.Visit) -> dict[str, str]:
        issuer = self.registration.issuer
        self._check_secure(issuer)
        answer = _ask(visit, "GET", f"{issuer}/.well-known/openid-configuration")
        found = answer.object()
        if answer.status != HTTPStatus.OK or not all(_is_plain(found.get(name)) for name in ENDPOINTS):
            raise ProviderUnavailable(Fault.BAD_DISCOVERY, status=answer.status)
        if found.get("issuer") != issuer:
            raise ProviderUnavailable(Fault.OTHER_ISSUER_DISCOVERED)
        for name in ENDPOINTS:
            self._check_secure(found[name])
        return {name: found[name] for name in ENDPOINTS}

    def _check_secure(self, address: str) -> None:
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname, parts.port
        except ValueError as error:
            raise ProviderUnavailable(Fault.BAD_DISCOVERY) from error
        local = self.registration.loopback_http and host in LOOPBACK
        if not host or (parts.scheme != "https" and not (local and parts.scheme == "http")):
            raise ProviderUnavailable(Fault.INSECURE_ADDRESS)

    @contextmanager
    def _outside(self) -> Iterator[outbound.Visit]:
        try:
            with self._door.entered() as visit:
                yield visit
        except outbound.NotNow as refusal:
            raise NothingAsked(Fault.NOT_NOW, retry_after=refusal.retry_after) from refusal


def _ask(
    visit: outbound.Visit,
    method: str,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> outbound.Answer:
    """Ask the provider; an answer that it breaks down or has too much to do is none."""
    try:
        answer = visit.ask(method, address, form=form, headers=headers)
    except outbound.TooLate as error:
        raise ProviderUnavailable(Fault.TOO_LATE) from error
    except outbound.TooLarge as error:
        raise ProviderUnavailable(Fault.TOO_LARGE) from error
    except outbound.OutsideFailed as error:
        raise ProviderUnavailable(Fault.UNREACHABLE) from error
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ProviderUnavailable(Fault.UNREACHABLE, status=answer.status)
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ProviderUnavailable(Fault.TOO_MANY_REQUESTS, status=answer.status, retry_after=LATER)
    return answer


def _refusal(answer: outbound.Answer) -> SignInRefused | ProviderUnavailable:
    """Read why a code was not exchanged: an answer that says so in the protocol's own words, or something else."""
    said = answer.object().get("error")
    error = known_error(said)
    if error == "invalid_grant":
        return SignInRefused(Fault.CODE_REFUSED, status=answer.status, error=error)
    if error in ABOUT_US:
        return SignInRefused(Fault.CLIENT_REFUSED, status=answer.status, error=error)
    return ProviderUnavailable(Fault.UNEXPECTED_STATUS, status=answer.status, error=error if said else "")


def _is_plain(text: object) -> bool:
    """Tell whether this is a text that can stand in a header or an address as it is."""
    return isinstance(text, str) and text.isascii() and text.isprintable() and " " not in text


@lru_cache(maxsize=4)
def provider_of(registration: Registration) -> Provider:
    """Return the provider of a registration, one a process, so that what it discovered is kept."""
    return Provider(registration)
