"""Catch the demonstration's e-mails (over real SMTP) and SMS (over real HTTP) instead of sending them on.

python -m parloir.demo.catcher FOLDER SMTP_PORT SMS_PORT
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from parloir.demo import caught

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import Envelope, Session

HOST = "127.0.0.1"
LONGEST_SMS_REQUEST = 20_000


class _Mailbox:
    """What aiosmtpd calls for each message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        caught.keep_email(self.folder, envelope.original_content or b"", recipients=envelope.rcpt_tos)
        return "250 Message caught"


class _Smtp(Controller):
    """SMTP without a reverse look-up of our own name at each start, which can take seconds off line."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="localhost", enable_SMTPUTF8=True)


class _Telephone(BaseHTTPRequestHandler):
    """``POST /sms`` with a JSON object that has ``to`` and ``text``: kept and answered 201 with its id."""

    server: _Exchange

    def do_POST(self) -> None:
        """Keep one SMS."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LONGEST_SMS_REQUEST:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "length"})
            return
        try:
            posted = json.loads(self.rfile.read(length))
            to, text = str(posted["to"]), str(posted["text"])
            sender = str(posted.get("sender", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "expected a JSON object with “to” and “text”"})
            return
        self._answer(HTTPStatus.CREATED, {"id": caught.keep_sms(self.server.folder, to=to, text=text, sender=sender)})

    def _answer(self, status: HTTPStatus, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Write nothing: requests hold telephone numbers."""


class _Exchange(ThreadingHTTPServer):
    """The server of the SMS, and the folder it keeps them in."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        super().__init__((HOST, port), _Telephone)


@contextlib.contextmanager
def catching_emails(folder: Path, *, port: int) -> Iterator[None]:
    """Accept every e-mail at ``smtp://127.0.0.1:port`` for the time of the block and keep it in ``folder``."""
    controller = _Smtp(_Mailbox(folder), hostname=HOST, port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@contextlib.contextmanager
def catching_sms(folder: Path, *, port: int) -> Iterator[None]:
    """Accept every SMS at ``http://127.0.0.1:port/sms`` for the time of the block and keep it in ``folder``."""
    with _Exchange(folder, port) as exchange:
        serving = threading.Thread(target=exchange.serve_forever, daemon=True)
        serving.start()
        try:
            yield
        finally:
            exchange.shutdown()
            serving.join()


def main() -> None:
    """Catch both until told to stop."""
    folder, smtp_port, sms_port = sys.argv[1:]
    with catching_emails(Path(folder), port=int(smtp_port)), catching_sms(Path(folder), port=int(sms_port)):
        threading.Event().wait()


if __name__ == "__main__":
    main()
