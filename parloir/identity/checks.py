"""What the settings of identity providers must be for real use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error

from parloir.foundation.discretion import is_telling
from parloir.identity.oidc import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.apps import AppConfig
    from django.core.checks import CheckMessage


def issuers_are_real(app_configs: Sequence[AppConfig] | None, **_options: object) -> list[CheckMessage]:
    """Refuse, outside ``DEV``, an issuer without encryption or on this very machine: it would be the look-alike."""
    del app_configs
    if settings.DEV:
        return []
    return [
        Error(f"{name}_ISSUER is no https address of another machine.", id="parloir.identity.E001")
        for name in ("FRANCECONNECT", "PROCONNECT")
        if not _is_real(getattr(settings, name)["issuer"])
    ]


def service_name_is_neutral(app_configs: Sequence[AppConfig] | None, **_options: object) -> list[CheckMessage]:
    """Refuse a name that says what the service is: FranceConnect writes it to the person at each sign-in."""
    del app_configs
    if not is_telling(settings.FRANCECONNECT["service_name"]):
        return []
    hint = "Declare a neutral name to FranceConnect, such as “Mes rendez-vous”, and set the same here."
    return [Error("FRANCECONNECT_SERVICE_NAME says what the service is.", hint=hint, id="parloir.identity.E002")]


def _is_real(issuer: str) -> bool:
    parts = urlsplit(issuer)
    return parts.scheme == "https" and parts.hostname not in LOOPBACK
