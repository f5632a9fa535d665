"""FranceConnect: how this service is declared there, and how its claims read."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from parloir.identity.oidc import Registration, provider_of
from parloir.people.rules import FIRST_NAMES_AT_MOST, Identity, folded, latest_birth_date

if TYPE_CHECKING:
    from parloir.identity.oidc import Provider
    from parloir.identity.tokens import Claims

SCOPE = "openid identite_pivot preferred_username email"
ACR = "eidas1"
LONGEST_NAME = 100
LONGEST_EMAIL = 254


def franceconnect() -> Provider:
    """Return FranceConnect as the settings declare it."""
    declared = settings.FRANCECONNECT
    return provider_of(
        Registration(
            issuer=declared["issuer"],
            client_id=declared["client_id"],
            client_secret=declared["client_secret"],
            alg=declared["alg"],
            scope=SCOPE,
            acr=ACR,
            loopback_http=settings.DEV,
        )
    )


def identity_from(claims: Claims) -> Identity:
    """Read the civil status; what is absent or unreadable is left empty and never stops a sign-in."""
    given = claims.get("given_name_array")
    first_names = given[:FIRST_NAMES_AT_MOST] if isinstance(given, list) and given else [claims.get("given_name")]
    birth_name, use_name = _name(claims.get("family_name")), _name(claims.get("preferred_username"))
    return Identity(
        issuer=claims["iss"],
        sub=claims["sub"],
        birth_name=birth_name,
        # Some sources repeat the birth name: that is no name in use.
        use_name="" if folded(use_name) == folded(birth_name) else use_name,
        first_names=tuple(name for first_name in first_names if (name := _name(first_name))),
        birth_date=_birth_date(claims.get("birthdate")),
        email=_email(claims.get("email")),
    )


def _name(value: object) -> str:
    """Return a name composed (NFC), without control characters, which PostgreSQL or a page could stumble over."""
    if not isinstance(value, str):
        return ""
    composed = unicodedata.normalize("NFC", value)
    return " ".join("".join(char if char.isprintable() else " " for char in composed).split())[:LONGEST_NAME]


def _birth_date(value: object) -> str:
    """Return ``YYYY-MM-DD``, where a presumed date may hold ``00``; empty when it is anything else."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return ""
    try:
        latest_birth_date(value)
    except ValueError:
        return ""
    return value


def _email(value: object) -> str:
    """Return an address that a mail server and our column can take; empty when it is none."""
    if not isinstance(value, str) or len(value) > LONGEST_EMAIL or not value.isprintable():
        return ""
    try:
        validate_email(value)
    except ValidationError:
        return ""
    return value
