"""A person's address: noted at sign-in, given, confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from parloir.journal.operations import Act, Actor, record
from parloir.notifications.addresses import can_be_written_to
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations.noticing import give_notice
from parloir.notifications.queries import address_of, fingerprints_of, read_link, state_against
from parloir.notifications.rules import (
    ASK_AGAIN_AFTER,
    ASKED_PER_HOUR,
    ASKED_PER_MAILBOX_AND_DAY,
    Channel,
    LinkState,
    NoticeKind,
)

if TYPE_CHECKING:
    from datetime import datetime

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class AskedTooOften(Exception):
    """A confirmation was asked for too often; ``until`` is the instant from which it may be asked again."""

    def __init__(self, until: datetime) -> None:
        super().__init__("asked too often")
        self.until = until


class LinkRefused(Exception):
    """A confirmation link confirms nothing; ``state`` says why."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state)
        self.state = state


@transaction.atomic
def note_address(*, account_id: int, email: str, now: datetime) -> None:
    """Remember the address that came with the first sign-in, and ask that address to confirm it, once.

    A known address is never replaced: the person may have chosen another. What is not an address is left out. A
    mailbox that was asked too often is noted and not asked once more.
    """
    contact, _created = Contact.objects.select_for_update().get_or_create(account_id=account_id)
    if contact.email or not _is_address(email):
        return
    Contact.objects.filter(pk=contact.pk).update(email=email, email_confirmed_at=None, email_returned_at=None)
    if _mailbox_is_free_at(email, now) is None:
        _announce(account_id, email, "address.noted", now)
    else:
        _record(account_id, "address.noted", now)


@transaction.atomic
def set_address(*, account_id: int, email: str, now: datetime) -> None:
    """Write to a person at the address they give from now on; a new one must be confirmed again, the old one is told.

    :raises AskedTooOften: when too many addresses were given within the hour, or that mailbox was asked too often by
        all accounts together; nothing is changed.
    """
    contact, _created = Contact.objects.select_for_update().get_or_create(account_id=account_id)
    if contact.email == email:
        return
    _check_hour(account_id, now)
    _check_mailbox(email, now)
    give_notice(account_id=account_id, kind=NoticeKind.EMAIL_CHANGED, now=now)
    Contact.objects.filter(pk=contact.pk).update(email=email, email_confirmed_at=None, email_returned_at=None)
    _announce(account_id, email, "address.set", now)


@transaction.atomic
def ask_confirmation(*, account_id: int, now: datetime) -> None:
    """Send the confirmation link again, at the person's request; nothing happens when nothing is to be confirmed.

    :raises AskedTooOften: within five minutes of the last one to the same address, or when that mailbox was asked too
        often by all accounts together.
    """
    # Two requests at once wait for each other here, so that the second one sees the first.
    Contact.objects.select_for_update().filter(account_id=account_id).first()
    address = address_of(account_id)
    if address.confirmed or not address.is_known:
        return
    since = Delivery.objects.filter(
        account=account_id,
        dedup_key__startswith=_key(account_id, address.email),
        created_at__gt=now - ASK_AGAIN_AFTER,
    ).order_by("-created_at")
    if last := since.first():
        raise AskedTooOften(last.created_at + ASK_AGAIN_AFTER)
    _check_hour(account_id, now)
    _check_mailbox(address.email, now)
    _announce(account_id, address.email, "address.confirmation_asked", now)


@transaction.atomic
def confirm_address(*, token: str, now: datetime) -> None:
    """Hold an address for confirmed: whoever has the link reads the mailbox. Done already, nothing happens.

    What was written there without detail until now is written once more, in full.

    :raises LinkRefused: when the link is not ours, too old, or about an address replaced since.
    """
    link = read_link(token)
    if link is None:
        raise LinkRefused(LinkState.UNUSABLE)
    Contact.objects.select_for_update().filter(account_id=link.account_id).first()
    state = state_against(link, address_of(link.account_id), now=now)
    if state is LinkState.DONE:
        return
    if state is not LinkState.READY:
        raise LinkRefused(state)
    Contact.objects.filter(account_id=link.account_id).update(email_confirmed_at=now, email_returned_at=None)
    _record(link.account_id, "address.confirmed", now)
    app.configure_task("visits.confirm_again").defer(account_id=link.account_id, confirmed_at=now.isoformat())


def _announce(account_id: int, email: str, verb: str, now: datetime) -> None:
    """Have the confirmation link sent; its delivery is written at once, since it is what limits count."""
    delivery = Delivery.objects.create(
        account_id=account_id,
        channel=Channel.EMAIL,
        dedup_key=f"{_key(account_id, email)}{int(now.timestamp() * 1000)}",
        created_at=now,
    )
    app.configure_task("notifications.ask_confirmation").defer(delivery_id=delivery.pk)
    _record(account_id, verb, now)


def _check_hour(account_id: int, now: datetime) -> None:
    """Count what was sent to confirm addresses, whichever they were.

    :raises AskedTooOften: when the hour's number is reached.
    """
    asked = Delivery.objects.filter(
        account=account_id, dedup_key__startswith="address-", created_at__gt=now - _HOUR
    ).order_by("created_at")
    instants = list(asked.values_list("created_at", flat=True))
    if len(instants) >= ASKED_PER_HOUR:
        raise AskedTooOften(instants[-ASKED_PER_HOUR] + _HOUR)


def _check_mailbox(email: str, now: datetime) -> None:
    """Count what all accounts together had sent to a mailbox: nobody's is filled through many accounts.

    :raises AskedTooOften: when the day's number is reached.
    """
    until = _mailbox_is_free_at(email, now)
    if until is not None:
        raise AskedTooOften(until)


def _mailbox_is_free_at(email: str, now: datetime) -> datetime | None:
    """Return when a mailbox, however its letters are written, may be asked again; None when it may now."""
    asked = Q()
    for fingerprint in fingerprints_of(email):
        asked |= Q(dedup_key__startswith=f"address-{fingerprint}-")
    lately = Delivery.objects.filter(asked, created_at__gt=now - _DAY).order_by("-created_at")
    instants = list(lately.values_list("created_at", flat=True)[:ASKED_PER_MAILBOX_AND_DAY])
    return instants[-1] + _DAY if len(instants) == ASKED_PER_MAILBOX_AND_DAY else None


def _key(account_id: int, email: str) -> str:
    return f"address-{fingerprints_of(email)[0]}-{account_id}-"


def _record(account_id: int, verb: str, now: datetime) -> None:
    record(actor=Actor("account", account_id), acts=[Act(verb, "account", account_id)], at=now)


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return can_be_written_to(email)
