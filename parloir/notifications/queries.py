"""Addresses, the links that confirm them, and what became of the messages sent there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac

from parloir.notifications.models import Contact, Delivery
from parloir.notifications.rules import LINK_LIFETIME, Address, LinkState, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_SALT = "parloir.notifications.confirmation"
NO_ADDRESS = Address(email="", confirmed=False)


@dataclass(frozen=True, slots=True)
class Link:
    """What a confirmation link says: which account, which address (its fingerprint), until when."""

    account_id: int
    fingerprint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ConfirmationToSend:
    """A confirmation that was asked for and is still wanted."""

    account_id: int
    dedup_key: str
    email: str
    language: str
    asked_at: datetime


def address_of(account_id: int) -> Address:
    """Return where a person is written to; its ``email`` is empty when none is known."""
    return addresses_of([account_id]).get(account_id, NO_ADDRESS)


def addresses_of(account_ids: Collection[int]) -> Mapping[int, Address]:
    """Return the known addresses of several accounts, by account, in one statement."""
    rows = Contact.objects.filter(account_id__in=account_ids).values_list("account_id", "email", "email_confirmed_at")
    return {pk: Address(email=email, confirmed=confirmed_at is not None) for pk, email, confirmed_at in rows if email}


def was_refused_lately(account_id: int) -> bool:
    """Tell whether the last message to the present address was refused by its mail server for good."""
    last = Delivery.objects.filter(account=account_id, outcome__in=[Outcome.SENT, Outcome.REFUSED]).order_by("-pk")
    return last.values_list("outcome", flat=True).first() == Outcome.REFUSED


def said_under(prefix: str) -> list[tuple[int, dict[str, object]]]:
    """Return what was said by the messages sent whose dedup key begins so, with the account of each, in order."""
    sent = Delivery.objects.filter(dedup_key__startswith=prefix, outcome=Outcome.SENT).order_by("pk")
    return list(sent.values_list("account_id", "said"))


def last_sent(key_prefix: str) -> dict[int, str]:
    """Return, by account, the key of the last message sent whose key begins so."""
    sent = Delivery.objects.filter(dedup_key__startswith=key_prefix, outcome=Outcome.SENT).order_by("pk")
    return dict(sent.values_list("account_id", "dedup_key"))


def fingerprint_of(email: str) -> str:
    """Return a keyed fingerprint of an address: it can be compared, not read back."""
    return salted_hmac(_SALT, email.strip().casefold(), algorithm="sha256").hexdigest()[:16]


def confirmation_url(*, account_id: int, email: str, now: datetime) -> str:
    """Return the link that confirms an address, good for 30 days; whoever receives it holds the mailbox."""
    expires = int((now + LINK_LIFETIME).timestamp())
    token = Signer(salt=_SALT).sign_object([account_id, fingerprint_of(email), expires])
    return f"{settings.LINK_URL}/courriel/confirmer/{token}/"


def read_link(token: str) -> Link | None:
    """Return what a link says, or None when we did not write it. It may have expired."""
    try:
        account_id, fingerprint, expires = Signer(salt=_SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return Link(account_id, fingerprint, datetime.fromtimestamp(expires, tz=UTC))


def state_of_link(*, token: str, now: datetime) -> LinkState:
    """Tell what following a link leads to, without following it."""
    link = read_link(token)
    if link is None:
        return LinkState.UNUSABLE
    return state_against(link, address_of(link.account_id), now=now)


def state_against(link: Link, address: Address, *, now: datetime) -> LinkState:
    """Judge a link against the present address of its account: one for an earlier address confirms nothing."""
    if not constant_time_compare(link.fingerprint, fingerprint_of(address.email)):
        return LinkState.UNUSABLE
    if address.confirmed:
        return LinkState.DONE
    return LinkState.READY if now < link.expires_at else LinkState.EXPIRED


def confirmation_to_send(delivery_id: int) -> ConfirmationToSend | None:
    """Return a confirmation to send; None when the address was confirmed or replaced since it was asked for."""
    delivery = Delivery.objects.select_related("account").filter(pk=delivery_id).first()
    if delivery is None:
        return None
    address = address_of(delivery.account_id)
    if address.confirmed or f"-{fingerprint_of(address.email)}-" not in delivery.dedup_key:
        return None
    return ConfirmationToSend(
        account_id=delivery.account_id,
        dedup_key=delivery.dedup_key,
        email=address.email,
        language=delivery.account.language,
        asked_at=delivery.created_at,
    )
