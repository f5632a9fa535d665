"""A provider of SMS for tests, over real HTTP: what it takes can be read, and it can be away, refuse, or be slow.

Use the fixture: ``from tests.telephone import telephone``.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Telephone:
    """The provider and what it took.

    ``answers`` are the next ones given instead of taking: status and object. ``stumbles`` says, by the number of the
    request, whether it fails with 503 before taking anything. ``replies`` makes what it says when it takes.
    """

    port: int
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answers: deque[tuple[int, Any]] = field(default_factory=deque)
    stumbles: Callable[[int], bool] = lambda _number: False
    replies: Callable[[int], Any] = lambda number: {"id": f"p{number}"}
    thinks_for: float = 0
    requests: int = 0
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sms"

    def texts(self, number: str) -> list[str]:
        return [sms["text"] for sms in self.taken if sms["to"] == number]

    def wait_for(self, number: str, seconds: float = 20) -> str:
        """Return the last text that a telephone was sent, once there is one."""
        end = time.monotonic() + seconds
        while not self.texts(number) and time.monotonic() < end:
            time.sleep(0.05)
        return self.texts(number)[-1]

    def open(self) -> None:
        box, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if box.thinks_for:
                    time.sleep(box.thinks_for)
                with lock:
                    box.requests += 1
                    status, said = box.judge(self.path, dict(self.headers), body)
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                # The clock that OVHcloud's client asks for before it signs.
                content = str(int(time.time())).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def judge(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        if self.answers:
            return self.answers.popleft()
        if self.stumbles(self.requests):
            return 503, {"error": "busy"}
        self.taken.append(body)
        self.headers.append(headers)
        self.paths.append(path)
        return 201, self.replies(len(self.taken))

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def telephone(settings) -> Iterator[Telephone]:
    """Send this test's SMS to a real server over HTTP."""
    box = Telephone(port=free_port())
    settings.SMS_URL = box.url
    box.open()
    yield box
    box.close()
