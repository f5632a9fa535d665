"""The look-alike's keys, made when it starts, and the tokens it signs with them."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from parloir.demo.people import sub_of
from parloir.demo.provider.rules import TOKEN_SECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parloir.demo.people import Persona
    from parloir.demo.provider.rules import Declared

_EC = ECKey.generate_key("P-256", parameters={"kid": "demonstration-ec", "alg": "ES256", "use": "sig"})
_RSA = RSAKey.generate_key(2048, parameters={"kid": "demonstration-rsa", "alg": "RS256", "use": "sig"})
_KEYS: dict[str, ECKey | RSAKey] = {"ES256": _EC, "RS256": _RSA}


def published_keys() -> dict[str, Any]:
    """Return both public keys: a client must choose."""
    return dict(KeySet([_EC, _RSA]).as_dict(private=False))


def sign(claims: Mapping[str, object], *, alg: str) -> str:
    """Sign a token."""
    return jwt.encode({"alg": alg, "kid": _KEYS[alg].kid, "typ": "JWT"}, dict(claims), _KEYS[alg], algorithms=[alg])


def subject_of(id_token: str, declared: Declared) -> str | None:
    """Return whom one of our own id_tokens is about, even when it has expired; None when it is not ours."""
    try:
        claims = jwt.decode(id_token, _KEYS[declared.alg], algorithms=[declared.alg]).claims
    except (JoseError, ValueError):
        return None
    return str(claims["sub"]) if claims.get("aud") == declared.client_id else None


def id_token_claims(
    persona: Persona, *, declared: Declared, nonce: str, acr: str, access_token: str, began: int, seconds: int
) -> dict[str, object]:
    """Return the claims of an id_token at an instant in epoch seconds: no civil status is in it.

    ``began`` is when the person identified themselves: before, where one click went on from an open session.
    """
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    return {
        **_envelope(persona, declared, seconds),
        "auth_time": began,
        "acr": acr,
        "nonce": nonce,
        "at_hash": urlsafe_b64encode(half).decode().rstrip("="),
    }


def identity_claims(persona: Persona, *, declared: Declared, scope: tuple[str, ...], seconds: int) -> dict[str, object]:
    """Return the claims of the signed identity: what the scope asks for, and nothing that is not known."""
    pivot = {
        "given_name": " ".join(persona.first_names),
        "given_name_array": list(persona.first_names),
        "family_name": persona.birth_name,
        "birthdate": persona.birth_date,
        "gender": persona.gender,
        "birthplace": persona.birthplace,
        "birthcountry": persona.birthcountry,
    }
    claims: dict[str, object] = _envelope(persona, declared, seconds)
    if "identite_pivot" in scope:
        claims |= pivot
    if "preferred_username" in scope and persona.use_name:
        claims["preferred_username"] = persona.use_name
    if "email" in scope and persona.email:
        claims["email"] = persona.email
    return claims


def _envelope(persona: Persona, declared: Declared, seconds: int) -> dict[str, object]:
    return {
        "iss": declared.issuer,
        "aud": declared.client_id,
        "sub": sub_of(persona),
        "iat": seconds,
        "exp": seconds + TOKEN_SECONDS,
    }
