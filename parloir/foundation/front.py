"""What receives every request before a thread is spent on it.

Granian hands requests to an event loop. There a body is awaited whole, within a time and a size; only then does one
of the few threads that run the application take the request, and the answer is again sent without it. So nobody who
sends or reads slowly keeps others waiting (decision 0022). Whoever watches the process is answered by the loop itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from dataclasses import dataclass
from io import BytesIO
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import WSGIApplication

    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

log = structlog.get_logger("parloir.front")

LARGEST_BODY = 200_000
"""Bytes: the longest of our forms, typed to its limits, is a tenth of it."""
SECONDS_FOR_A_BODY = 20.0
"""For the whole of it: a telephone on a bad network sends a form of ours in a few."""
ALIVE = "/sante/vivant"
LATE = """<!DOCTYPE html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Votre demande n’est pas arrivée</title>
<h1>Votre demande n’est pas arrivée</h1>
<p>Le réseau est peut-être trop lent : rien n’a été enregistré. Revenez à la page précédente et recommencez.</p>
<p><a href="/">Retourner à l’accueil</a></p>
</html>
"""
"""Too late for a thread, hence for a page drawn like others; few browsers show it."""
_CONTENT_TYPE = re.compile(
    r"""[\w.+-]+/[\w.+-]+ (?: \s*;\s* (?: charset="?utf-8"? | boundary=(?: [\w'+,./:=?-]{1,70} | "[^"\\]{1,70}" ) )
    )* """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_PLAIN = ("content-type", "text/plain; charset=utf-8")
_PAGE = ("content-type", "text/html; charset=utf-8")
_NEVER_KEPT = ("cache-control", "no-store")
_CLOSE = ("connection", "close")


class IncompleteBody(Exception):
    """The connection ended, or said nonsense, before the body was whole."""


@dataclass(frozen=True, slots=True)
class Body:
    """What came with a request: ``content`` is empty when ``length``, in bytes, is more than we take."""

    length: int | None = None
    content: bytes = b""


class FileToSend:
    """A file that the application answers with: the server reads it, at the pace of who receives it (PEP 3333)."""

    def __init__(self, file: Any, block_size: int = 65_536) -> None:
        """``file`` is open for reading in binary, at its first byte to send."""
        self.file, self.block_size = file, block_size

    def __iter__(self) -> Iterator[bytes]:
        """Read it here: it is no plain file."""
        while block := self.file.read(self.block_size):
            yield block

    def close(self) -> None:
        """Let it go."""
        self.file.close()

    def on_disk(self) -> tuple[str, int, int | None] | None:
        """Return its path, the first byte to send and the first not to; None when it is not on disk."""
        # WhiteNoise answers a browser that asks for a part of a film with a file of its own around the real one.
        real, remaining = getattr(self.file, "fileobj", self.file), getattr(self.file, "remaining", None)
        if not isinstance(getattr(real, "name", None), str):
            return None
        first = real.tell()
        return real.name, first, None if remaining is None else first + remaining


class Front:
    """The application that granian serves: the one given, behind a loop that waits in its stead."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        threads: int,
        largest_body: int = LARGEST_BODY,
        seconds_for_a_body: float = SECONDS_FOR_A_BODY,
    ) -> None:
        """Serve ``application`` with so many threads, and one more for ``/sante/``: a rush hides nothing from it."""
        self._application = application
        self._threads = threads
        self._largest_body = largest_body
        self._seconds_for_a_body = seconds_for_a_body
        self._requests: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._checks: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        """Start the threads, in the process that serves."""
        self._loop = loop
        for queue in [self._checks, *[self._requests] * self._threads]:
            Thread(target=_work, args=(queue,), daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        if scope.path == ALIVE and scope.method in {"GET", "HEAD"}:
            protocol.response_str(200, [_PLAIN, _NEVER_KEPT], "vivant\n")
            return
        try:
            body = await self._whole_body(scope, protocol)
        except TimeoutError:
            log.info("body too late")
            protocol.response_str(408, [_PAGE, _NEVER_KEPT, _CLOSE], LATE)
            return
        except IncompleteBody:
            log.info("body incomplete")
            protocol.response_empty(400, [_CLOSE])
            return
        answered: Future[None] = self._loop.create_future()
        queue = self._checks if scope.path.startswith("/sante/") else self._requests
        queue.put(lambda: self._answer(scope, protocol, body, answered))
        await answered

    async def _whole_body(self, scope: Scope, protocol: HTTPProtocol) -> Body:
        """Return the body once it is there; of one that is too long, only its length.

        :raises TimeoutError: when it is not there in time.
        :raises IncompleteBody: when it will never be.
        """
        declared = scope.headers.get("content-length")
        if declared is None and "transfer-encoding" not in scope.headers:
            return Body()
        if declared is not None and not 0 < int(declared) <= self._largest_body:
            return Body(int(declared))
        chunks: list[bytes] = []
        length = 0
        async with asyncio.timeout(self._seconds_for_a_body):
            async for chunk in protocol:
                chunks.append(chunk)
                length += len(chunk)
                if length > self._largest_body:
                    return Body(length)
        # Granian gives an empty chunk at the end, and one more where the connection broke before.
        if chunks.count(b"") > 1 or (declared is not None and length != int(declared)):
            raise IncompleteBody
        return Body(length, b"".join(chunks))

    def _answer(self, scope: Scope, protocol: HTTPProtocol, body: Body, answered: Future[None]) -> None:
        """Run the application for one request, in a thread."""
        try:
            self._run(scope, protocol, body)
        except BaseException:
            log.exception("answer failed")
            with contextlib.suppress(Exception):
                protocol.response_empty(500, [])
        finally:
            # The loop is closed while the process ends.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(answered.set_result, None)

    def _run(self, scope: Scope, protocol: HTTPProtocol, body: Body) -> None:
        said: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[..., None]:
            said.append((int(status[:3]), headers))
            return _refuse_to_write

        answer = self._application(environ_of(scope, body), start_response)
        try:
            _send(protocol, *said[-1], answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()


def _work(queue: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        queue.get()()


def _send(protocol: HTTPProtocol, status: int, headers: list[tuple[str, str]], answer: Iterable[bytes]) -> None:
    """Hand the whole answer over: it is then granian's, however slowly it is read."""
    place = answer.on_disk() if isinstance(answer, FileToSend) else None
    if place is None:
        protocol.response_bytes(status, headers, b"".join(answer))
        return
    path, first, after = place
    if after is None:
        protocol.response_file(status, headers, path)
    else:
        protocol.response_file_range(status, headers, path, first, after)


def _refuse_to_write(_data: bytes) -> None:
    raise NotImplementedError("An answer is returned, not written.")


def environ_of(scope: Scope, body: Body) -> dict[str, Any]:
    """Return what a WSGI application is told of a request (PEP 3333).

    A header whose name has an underscore is dropped: there it could not be told from the one with a hyphen, which a
    proxy of ours may have written. The length is that of the body, however it came.
    """
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body.content),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileToSend,
    }
    for name, value in scope.headers.items():
        if "_" in name or name in {"content-length", "content-type", "transfer-encoding"}:
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            environ[key] += ("; " if name == "cookie" else ",") + value
        else:
            environ[key] = value
    if body.length is not None:
        environ["CONTENT_LENGTH"] = str(body.length)
    if "content-type" in scope.headers:
        environ["CONTENT_TYPE"] = content_type(scope.headers.get("content-type", ""))
    return environ


def content_type(said: str) -> str:
    """Return a content type as it was said when it can be ours; Django fails on some others before it asks anybody."""
    return said if _CONTENT_TYPE.fullmatch(said) else "application/octet-stream"
