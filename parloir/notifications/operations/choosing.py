"""What a person wants to be told, and by what; and what is heard of messages after they left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models.functions import Upper

from parloir.journal.operations import SERVICE, Act, Actor, record
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.rules import Channel, Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any


class NoTelephone(Exception):
    """SMS were asked for, and no telephone is confirmed."""


@transaction.atomic
def choose_messages(
    *, account_id: int, email_reminder: bool, sms: bool, device_notices: bool = True, now: datetime
) -> None:
    """Keep what a person ticked: reminders by e-mail, SMS, word of strange devices.

    Consent to SMS is dated; unticking withdraws it.

    :raises NoTelephone: when SMS are ticked without a confirmed telephone; nothing is changed.
    """
    contact, _created = Contact.objects.select_for_update().get_or_create(account_id=account_id)
    if sms and contact.phone_confirmed_at is None:
        raise NoTelephone
    changes: dict[str, Any] = {}
    verbs = []
    if email_reminder != contact.email_reminder:
        changes["email_reminder"] = email_reminder
        verbs.append("reminders.asked" if email_reminder else "reminders.stopped")
    if device_notices != contact.device_notices:
        changes["device_notices"] = device_notices
        verbs.append("device_notices.asked" if device_notices else "device_notices.stopped")
    if sms and contact.sms_since is None:
        changes["sms_since"] = now
        verbs.append("sms.agreed")
    elif not sms and contact.sms_since is not None:
        changes |= {"sms_since": None, "sms_ended": now}
        verbs.append("sms.withdrawn")
    _change(contact, changes, verbs, now)


@transaction.atomic
def choose_calendar(*, account_id: int, with_street: bool, now: datetime) -> None:
    """Keep whether a person wants the whole address in their calendar, where others may read it."""
    contact, _created = Contact.objects.select_for_update().get_or_create(account_id=account_id)
    if with_street != contact.street_in_calendar:
        verb = "calendar.street_asked" if with_street else "calendar.town_asked"
        _change(contact, {"street_in_calendar": with_street}, [verb], now)


@transaction.atomic
def withdraw(*, account_id: int, channel: Channel, now: datetime) -> None:
    """Stop the SMS, or the reminders by e-mail, of whoever holds the link; done already, nothing happens.

    Withdrawing SMS also ends what was agreed to for single appointments until now.
    """
    contact = Contact.objects.select_for_update().filter(account_id=account_id).first()
    if contact is None:
        return
    if channel == Channel.SMS:
        _change(contact, {"sms_since": None, "sms_ended": now}, ["sms.withdrawn"], now)
    elif contact.email_reminder:
        _change(contact, {"email_reminder": False}, ["reminders.stopped"], now)


@transaction.atomic
def note_receipt(*, token: str = "", provider_id: str = "", receipt: Receipt, now: datetime) -> bool:
    """Note what a provider says of a message; tell whether it is one of ours. The first word of each kind counts.

    A message that was received has not come back, whatever is said later.
    """
    if not token and not provider_id:
        return False
    named = {"token": token} if token else {"provider_id": provider_id, "channel": Channel.SMS}
    delivery = Delivery.objects.select_for_update().filter(**named).first()
    if delivery is None:
        return False
    if delivery.receipt in {Receipt.NONE, Receipt.RETURNED} and delivery.receipt != receipt:
        Delivery.objects.filter(pk=delivery.pk).update(receipt=receipt, receipt_at=now)
    return True


@transaction.atomic
def note_returned_address(*, email: str, now: datetime) -> int:
    """Hold an address for dead, in every account that gave it, and return in how many.

    It counts as unconfirmed from now on: whoever may own it next reads no detail. Messages are still tried,
    without detail, because a mail server can be wrong; and those who agreed to SMS are told by SMS too.
    """
    written = Contact.objects.select_for_update().alias(upper=Upper("email")).filter(upper=email.upper())
    dead = list(written.filter(email_returned_at=None).order_by("pk")) if email else []
    Contact.objects.filter(pk__in=[contact.pk for contact in dead]).update(
        email_returned_at=now, email_confirmed_at=None
    )
    record(actor=SERVICE, acts=[Act("address.returned", "account", contact.account_id) for contact in dead], at=now)
    return len(dead)


def _change(contact: Contact, changes: Mapping[str, Any], verbs: list[str], now: datetime) -> None:
    if not changes:
        return
    Contact.objects.filter(pk=contact.pk).update(**changes)
    acts = [Act(verb, "account", contact.account_id) for verb in verbs]
    record(actor=Actor("account", contact.account_id), acts=acts, at=now)
