"""The one way an SMS leaves, whoever carries it: chosen by the scheme of ``SMS_URL``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from django.conf import settings

from parloir.notifications.gateways.http import HttpGateway
from parloir.notifications.gateways.ovhcloud import OvhGateway

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_OUT = 10
"""Seconds after which a provider that does not answer is tried again later."""


class Gateway(Protocol):
    """A provider of SMS."""

    def send(self, *, to: str, text: str, token: str) -> str:
        """Hand an SMS over; once this returns, the provider has taken it. Return its own name for it, or nothing.

        :param to: an E.164 number.
        :param token: our unguessable name of the message, the same at each try.
        :raises TryLater: when the provider is away, busy, or does not know us: an operator mends that.
        :raises RefusedForGood: when it will never take this message for this number.
        """


_GATEWAYS: dict[str, Callable[..., Gateway]] = {"ovh": OvhGateway, "https": HttpGateway, "http": HttpGateway}


def gateway() -> Gateway:
    """Return the provider that the operator chose."""
    scheme = urlsplit(settings.SMS_URL).scheme
    return _GATEWAYS[scheme](settings.SMS_URL, sender=settings.SMS_SENDER, time_out=TIME_OUT)
