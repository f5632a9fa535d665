"""The conversation with the mail server, and what its answers mean for us."""

from __future__ import annotations

import smtplib
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.utils.crypto import salted_hmac

from parloir.notifications.rules import RefusedForGood, TryLater

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.mail.backends.base import BaseEmailBackend

    from parloir.notifications.rules import Email

SENDER_NAME = "Mes rendez-vous"
"""Shown on a lock screen: it names neither the product nor a prison, in any language."""

_PERMANENT = range(500, 600)


@contextmanager
def mail_server() -> Iterator[BaseEmailBackend]:
    """Open a connection for one message; its closing is not waited for to know that the message left.

    :raises TryLater: when the server cannot be reached, or does not know us.
    """
    mailer = mailers.default
    try:
        mailer.open()
    except OSError as error:
        raise TryLater(type(error).__name__) from error
    try:
        yield mailer
    finally:
        with suppress(OSError):
            mailer.close()


def send(mailer: BaseEmailBackend, *, to: str, email: Email, dedup_key: str) -> None:
    """Hand a message to the server; once this returns, the server has taken it.

    :raises TryLater: on an outage, a time-out, a 4xx answer, or a 5xx that is about us and not about the recipient.
    :raises RefusedForGood: when the recipient or the message is refused with a 5xx answer.
    """
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=email.text,
        from_email=f'"{SENDER_NAME}" <{settings.MESSAGES_SENDER}>',
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": _message_id(dedup_key), **_withdrawal(email)},
    )
    message.attach_alternative(email.html, "text/html")
    try:
        mailer.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        raise _meaning(next(iter(error.recipients.values()))[0]) from error
    except smtplib.SMTPDataError as error:
        raise _meaning(error.smtp_code) from error
    except OSError as error:
        # Every other SMTP error is about the connection or about us as a sender: an operator mends it.
        raise TryLater(type(error).__name__) from error


def _withdrawal(email: Email) -> dict[str, str]:
    """Let the mail programme show its own “unsubscribe” button, which posts there (RFC 8058)."""
    if not email.withdraw_url:
        return {}
    return {
        "List-Unsubscribe": f"<{email.withdraw_url}un-clic/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _meaning(code: int) -> TryLater | RefusedForGood:
    return RefusedForGood(code) if code in _PERMANENT else TryLater(str(code))


def _message_id(dedup_key: str) -> str:
    """Name the message by its dedup key: mailboxes that receive it twice can show it once."""
    local = salted_hmac("parloir.notifications.message_id", dedup_key, algorithm="sha256").hexdigest()[:32]
    return f"<{local}@{settings.MESSAGES_SENDER.rpartition('@')[2]}>"
