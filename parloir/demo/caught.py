"""The messages the demonstration caught: files in a folder, the newest kept."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage

FOLDER = Path(__file__).resolve().parents[2] / "var" / "caught"
KEPT = 500
_KEY = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)»’]")


@dataclass(frozen=True, slots=True)
class CaughtEmail:
    """An e-mail as its reader would see it; ``at`` is when it was caught."""

    key: str
    at: datetime
    recipient: str
    sender: str
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses in its text, each once, in order."""
        return tuple(dict.fromkeys(_LINK.findall(self.text)))


@dataclass(frozen=True, slots=True)
class CaughtSms:
    """An SMS as its reader would see it; ``to`` is a telephone number, ``sender`` the name shown above it."""

    key: str
    at: datetime
    to: str
    text: str
    sender: str = ""


def keep_email(folder: Path, content: bytes, *, recipients: Sequence[str]) -> str:
    """Keep a message as it came over SMTP, with the addresses it was really sent to; return its key."""
    sent_to = f"X-Caught-For: {', '.join(recipients)}\r\n".encode()
    return _keep(folder / "emails", ".eml", sent_to + content)


def keep_sms(folder: Path, *, to: str, text: str, sender: str = "") -> str:
    """Keep an SMS; return its key."""
    return _keep(folder / "sms", ".json", json.dumps({"to": to, "text": text, "sender": sender}).encode())


def emails(folder: Path, *, limit: int = KEPT) -> list[CaughtEmail]:
    """Return the caught e-mails, newest first."""
    return [found for key in _keys(folder / "emails", ".eml")[:limit] if (found := email_of(folder, key))]


def email_of(folder: Path, key: str) -> CaughtEmail | None:
    """Return one e-mail, None when it is not (or no longer) kept."""
    content = _read(folder / "emails", ".eml", key)
    if content is None:
        return None
    message = email.message_from_bytes(content, policy=email.policy.default)
    return CaughtEmail(
        key=key,
        at=_instant(key),
        recipient=str(message["X-Caught-For"] or message["To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(part.get_filename() or part.get_content_type() for part in message.iter_attachments()),
    )


def sms(folder: Path, *, limit: int = KEPT) -> list[CaughtSms]:
    """Return the caught SMS, newest first."""
    return [
        CaughtSms(key=key, at=_instant(key), **json.loads(content))
        for key in _keys(folder / "sms", ".json")[:limit]
        if (content := _read(folder / "sms", ".json", key))
    ]


def telephones(messages: Sequence[CaughtSms]) -> list[tuple[str, list[CaughtSms]]]:
    """Return each telephone with its messages, the oldest first as on its screen; the last one to ring comes first."""
    screens: dict[str, list[CaughtSms]] = {}
    for message in messages:
        screens.setdefault(message.to, []).insert(0, message)
    return list(screens.items())


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _keep(folder: Path, suffix: str, content: bytes) -> str:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
    fresh = folder / f"{key}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    # A reader sees a whole message or none.
    fresh.rename(folder / f"{key}{suffix}")
    for old in _keys(folder, suffix)[KEPT:]:
        (folder / f"{old}{suffix}").unlink(missing_ok=True)
    return key


def _keys(folder: Path, suffix: str) -> list[str]:
    return sorted((path.name.removesuffix(suffix) for path in folder.glob(f"*{suffix}")), reverse=True)


def _read(folder: Path, suffix: str, key: str) -> bytes | None:
    # The key comes from an address: nothing but a key may choose the file.
    if not _KEY.fullmatch(key):
        return None
    with contextlib.suppress(FileNotFoundError):
        return (folder / f"{key}{suffix}").read_bytes()
    return None


def _instant(key: str) -> datetime:
    return datetime.strptime(key.partition("-")[0], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
