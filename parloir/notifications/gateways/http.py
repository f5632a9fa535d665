"""Any provider, or a small bridge to one, that takes an SMS as a JSON object over HTTPS."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import httpx

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
        self._auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self._sender, self._time_out = sender, time_out

    def send(self, *, to: str, text: str, token: str) -> str:
        """Hand an SMS over and return what the provider calls it.

        :raises TryLater: on an outage, a time-out, a 5xx, or a 4xx about our set-up.
        :raises RefusedForGood: on any other 4xx.
        """
        content = {"to": to, "text": text, "sender": self._sender, "id": token}
        try:
            answer = httpx.post(self._url, json=content, auth=self._auth, timeout=self._time_out)
        except httpx.HTTPError as error:
            raise TryLater(type(error).__name__) from error
        if answer.is_success:
            return _name_in(answer)
        if answer.is_client_error and answer.status_code not in _OURS | _WAIT:
            raise RefusedForGood(answer.status_code)
        raise TryLater(str(answer.status_code))


def _name_in(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return ""
    return str(said.get("id") or "")[:_LONGEST_ID] if isinstance(said, dict) else ""
