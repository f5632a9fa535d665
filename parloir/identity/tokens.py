"""Trust a signed token only after every check: algorithm, key, signature, and each claim that makes it ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import ECKey, RSAKey

from parloir.identity.faults import Fault, TokenRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from joserfc.jwk import DictKey

    type Claims = Mapping[str, Any]
    type PublicKeys = tuple[ECKey | RSAKey, ...]
    type Keys = Callable[[PublicKeys | None], PublicKeys]

LEEWAY_SECONDS = 30
LONGEST_TOKEN = 16_000
_KINDS: dict[str, type[ECKey | RSAKey]] = {"EC": ECKey, "RSA": RSAKey}
LATEST = 2**53
"""Seconds since 1970 up to which a number is an instant."""


def verified(token: str, *, alg: str, keys: Keys) -> Claims:
    """Return the claims of a token signed by the provider with the pinned algorithm.

    ``keys(None)`` gives the provider's published keys, ``keys(known)`` newer ones than those: asked for once, when
    the token names a key that is not among those known, because providers change keys without notice.

    :raises TokenRejected: for any other algorithm, an unknown key, a bad signature, or what is no token.
    """
    if len(token) > LONGEST_TOKEN:
        raise TokenRejected(Fault.UNREADABLE)
    try:
        header = jws.extract_compact(token.encode()).headers()
        kid = header.get("kid")
        if header.get("alg") != alg:
            raise TokenRejected(Fault.WRONG_ALGORITHM)
        known = keys(None)
        key = _key(known, kid, alg) or _key(keys(known), kid, alg)
        if key is None:
            raise TokenRejected(Fault.UNKNOWN_KEY)
        return jwt.decode(token, key, algorithms=[alg]).claims
    except BadSignatureError as error:
        raise TokenRejected(Fault.BAD_SIGNATURE) from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise TokenRejected(Fault.UNREADABLE) from error


def readable_keys(published: Sequence[object]) -> PublicKeys:
    """Return those keys of a published set that can be read: one of another curve or kind spoils no other."""
    return tuple(key for entry in published if (key := _readable(entry)) is not None)


def _readable(entry: object) -> ECKey | RSAKey | None:
    kind = _KINDS.get(str(entry.get("kty"))) if isinstance(entry, dict) else None
    if kind is None:
        return None
    try:
        key = kind.import_key(cast("DictKey", entry))
        _ = key.public_key  # numbers that are on no curve show only here
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return None
    return key


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
    if "nbf" in claims and _instant(claims, "nbf") - LEEWAY_SECONDS > now.timestamp():
        raise TokenRejected(Fault.FROM_THE_FUTURE)
    if not _is_subject(claims.get("sub")):
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


def authenticated_at(claims: Claims) -> datetime | None:
    """Return when the person identified themselves at the provider; None when an id_token does not say."""
    try:
        return datetime.fromtimestamp(_instant(claims, "auth_time"), tz=UTC)
    except (TokenRejected, OverflowError, OSError, ValueError):
        return None


def check_same_person(userinfo: Claims, id_token: Claims) -> None:
    """Check that the identity is that of the person who signed in.

    :raises TokenRejected: when it is somebody else's.
    """
    if userinfo["sub"] != id_token["sub"]:
        raise TokenRejected(Fault.WRONG_SUBJECT)


def _key(keys: PublicKeys, kid: object, alg: str) -> ECKey | RSAKey | None:
    """Choose a published key by its name and the pinned algorithm, never by what the token suggests."""
    for key in keys:
        if key.kid == kid and key.alg in (None, alg) and key.get("use") in (None, "sig"):
            if alg == "ES256" and isinstance(key, ECKey):
                return key
            if alg == "RS256" and isinstance(key, RSAKey):
                return key
    return None


def _is_subject(sub: object) -> bool:
    """Tell whether this is an identifier as OpenID Connect Core has it (section 2): at most 255 ASCII characters."""
    return isinstance(sub, str) and 0 < len(sub) <= 255 and sub.isascii() and sub.isprintable()  # noqa: PLR2004


def _instant(claims: Claims, name: str) -> float:
    value = claims.get(name)
    # “Not a number” is neither before nor after now: it would never expire.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LATEST:
        raise TokenRejected(Fault.UNREADABLE)
    return float(value)
