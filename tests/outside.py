"""Another machine that behaves badly in one way at a time, over real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    type Manner = Callable[[socket.socket], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def answers(body: bytes = b"{}", head: bytes = HEAD) -> Manner:
    """Answer at once, and close."""

    def manner(line: socket.socket) -> None:
        line.sendall(head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    return manner


def hangs(line: socket.socket) -> None:
    """Take the question and never answer, until whoever asked goes away."""
    while line.recv(1000):
        pass


def drips(*, every: float, of: bytes = HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 100_000) -> Manner:
    """Send one byte now and then, seconds apart: no single read is ever late."""

    def manner(line: socket.socket) -> None:
        for byte in of:
            line.sendall(bytes([byte]))
            time.sleep(every)

    return manner


def pours(line: socket.socket) -> None:
    """Send without end."""
    line.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        line.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


@contextmanager
def outside(manner: Manner) -> Iterator[Outside]:
    """Serve that manner on a free port of this machine."""
    place = Outside(manner)
    try:
        yield place
    finally:
        place.close()


class Outside:
    """A place that counts who comes: ``arrived`` so far, ``present`` now; ``heads`` are what they asked."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.arrived = self.present = 0
        self.heads: list[bytes] = []
        self._changed = threading.Condition()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}/"
        threading.Thread(target=self._receive, daemon=True).start()

    def wait_for(self, present: int, *, seconds: float = 10) -> None:
        """Wait until exactly so many are here."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.present == present, seconds), self.present

    def close(self) -> None:
        self._door.close()

    def _receive(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._door.accept()
                threading.Thread(target=self._serve, args=[line], daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        head = b""
        with line, contextlib.suppress(OSError):
            while b"\r\n\r\n" not in head and (more := line.recv(65536)):
                head += more
            self._count(1, head)
            try:
                self.manner(line)
            finally:
                self._count(-1, b"")

    def _count(self, change: int, head: bytes) -> None:
        with self._changed:
            self.present += change
            if head:
                self.arrived += 1
                self.heads.append(head)
            self._changed.notify_all()
