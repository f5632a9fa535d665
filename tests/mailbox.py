"""A real mail server for tests: what it takes can be read, and it can be away, refuse, or keep one waiting.

Use the fixture: ``from tests.mailbox import mailbox``.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
import threading
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage


@dataclass(frozen=True)
class Letter:
    """One message as it arrived."""

    to: str
    sender: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://\S+", self.text)

    def _part(self, subtype: str) -> str:
        part = self.message.get_body(preferencelist=(subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Mailbox:
    """The server and its mail.

    ``answers`` gives a recipient's refusal, such as ``550 no such user``; ``stalls_for`` is how many seconds the
    server thinks before it says that it has taken a message.
    """

    port: int
    letters: list[Letter] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    conversations: int = 0
    stalled: threading.Event = field(default_factory=threading.Event)
    stalls_for: float = 0
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to == address]

    def open(self) -> None:
        assert self._controller is None
        # Its name is given: looked up, it can take longer than a server may take to start.
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, server_hostname="localhost", ready_timeout=60
        )
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def wait_for(self, count: int, seconds: float = 20) -> list[Letter]:
        """Return the letters once there are so many, or whatever came in that time."""
        end = time.monotonic() + seconds
        while len(self.letters) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.letters

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        self.conversations += 1
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        # Taken before the answer: what a client that dies while waiting for it never learns.
        self.letters += [Letter(to=to, sender=envelope.mail_from, message=message) for to in envelope.rcpt_tos]
        if self.stalls_for:
            self.stalled.set()
            end = time.monotonic() + self.stalls_for
            while time.monotonic() < end and self.stalls_for:  # noqa: ASYNC110 - ended by a test in another thread
                await asyncio.sleep(0.05)
        return "250 OK"


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag, attrs) -> None:
        self._hidden += tag in {"head", "style", "script", "title"}

    def handle_endtag(self, tag) -> None:
        self._hidden -= tag in {"head", "style", "script", "title"}
        self.pieces.append(" ")

    def handle_data(self, data) -> None:
        if not self._hidden:
            self.pieces.append(data)


def visible(html: str) -> str:
    """Return what a mail client shows of a page, spaces collapsed."""
    parser = _Visible()
    parser.feed(html)
    return " ".join("".join(parser.pieces).split())


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    """Send this test's messages to a real server over SMTP."""
    box = Mailbox(port=free_port())
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": box.port, "timeout": 2},
        }
    }
    box.open()
    yield box
    box.close()
