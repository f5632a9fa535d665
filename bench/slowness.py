"""The slow ones of ``bench.slow_world``: connections that drip, and browsers that come back from FranceConnect."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    type Step = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Slowness:
    """How a connection begins, and what it does once a second from then on."""

    first: bytes
    then: Step
    receive_buffer: int | None = None


def slow_bodies() -> Slowness:
    """Announce a long body, send eight bytes of it, then one a second."""
    head = b"POST /langue/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return Slowness(head + b"Content-Length: 100000\r\n\r\nsuite=/a", lambda line: line.sendall(b"a"))


def slow_headers() -> Slowness:
    """Begin a request whose headers never end."""
    return Slowness(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: a", lambda line: line.sendall(b"a"))


def slow_readers() -> Slowness:
    """Ask for a film and read a byte a second."""
    ask = f"GET {_film()} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    return Slowness(ask.encode(), _sip, receive_buffer=2048)


def _sip(line: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        if line.recv(1, socket.MSG_DONTWAIT) == b"":
            raise ConnectionError


def _film() -> str:
    from django.conf import settings

    largest = max(Path(settings.STATIC_ROOT).rglob("*.mp4"), key=lambda path: path.stat().st_size)
    return settings.STATIC_URL + largest.relative_to(settings.STATIC_ROOT).as_posix()


class Drippers:
    """So many connections of one slowness, by one thread; whatever the site closes is opened again."""

    def __init__(self, site: str, manner: Slowness, *, count: int) -> None:
        self._site, self._manner, self._count = urlsplit(site), manner, count
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._drip)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _drip(self) -> None:
        lines = [self._opened() for _ in range(self._count)]
        while not self._over.wait(1):
            for place, line in enumerate(lines):
                try:
                    self._manner.then(line)
                except OSError:
                    line.close()
                    lines[place] = self._opened()
        for line in lines:
            line.close()

    def _opened(self) -> socket.socket:
        line = socket.socket()
        if self._manner.receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._manner.receive_buffer)
        with contextlib.suppress(OSError):
            line.settimeout(5)
            line.connect((self._site.hostname, self._site.port))
            line.sendall(self._manner.first)
        return line


class Callbacks:
    """So many browsers that start a sign-in, come back, and do it again as the page tells them."""

    def __init__(self, site: str, issuer: str, *, count: int) -> None:
        self._site, self._issuer = urlsplit(site), issuer
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._sign_in_again_and_again) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _sign_in_again_and_again(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._sign_in()
            self._over.wait(2)

    def _sign_in(self) -> None:
        started = self._get("/connexion/franceconnect/", "")
        where = started.getheader("Location") or ""
        if "state" not in where or self._over.is_set():
            return
        cookie = (started.getheader("Set-Cookie") or "").partition(";")[0]
        state = parse_qs(urlsplit(where).query)["state"][0]
        back = urlencode({"code": "a-code", "state": state, "iss": self._issuer})
        self._get(f"/connexion/franceconnect/retour/?{back}", cookie)

    def _get(self, path: str, cookie: str) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection(self._site.netloc, timeout=30)
        try:
            line.request("GET", path, headers={"Cookie": cookie})
            answer = line.getresponse()
            answer.read()
        finally:
            line.close()
        return answer
