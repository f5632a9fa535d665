"""Trust a signed token only after every check: algorithm, key, signature, and each claim that makes it ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from parloir.identity.faults import Fault, TokenRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    type Claims = Mapping[str, Any]
    type Keys = Callable[[bool], KeySet]

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 16_000


def verified(token: str, *, alg: str, keys: Keys) -> Claims:
    """Return the claims of a token signed by the provider with the pinned algorithm.

    ``keys(fresh)`` gives the provider's published keys; ``fresh`` asks for them anew, which is done once
    when the token names a key that is not among those known: providers change keys without notice.

    :raises TokenRejected: for any other algorithm, an unknown key, a bad signature, or what is no token.
    """
    try:
        header = jws.extract_compact(token[:LONGEST_TOKEN].encode()).headers()
        kid = header.get("kid")
        if header.get("alg") != alg:
            raise TokenRejected(Fault.WRONG_ALGORITHM)
        key = _key(keys(False), kid, alg) or _key(keys(True), kid, alg)
        if key is None:
            raise TokenRejected(Fault.UNKNOWN_KEY)
        return jwt.decode(token, key, algorithms=[alg]).claims
    except BadSignatureError as error:
        raise TokenRejected(Fault.BAD_SIGNATURE) from error
    except (JoseError, ValueError) as error:
        raise TokenRejected(Fault.UNREADABLE) from error


def check_addressed_to_us(claims: Claims, *, issuer: str, client_id: str, now: datetime) -> None:
    """Check who made a token, for whom, and that it is still good, with half a minute for clocks that differ.

    :raises TokenRejected: naming the claim at fault.
    """
    if claims.get("iss") != issuer:
        raise TokenRejected(Fault.WRONG_ISSUER)
    if claims.get("aud") not in (client_id, [client_id]):
        raise TokenRejected(Fault.WRONG_AUDIENCE)
    if _instant(claims, "exp") + LEEWAY_SECONDS <= now.timestamp():
        raise TokenRejected(Fault.EXPIRED)
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:  # noqa: PLR2004 - OpenID Connect
        raise TokenRejected(Fault.WRONG_SUBJECT)


def check_id_token(claims: Claims, *, nonce: str, acr: str, now: datetime) -> None:
    """Check that an id_token answers the very request that this browser began, at the level asked for.

    :raises TokenRejected: naming the claim at fault.
    """
    if _instant(claims, "iat") - LEEWAY_SECONDS > now.timestamp():
        raise TokenRejected(Fault.FROM_THE_FUTURE)
    if claims.get("nonce") != nonce:
        raise TokenRejected(Fault.WRONG_NONCE)
    if claims.get("acr") != acr:
        raise TokenRejected(Fault.WRONG_LEVEL)


def check_same_person(userinfo: Claims, id_token: Claims) -> None:
    """Check that the identity is that of the person who signed in.

    :raises TokenRejected: when it is somebody else's.
    """
    if userinfo["sub"] != id_token["sub"]:
        raise TokenRejected(Fault.WRONG_SUBJECT)


def _key(keys: KeySet, kid: object, alg: str) -> ECKey | RSAKey | None:
    """Choose a published key by its name and the pinned algorithm, never by what the token suggests."""
    for key in keys:
        if key.kid == kid and key.alg in (None, alg) and key.get("use") in (None, "sig"):
            if alg == "ES256" and isinstance(key, ECKey):
                return key
            if alg == "RS256" and isinstance(key, RSAKey):
                return key
    return None


def _instant(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRejected(Fault.UNREADABLE)
    return float(value)
