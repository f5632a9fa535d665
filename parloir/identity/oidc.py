"""Speak OpenID Connect with FranceConnect: discovery, the authorization address, tokens, identity, sign-out.

Written for what FranceConnect v2 demands and libraries leave out (docs/decisions): no parameter beyond the
required ones, 43-character state and nonce, a pinned algorithm, and an identity that is itself a signed token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from parloir.identity import tokens
from parloir.identity.faults import Fault, ProviderUnavailable, SignInRefused, TokenRejected

if TYPE_CHECKING:
    from datetime import datetime

TIMEOUT = httpx.Timeout(8, connect=5)
CACHED_FOR = timedelta(minutes=10)
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
    """Who signed in, checked: the claims of the identity, and the id_token that will close the provider's session."""

    id_token: str
    claims: tokens.Claims


class Provider:
    """One OpenID Connect provider; its addresses and keys are kept for ten minutes."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        local = urlsplit(registration.issuer).hostname in LOOPBACK
        # A proxy of the environment is for the outside, never for this machine.
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=not local, headers={"Accept-Language": "fr"})
        self._discovered: tuple[datetime, dict[str, str]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, now: datetime) -> str:
        """Return where to send the browser, with exactly the parameters FranceConnect accepts.

        :raises ProviderUnavailable: when its addresses cannot be read.
        """
        asked = {
            "client_id": self.registration.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": self.registration.scope,
            "state": state,
            "nonce": nonce,
            "acr_values": self.registration.acr,
        }
        return f"{self._endpoints(now)['authorization_endpoint']}?{urlencode(asked)}"

    def end_session_url(self, *, id_token: str, state: str, back_to: str, now: datetime) -> str:
        """Return where to send the browser to close the provider's own session.

        :raises ProviderUnavailable: when its addresses cannot be read.
        """
        asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back_to}
        return f"{self._endpoints(now)['end_session_endpoint']}?{urlencode(asked)}"

    def redeem(self, *, code: str, redirect_uri: str, nonce: str, now: datetime) -> Proof:
        """Exchange a code for a checked identity, at once: codes and tokens live for seconds.

        :raises ProviderUnavailable: when the provider does not answer.
        :raises SignInRefused: when it refuses the code or us.
        :raises TokenRejected: when a check fails.
        """
        ours = self.registration
        granted = self._redeem_code(code, redirect_uri, now)
        id_token = granted["id_token"]
        proven = self._verified(id_token, now)
        tokens.check_addressed_to_us(proven, issuer=ours.issuer, client_id=ours.client_id, now=now)
        tokens.check_id_token(proven, nonce=nonce, acr=ours.acr, now=now)
        identity = self._verified(self._userinfo(granted["access_token"], now), now)
        tokens.check_addressed_to_us(identity, issuer=ours.issuer, client_id=ours.client_id, now=now)
        tokens.check_same_person(identity, proven)
        return Proof(id_token, identity)

    def _redeem_code(self, code: str, redirect_uri: str, now: datetime) -> dict[str, str]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.registration.client_id,
            "client_secret": self.registration.client_secret,
        }
        answer = self._ask("POST", self._endpoints(now)["token_endpoint"], data=form)
        granted = _json(answer)
        if answer.status_code != httpx.codes.OK:
            expired = granted.get("error") == "invalid_grant"
            raise SignInRefused(Fault.CODE_REFUSED if expired else Fault.CLIENT_REFUSED)
        if str(granted.get("token_type", "")).lower() != "bearer":
            raise TokenRejected(Fault.BAD_ANSWER)
        if not all(isinstance(granted.get(name), str) for name in ("id_token", "access_token")):
            raise TokenRejected(Fault.BAD_ANSWER)
        return granted

    def _userinfo(self, access_token: str, now: datetime) -> str:
        bearer = {"Authorization": f"Bearer {access_token}", "Accept": "application/jwt"}
        answer = self._ask("GET", self._endpoints(now)["userinfo_endpoint"], headers=bearer)
        if answer.status_code != httpx.codes.OK:
            raise SignInRefused(Fault.USERINFO_REFUSED)
        if not answer.headers.get("content-type", "").startswith("application/jwt"):
            raise TokenRejected(Fault.BAD_ANSWER)
        return answer.text.strip()

    def _verified(self, token: str, now: datetime) -> tokens.Claims:
        return tokens.verified(token, alg=self.registration.alg, keys=lambda fresh: self._published_keys(now, fresh))

    def _published_keys(self, now: datetime, fresh: bool) -> KeySet:  # noqa: FBT001 - handed on by position
        if self._keys and not fresh and now - self._keys[0] < CACHED_FOR:
            return self._keys[1]
        answer = self._ask("GET", self._endpoints(now)["jwks_uri"])
        try:
            found = KeySet.import_key_set(answer.json())
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderUnavailable(Fault.BAD_ANSWER) from error
        self._keys = (now, found)
        return found

    def _endpoints(self, now: datetime) -> dict[str, str]:
        if self._discovered and now - self._discovered[0] < CACHED_FOR:
            return self._discovered[1]
        issuer = self.registration.issuer
        self._check_secure(issuer)
        answer = self._ask("GET", f"{issuer}/.well-known/openid-configuration")
        found = _json(answer)
        if answer.status_code != httpx.codes.OK or not all(isinstance(found.get(name), str) for name in ENDPOINTS):
            raise ProviderUnavailable(Fault.BAD_DISCOVERY)
        if found.get("issuer") != issuer:
            raise ProviderUnavailable(Fault.OTHER_ISSUER_DISCOVERED)
        for name in ENDPOINTS:
            self._check_secure(found[name])
        self._discovered = (now, {name: found[name] for name in ENDPOINTS})
        return self._discovered[1]

    def _check_secure(self, address: str) -> None:
        parts = urlsplit(address)
        local = self.registration.loopback_http and parts.hostname in LOOPBACK
        if parts.scheme != "https" and not (local and parts.scheme == "http"):
            raise ProviderUnavailable(Fault.INSECURE_ADDRESS)

    def _ask(self, method: str, address: str, **request: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, address, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnavailable(Fault.UNREACHABLE) from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderUnavailable(Fault.UNREACHABLE)
        return answer


def _json(answer: httpx.Response) -> dict[str, Any]:
    """Read an answer's object; what is none is an empty one, which every caller then refuses."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=4)
def provider_of(registration: Registration) -> Provider:
    """Return the provider of a registration, one a process, so that what it discovered is kept."""
    return Provider(registration)
