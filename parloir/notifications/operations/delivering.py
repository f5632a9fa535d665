"""Send a finished message, once."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from django.db import connection
from django.db.models import F

from parloir.notifications.models import Delivery
from parloir.notifications.operations import smtp
from parloir.notifications.queries import address_of
from parloir.notifications.rules import Channel, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from parloir.notifications.rules import Email

log = structlog.get_logger("parloir.notifications")

_handing_over = Lock()
"""Held from the first word about a message until it is marked: a process that dies was handing over one alone.

Connecting, which takes most of the time, is done outside it.
"""


def deliver_email(*, account_id: int, dedup_key: str, email: Email, now: datetime) -> Outcome:
    """Send a message to a person's present address, once per dedup key, and say what became of it.

    Called outside any transaction: what is sent cannot be rolled back, and a slow mail server must not
    keep one open. Its row is written before the conversation and marked right after the server has taken
    the message, one message at a time: a process that dies sends at most one more and loses none. Nobody
    else sends the same message meanwhile.

    :raises TryLater: when the message must be tried again: mail server away, or being sent by another.
    """
    with _alone(dedup_key):
        delivery, _created = Delivery.objects.get_or_create(
            dedup_key=dedup_key,
            defaults={"account_id": account_id, "channel": Channel.EMAIL, "created_at": now},
        )
        if delivery.outcome != Outcome.PENDING:
            return Outcome(delivery.outcome)
        address = address_of(account_id)
        if now >= email.useful_until:
            return _end(delivery, Outcome.TOO_LATE)
        if not address.is_known:
            return _end(delivery, Outcome.NO_ADDRESS)
        Delivery.objects.filter(pk=delivery.pk).update(tries=F("tries") + 1)
        return _send(delivery, to=address.email, email=email, now=now)


def _send(delivery: Delivery, *, to: str, email: Email, now: datetime) -> Outcome:
    try:
        with smtp.mail_server() as mailer, _handing_over:
            smtp.send(mailer, to=to, email=email, dedup_key=delivery.dedup_key)
            return _end(delivery, Outcome.SENT, sent_at=now, said=email.said)
    except smtp.RefusedForGood as error:
        return _end(delivery, Outcome.REFUSED, code=error.code)
    except smtp.TryLater as error:
        log.warning("email.postponed", delivery=delivery.pk, tries=delivery.tries + 1, why=str(error))
        raise


def _end(
    delivery: Delivery,
    outcome: Outcome,
    *,
    sent_at: datetime | None = None,
    said: dict[str, object] | None = None,
    code: int | None = None,
) -> Outcome:
    """Write the last word on a message; only one that was never sent is worth a line of the log."""
    Delivery.objects.filter(pk=delivery.pk).update(outcome=outcome, sent_at=sent_at, said=said or {})
    if outcome != Outcome.SENT:
        log.warning("email.not_sent", delivery=delivery.pk, outcome=outcome, code=code)
    return outcome


@contextmanager
def _alone(dedup_key: str) -> Iterator[None]:
    """Keep everybody else from sending the same message; the database lets go by itself if we die.

    A lock of the session, not of a transaction: it holds no row and no snapshot while a server thinks.

    :raises TryLater: when somebody else is sending it at this moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s::text, 0))", [dedup_key])
        if not cursor.fetchone()[0]:
            raise smtp.TryLater("being sent")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s::text, 0))", [dedup_key])
