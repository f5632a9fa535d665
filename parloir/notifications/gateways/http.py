"""Any provider, or a small bridge to one, that takes an SMS as a JSON object over HTTPS."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from parloir.foundation import outbound
from parloir.notifications.rules import RefusedForGood, TryLater

_OURS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
"""Answers about the operator's set-up, not about a message."""

_WAIT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_LONGEST_ID = 64


class HttpGateway:
    """``POST`` ``{"to", "text", "sender", "id"}`` to the address; any 2xx takes it, and may answer its own ``id``.

    ``id`` is the same at each try of one message: whoever takes it twice can tell. A name and a password in the
    address are sent as HTTP Basic.
    """

    def __init__(self, url: str, *, sender: str, time_out: float) -> None:
        parts = urlsplit(url)
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        self._headers = _basic(unquote(parts.username), unquote(parts.password or "")) if parts.username else {}
        self._sender = sender
        self._door = _door_to(parts.hostname or "", parts.port, time_out)

    def send(self, *, to: str, text: str, token: str) -> str:
        """Hand an SMS over and return what the provider calls it.

        :raises TryLater: on an outage, a time-out, an endless answer, a 5xx, or a 4xx about our set-up.
        :raises RefusedForGood: on any other 4xx.
        """
        content = {"to": to, "text": text, "sender": self._sender, "id": token}
        try:
            with self._door.entered() as visit:
                answer = visit.ask("POST", self._url, content=content, headers=self._headers)
        except (outbound.NotNow, outbound.OutsideFailed) as error:
            raise TryLater(type(error).__name__) from error
        if 200 <= answer.status < 300:  # noqa: PLR2004 - any 2xx
            return str(answer.object().get("id") or "")[:_LONGEST_ID]
        if 400 <= answer.status < 500 and answer.status not in _OURS | _WAIT:  # noqa: PLR2004 - the 4xx
            raise RefusedForGood(answer.status)
        raise TryLater(str(answer.status))


def _basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


@cache
def _door_to(host: str, port: int | None, time_out: float) -> outbound.Door:
    """Return the one door to a provider: a job waits there no longer than a request would."""
    limits = replace(outbound.limits_of_settings(), call_seconds=time_out, visit_seconds=time_out)
    name = f"{host}:{port}" if port else host
    return outbound.Door(name, places=outbound.shared_places(), limits=limits, environment=True)
