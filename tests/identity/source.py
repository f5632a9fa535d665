"""An identity provider that can misbehave in one way at a time, over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from parloir.identity.faults import SignInFailed, TokenRejected
from parloir.identity.oidc import Provider, Registration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT_ID = "the-service"
SECRET = "the-secret"
NONCE = "n" * 43
BACK = "http://testserver/connexion/franceconnect/retour/"
SUB = "a" * 64 + "v1"
EC = ECKey.generate_key("P-256", parameters={"kid": "ec-1", "alg": "ES256", "use": "sig"})
RSA = RSAKey.generate_key(2048, parameters={"kid": "rsa-1", "alg": "RS256", "use": "sig"})
STRANGER = ECKey.generate_key("P-256", parameters={"kid": "ec-1", "alg": "ES256", "use": "sig"})
NEXT = ECKey.generate_key("P-256", parameters={"kid": "ec-2", "alg": "ES256", "use": "sig"})
SHARED = OctKey.import_key(SECRET + "-" * 32, {"kid": "ec-1"})


def signed(claims: dict[str, Any], *, key: Any = EC, alg: str = "ES256", kid: str | None = None) -> str:
    header = {"alg": alg, "kid": kid or key.kid}
    # As a provider may write it: escaped, so that what no encoding has (a lone surrogate) travels too.
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=[alg])


def unsigned(claims: dict[str, Any]) -> str:
    """Return a token of algorithm ``none``, which no library would make."""
    from base64 import urlsafe_b64encode

    coded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)]
    return ".".join([*coded, ""])


@dataclass
class Source:
    """What it serves; a test changes what should be wrong. ``asked`` lists the paths it was asked for."""

    issuer: str = ""
    id_token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    sign_id_token: Callable[[dict[str, Any]], str] = signed
    sign_userinfo: Callable[[dict[str, Any]], str] = signed
    userinfo_type: str = "application/jwt"
    token_answer: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    published: list[list[Any]] = field(default_factory=lambda: [[EC, RSA]])
    beside: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    form: str = ""
    authorization: str | None = None

    def answer(self, path: str) -> tuple[str, str]:
        """Return the type and body for a path."""
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                found = {"issuer": self.issuer, **self._endpoints(), **self.discovery}
                return "application/json", json.dumps({name: value for name, value in found.items() if value})
            case "/jwks":
                keys = self.published[min(self.asked.count("/jwks"), len(self.published)) - 1]
                found = KeySet(keys).as_dict(private=False)["keys"]
                return "application/json", json.dumps({"keys": [*self.beside, *found, *self.beside]})
            case "/token":
                granted = {
                    "access_token": "at",
                    "token_type": "Bearer",
                    "id_token": self.sign_id_token(self._id_token()),
                }
                return "application/json", json.dumps({**granted, **self.token_answer})
            case _:
                return self.userinfo_type, self.sign_userinfo(self._userinfo())

    def _endpoints(self) -> dict[str, str]:
        names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "session/end"}
        return {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()} | {
            "jwks_uri": f"{self.issuer}/jwks"
        }

    def _id_token(self) -> dict[str, Any]:
        claims = {**self._envelope(), "nonce": NONCE, "acr": "eidas1", **self.id_token}
        return {name: value for name, value in claims.items() if value is not None}

    def _userinfo(self) -> dict[str, Any]:
        claims = {**self._envelope(), "family_name": "DURAND", **self.userinfo}
        return {name: value for name, value in claims.items() if value is not None}

    def _envelope(self) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT_ID, "sub": SUB, "iat": now, "exp": now + 60}


@contextmanager
def serving(source: Source) -> Iterator[Source]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source.authorization = self.headers["Authorization"] or source.authorization
            kind, body = source.answer(self.path)
            self.send_response(source.statuses.get(self.path, 200))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_POST(self) -> None:
            source.form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            source.authorization = None
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    source.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()


def provider_of(source, **about):
    declared = {
        "issuer": source.issuer,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "alg": "ES256",
        "scope": "openid email",
        "acr": "eidas1",
        "loopback_http": True,
    }
    return Provider(Registration(**{**declared, **about}))


def now():
    return datetime.now(UTC)


def redeem(source, provider=None, *, at=None):
    provider = provider or provider_of(source)
    return provider.redeem(code="the-code", redirect_uri=BACK, nonce=NONCE, clock=(lambda: at) if at else now)


def fault_of(source, kind=TokenRejected, **about):
    with pytest.raises(SignInFailed) as caught:
        redeem(source, provider_of(source, **about))
    assert type(caught.value) is kind
    return caught.value.fault
