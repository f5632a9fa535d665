"""Send a finished message, once."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import structlog
from django.db import connection
from django.db.models import F

from parloir.notifications.gateways.sms import gateway
from parloir.notifications.models import Delivery
from parloir.notifications.operations import smtp
from parloir.notifications.operations.spending import count_sms, spent_until
from parloir.notifications.queries import address_of, choices_of, has_enough, is_served
from parloir.notifications.rules import Address, Channel, Outcome, RefusedForGood, TryLater

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from parloir.notifications.rules import Email, Sms

log = structlog.get_logger("parloir.notifications")

_handing_over = Lock()
"""Held from the first word about a message until it is marked: a process that dies was handing over one alone.

Connecting, which takes most of the time, is done outside it.
"""
_handing_over_sms = Lock()
"""The same for SMS: a slow provider of the ones does not hold up the others."""

_OTHERWISE = {Outcome.REFUSED, Outcome.NO_ADDRESS}


def deliver_email(
    *, account_id: int, dedup_key: str, email: Email, now: datetime, to: str = "", is_own_doing: bool = False
) -> Outcome:
    """Send a message to a person's present address, once per dedup key, and say what became of it.

    ``to`` is another address to send it to. A message that answers somebody's ``is_own_doing`` is dropped where
    their mailbox, which nobody has confirmed, was written too much: it may be a stranger's.

    Called outside any transaction: what is sent cannot be rolled back, and a slow mail server must not
    keep one open. Its row is written before the conversation and marked right after the server has taken
    the message, one message at a time: a process that dies sends at most one more and loses none. Nobody
    else sends the same message meanwhile.

    :raises TryLater: when the message must be tried again: mail server away, or being sent by another.
    """
    with _alone(dedup_key):
        delivery = _row(account_id, dedup_key, Channel.EMAIL, now)
        if delivery.outcome != Outcome.PENDING:
            return Outcome(delivery.outcome)
        address = Address(to, confirmed=False) if to else address_of(account_id)
        if now >= email.useful_until:
            return _end(delivery, Outcome.TOO_LATE)
        if not address.is_known:
            return _end(delivery, Outcome.NO_ADDRESS)
        if is_own_doing and not address.confirmed and has_enough(address.email, now=now):
            return _end(delivery, Outcome.NO_BUDGET)
        Delivery.objects.filter(pk=delivery.pk).update(tries=F("tries") + 1)
        return _send(delivery, to=address.email, email=email, now=now)


def deliver_sms(*, account_id: int, dedup_key: str, number: str, sms: Sms, now: datetime) -> Outcome:
    """Send an SMS to a number, once per dedup key, as :func:`deliver_email` sends a message.

    The caller found ``number`` at this very try, with the consent of the moment; empty sends nothing. The
    provider is given the same unguessable token at each try: it can tell a message it has already taken.

    :raises TryLater: when it must be tried again: provider away, or being sent by another.
    """
    with _alone(dedup_key):
        delivery = _row(account_id, dedup_key, Channel.SMS, now)
        if delivery.outcome != Outcome.PENDING:
            return Outcome(delivery.outcome)
        if now >= sms.useful_until:
            return _end(delivery, Outcome.TOO_LATE)
        if not number or not is_served(number):
            return _end(delivery, Outcome.NO_ADDRESS)
        if spent_until(number=number, now=now):
            return _end(delivery, Outcome.NO_BUDGET)
        Delivery.objects.filter(pk=delivery.pk).update(tries=F("tries") + 1)
        return _text(delivery, number=number, sms=sms, now=now)


def deliver(
    *, account_id: int, dedup_key: str, email: Email, sms: Sms, now: datetime, is_own_doing: bool = False
) -> Outcome:
    """Send a message by e-mail; where that does not arrive, by SMS too, to whoever agreed to SMS.

    Returns what became of it: it is sent when one of the two was.

    :raises TryLater: as :func:`deliver_email`; what was sent is not sent again.
    """
    outcome = deliver_email(account_id=account_id, dedup_key=dedup_key, email=email, now=now, is_own_doing=is_own_doing)
    choices = choices_of(account_id)
    number = choices.number_for()
    if number and (outcome in _OTHERWISE or choices.email_is_dead):
        key = f"{dedup_key}-sms"
        texted = deliver_sms(account_id=account_id, dedup_key=key, number=number, sms=sms, now=now)
        return texted if texted == Outcome.SENT else outcome
    return outcome


def _row(account_id: int, dedup_key: str, channel: Channel, now: datetime) -> Delivery:
    delivery, _created = Delivery.objects.get_or_create(
        dedup_key=dedup_key,
        defaults={
            "account_id": account_id,
            "channel": channel,
            "created_at": now,
            "token": secrets.token_urlsafe(24) if channel == Channel.SMS else None,
        },
    )
    return delivery


def _text(delivery: Delivery, *, number: str, sms: Sms, now: datetime) -> Outcome:
    try:
        with _handing_over_sms:
            provider_id = gateway().send(to=number, text=sms.text, token=delivery.token or "")
            outcome = _end(delivery, Outcome.SENT, sent_at=now, said=sms.said, provider_id=provider_id)
        count_sms(number=number, now=now)
    except RefusedForGood as error:
        return _end(delivery, Outcome.REFUSED, code=error.code)
    except TryLater as error:
        log.warning("sms.postponed", delivery=delivery.pk, tries=delivery.tries + 1, why=str(error))
        raise
    return outcome


def _send(delivery: Delivery, *, to: str, email: Email, now: datetime) -> Outcome:
    try:
        with smtp.mail_server() as mailer, _handing_over:
            smtp.send(mailer, to=to, email=email, dedup_key=delivery.dedup_key)
            return _end(delivery, Outcome.SENT, sent_at=now, said=email.said)
    except RefusedForGood as error:
        return _end(delivery, Outcome.REFUSED, code=error.code)
    except TryLater as error:
        log.warning("email.postponed", delivery=delivery.pk, tries=delivery.tries + 1, why=str(error))
        raise


def _end(
    delivery: Delivery,
    outcome: Outcome,
    *,
    sent_at: datetime | None = None,
    said: dict[str, object] | None = None,
    code: int | None = None,
    provider_id: str = "",
) -> Outcome:
    """Write the last word on a message; only one that was never sent is worth a line of the log."""
    Delivery.objects.filter(pk=delivery.pk).update(
        outcome=outcome, sent_at=sent_at, said=said or {}, provider_id=provider_id
    )
    if outcome != Outcome.SENT:
        event = "sms.not_sent" if delivery.channel == Channel.SMS else "email.not_sent"
        log.warning(event, delivery=delivery.pk, outcome=outcome, code=code)
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
            raise TryLater("being sent")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s::text, 0))", [dedup_key])
