"""OVHcloud SMS, through its own client. Built to the published interface; never tried on the live service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import ovh

from parloir.notifications.rules import RefusedForGood, TryLater
from parloir.notifications.texts import is_gsm

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_BAD_NUMBER = 422
"""Our code for a receiver that OVHcloud lists as invalid: its own answer is a success."""

_ABOUT_THE_MESSAGE = (ovh.exceptions.BadParametersError,)


class OvhGateway:
    """``ovh://APPLICATION_KEY:APPLICATION_SECRET@ovh-eu/SERVICE?consumer_key=…``.

    The host is the region as the client names it. The key needs one right: ``POST /sms/SERVICE/jobs``.
    """

    def __init__(self, url: str, *, sender: str, time_out: float) -> None:
        parts = urlsplit(url)
        self._service = parts.path.strip("/")
        self._sender = sender
        self._client = _client(parts, time_out)

    def send(self, *, to: str, text: str, token: str) -> str:
        """Hand an SMS over and return OVHcloud's number for it.

        :raises TryLater: on an outage, a time-out, no credit left, or a key that is refused.
        :raises RefusedForGood: when the receiver is invalid, or the message is.
        """
        try:
            # Without the clause “STOP” and the quiet hours of advertising: an appointment is neither.
            answer: dict[str, Any] = self._client.post(
                f"/sms/{self._service}/jobs",
                message=text, sender=self._sender, receivers=[to], noStopClause=True,
                coding="7bit" if is_gsm(text) else "8bit", priority="high", tag=token,
            )  # fmt: skip
        except _ABOUT_THE_MESSAGE as error:
            raise RefusedForGood(400) from error
        except ovh.exceptions.APIError as error:
            raise TryLater(type(error).__name__) from error
        if to in answer.get("invalidReceivers", ()):
            raise RefusedForGood(_BAD_NUMBER)
        if not answer.get("ids"):
            raise TryLater("nothing taken")
        return str(answer["ids"][0])


def _client(parts: SplitResult, time_out: float) -> ovh.Client:
    return ovh.Client(
        endpoint=parts.hostname,
        application_key=unquote(parts.username or ""),
        application_secret=unquote(parts.password or ""),
        consumer_key=parse_qs(parts.query).get("consumer_key", [""])[0],
        timeout=time_out,
    )
