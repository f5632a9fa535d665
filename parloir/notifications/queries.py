"""Addresses, the links that confirm them, and what became of the messages sent there."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models.functions import Upper
from django.utils.crypto import constant_time_compare
from django.utils.http import int_to_base36

from parloir.foundation.keys import mark, signatures
from parloir.notifications.models import Contact, Delivery, Notice, PhoneCode
from parloir.notifications.numbers import may_be_texted
from parloir.notifications.rules import (
    CODE_DIGITS,
    CODE_LIFETIME,
    CODE_TRIES,
    LINK_LIFETIME,
    WRITTEN_PER_MAILBOX_AND_DAY,
    Address,
    Channel,
    Choices,
    LinkState,
    NoticeKind,
    Outcome,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_SALT = "parloir.notifications.confirmation"
_CODE_SALT = "parloir.notifications.code"
_WITHDRAWAL_SALT = "parloir.notifications.withdrawal"
_RECEIPTS_SALT = "parloir.notifications.receipts"
_FINGERPRINT = 16
_WITHDRAWAL = re.compile(r"([es])([0-9a-z]{1,12})-([A-Za-z0-9_-]{12})")
NOTICES = "notice-"
"""How the dedup keys of notices begin."""
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


@dataclass(frozen=True, slots=True)
class Telephone:
    """A person's telephone as its page shows it; ``asked`` is a number whose code is awaited."""

    number: str
    asked: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal link stops, and for whom."""

    account_id: int
    channel: Channel


@dataclass(frozen=True, slots=True)
class NoticeToSend:
    """What an address is to be told of its space."""

    account_id: int
    kind: NoticeKind
    email: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code that was asked for and can still be typed."""

    account_id: int
    phone: str
    code: str
    language: str
    asked_at: datetime


def address_of(account_id: int) -> Address:
    """Return where a person is written to; its ``email`` is empty when none is known."""
    return addresses_of([account_id]).get(account_id, NO_ADDRESS)


def reached_by(account_id: int) -> tuple[Address, Choices]:
    """Return where a person is written to and what they chose, in one statement.

    Of an address that is dead only what came back is known here, not what a mail server refused.
    """
    contact = Contact.objects.filter(account_id=account_id).first()
    if contact is None:
        return NO_ADDRESS, Choices()
    address = Address(email=contact.email, confirmed=contact.email_confirmed_at is not None)
    return address, _choices(contact, refused=False)


def addresses_of(account_ids: Collection[int]) -> Mapping[int, Address]:
    """Return the known addresses of several accounts, by account, in one statement."""
    rows = Contact.objects.filter(account_id__in=account_ids).values_list("account_id", "email", "email_confirmed_at")
    return {pk: Address(email=email, confirmed=confirmed_at is not None) for pk, email, confirmed_at in rows if email}


def has_enough(email: str, *, now: datetime) -> bool:
    """Tell whether a mailbox was written enough in a day, by all accounts of which none has confirmed it."""
    accounts = Contact.objects.annotate(mailbox=Upper("email")).filter(mailbox=email.upper(), email_confirmed_at=None)
    lately = Delivery.objects.filter(
        account__in=accounts.values("account"), channel=Channel.EMAIL, sent_at__gt=now - timedelta(days=1)
    )
    return lately[WRITTEN_PER_MAILBOX_AND_DAY - 1 :].exists()


def was_refused_lately(account_id: int) -> bool:
    """Tell whether the present address is dead: it refused its last message for good, or one came back."""
    return choices_of(account_id).email_is_dead


def choices_of(account_id: int) -> Choices:
    """Return what a person chose about their messages; what was never chosen is as it comes."""
    return all_choices_of([account_id]).get(account_id, Choices())


def wants_street_in_calendar(account_id: int) -> bool:
    """Tell whether a person wants the whole address in their calendar."""
    return Contact.objects.filter(account_id=account_id, street_in_calendar=True).exists()


def all_choices_of(account_ids: Collection[int]) -> Mapping[int, Choices]:
    """Return the choices of several accounts, by account, in two statements."""
    refusing = _refusing(account_ids)
    contacts = {contact.account_id: contact for contact in Contact.objects.filter(account_id__in=account_ids)}
    return {
        pk: _choices(contacts[pk], refused=pk in refusing) if pk in contacts else Choices(email_is_dead=pk in refusing)
        for pk in account_ids
    }


def _choices(contact: Contact, *, refused: bool) -> Choices:
    return Choices(
        email_reminder=contact.email_reminder,
        street_in_calendar=contact.street_in_calendar,
        phone=contact.phone if contact.phone_confirmed_at else "",
        sms_since=contact.sms_since,
        sms_ended=contact.sms_ended,
        email_is_dead=refused or contact.email_returned_at is not None,
        device_notices=contact.device_notices,
    )


def _refusing(account_ids: Collection[int]) -> set[int]:
    """Return the accounts whose mail server refused the last e-mail for good."""
    last = (
        Delivery.objects.filter(
            account__in=account_ids, channel=Channel.EMAIL, outcome__in=[Outcome.SENT, Outcome.REFUSED]
        )
        # They may have gone to an earlier address.
        .exclude(dedup_key__startswith=NOTICES)
        .order_by("account_id", "-pk")
        .distinct("account_id")
    )
    return {pk for pk, outcome in last.values_list("account_id", "outcome") if outcome == Outcome.REFUSED}


def notice_to_send(notice_id: int) -> NoticeToSend | None:
    """Return a notice that is still to be told; None once it was."""
    notice = Notice.objects.select_related("account").filter(pk=notice_id).first()
    if notice is None:
        return None
    account = notice.account
    return NoticeToSend(account.pk, NoticeKind(notice.kind), notice.email, account.language, notice.at)


def said_under(prefix: str) -> list[tuple[int, dict[str, object]]]:
    """Return what was said by the messages sent whose dedup key begins so, with the account of each, in order."""
    sent = Delivery.objects.filter(dedup_key__startswith=prefix, outcome=Outcome.SENT).order_by("pk")
    return list(sent.values_list("account_id", "said"))


def last_sent(key_prefix: str) -> dict[int, str]:
    """Return, by account, the key of the last message sent whose key begins so."""
    sent = Delivery.objects.filter(dedup_key__startswith=key_prefix, outcome=Outcome.SENT).order_by("pk")
    return dict(sent.values_list("account_id", "dedup_key"))


def when_sent(keys: Iterable[str]) -> dict[str, datetime]:
    """Return when messages were sent, by their keys; those that were not are left out."""
    sent = Delivery.objects.filter(dedup_key__in=list(keys), outcome=Outcome.SENT)
    return {key: at for key, at in sent.values_list("dedup_key", "sent_at") if at}


def fingerprints_of(email: str) -> list[str]:
    """Return the keyed fingerprints of an address, the one to write first: they can be compared, not read back."""
    known = mark(_SALT, email.strip().casefold()).known
    return [fingerprint.partition(":")[2][:_FINGERPRINT] for fingerprint in known]


def confirmation_url(*, account_id: int, email: str, now: datetime) -> str:
    """Return the link that confirms an address, good for 30 days; whoever receives it holds the mailbox."""
    expires = int((now + LINK_LIFETIME).timestamp())
    token = Signer(salt=_SALT).sign_object([account_id, fingerprints_of(email)[0], expires])
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
    if not _is_one_of(link.fingerprint, fingerprints_of(address.email)):
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
    if address.confirmed or not any(f"-{known}-" in delivery.dedup_key for known in fingerprints_of(address.email)):
        return None
    return ConfirmationToSend(
        account_id=delivery.account_id,
        dedup_key=delivery.dedup_key,
        email=address.email,
        language=delivery.account.language,
        asked_at=delivery.created_at,
    )


# The telephone ---------------------------------------------------------------------------


def is_served(number: str) -> bool:
    """Tell whether SMS are sent to the country of a number, as the operator chose (``SMS_COUNTRIES``)."""
    return may_be_texted(number, countries=settings.SMS_COUNTRIES)


def telephone_of(account_id: int, *, now: datetime) -> Telephone:
    """Return a person's confirmed number, and the one they are confirming."""
    code = live_code(account_id, now=now)
    return Telephone(number=choices_of(account_id).phone, asked=code.phone if code else "")


def live_code(account_id: int, *, now: datetime) -> PhoneCode | None:
    """Return the code that can be typed now: the last one sent, for ten minutes and five tries."""
    last = PhoneCode.objects.filter(account=account_id).order_by("-asked_at", "-pk").first()
    if last is None or last.ended or last.tries >= CODE_TRIES or now >= last.asked_at + CODE_LIFETIME:
        return None
    return last


def has_just_confirmed(account_id: int, *, typed: str, now: datetime) -> bool:
    """Tell whether a code is the one that confirmed the telephone a moment ago: it was pressed twice."""
    last = PhoneCode.objects.filter(account=account_id).order_by("-asked_at", "-pk").first()
    if last is None or not last.ended or now >= last.asked_at + CODE_LIFETIME:
        return False
    return last.phone == choices_of(account_id).phone and is_code(last, typed)


def code_of(row: PhoneCode) -> str:
    """Return the six digits of a code: kept nowhere, they follow from its seed and the secret of the site."""
    return _codes_of(row)[0]


def is_code(row: PhoneCode, typed: str) -> bool:
    """Tell whether somebody types the code that was sent, also just before the secret of the site changed."""
    return _is_one_of(typed, _codes_of(row))


def _codes_of(row: PhoneCode) -> list[str]:
    digests = signatures(_CODE_SALT, f"{row.account_id}:{row.phone}:{row.seed}")
    return [str(int.from_bytes(digest) % 10**CODE_DIGITS).zfill(CODE_DIGITS) for digest in digests]


def code_to_send(code_id: int, *, now: datetime) -> CodeToSend | None:
    """Return a code to send; None when another was asked for since, or its time is over."""
    row = PhoneCode.objects.select_related("account").filter(pk=code_id).first()
    if row is None or row != live_code(row.account_id, now=now):
        return None
    return CodeToSend(row.account_id, row.phone, code_of(row), row.account.language, row.asked_at)


# Withdrawing -----------------------------------------------------------------------------


def withdraw_url(account_id: int, channel: Channel) -> str:
    """Return the short link that stops one channel's reminders, for ever: it can only switch something off."""
    return f"{settings.LINK_URL}/m/{_withdrawal_tokens(account_id, channel)[0]}/"


def read_withdrawal(token: str) -> Withdrawal | None:
    """Return what a withdrawal link stops, or None when we did not write it."""
    found = _WITHDRAWAL.fullmatch(token)
    if found is None:
        return None
    channel = Channel.SMS if found[1] == "s" else Channel.EMAIL
    account_id = int(found[2], 36)
    known = _is_one_of(token, _withdrawal_tokens(account_id, channel))
    return Withdrawal(account_id, channel) if known else None


def _withdrawal_tokens(account_id: int, channel: Channel) -> list[str]:
    """Name an account and a channel in some twenty signs, 72 bits of which only we can write."""
    named = f"{channel[0]}{int_to_base36(account_id)}"
    digests = signatures(_WITHDRAWAL_SALT, f"{channel}:{account_id}")
    return [f"{named}-{base64.urlsafe_b64encode(digest[:9]).decode()}" for digest in digests]


# Receipts --------------------------------------------------------------------------------


def receipts_secret() -> str:
    """Return what stands in the address that a provider without signatures calls: only it was told."""
    return _receipts_secrets()[0]


def is_receipts_secret(said: str) -> bool:
    """Tell whether an address is the one that the provider was told, now or before the secret of the site changed."""
    return _is_one_of(said, _receipts_secrets())


def _receipts_secrets() -> list[str]:
    return [digest.hex()[:40] for digest in signatures(_RECEIPTS_SALT, "ovh")]


def _is_one_of(said: str, known: list[str]) -> bool:
    return any(constant_time_compare(said, each) for each in known)
