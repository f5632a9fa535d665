"""A person's telephone: given, confirmed by a code, removed."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from procrastinate.contrib.django import app

from parloir.journal.operations import Act, Actor, record
from parloir.notifications.models import Contact, PhoneCode
from parloir.notifications.operations.contacts import AskedTooOften
from parloir.notifications.operations.noticing import give_notice
from parloir.notifications.operations.spending import spent_until
from parloir.notifications.queries import is_code, live_code
from parloir.notifications.rules import (
    CODE_AGAIN_AFTER,
    CODE_TRIES,
    CODES_KEPT_FOR,
    CODES_PER_DAY,
    CODES_PER_HOUR,
    CODES_PER_NUMBER_AND_DAY,
    NoticeKind,
)

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class CodeRefused(Exception):
    """A code confirms nothing. ``tries_left`` is how often it may still be typed; 0 asks for another."""

    def __init__(self, tries_left: int) -> None:
        super().__init__("code refused")
        self.tries_left = tries_left


@transaction.atomic
def ask_phone(*, account_id: int, phone: str, now: datetime) -> None:
    """Send a code to a telephone; the one confirmed so far stays until the code comes back.

    :param phone: E.164, already known to be a mobile number.
    :raises AskedTooOften: past what an account, or that telephone from all accounts, may be sent; or past what the
        service sends in a day.
    """
    _own(account_id)
    _check_often(account_id, phone, now)
    if until := spent_until(number=phone, now=now):
        raise AskedTooOften(until)
    code = PhoneCode.objects.create(account_id=account_id, phone=phone, seed=secrets.token_urlsafe(32), asked_at=now)
    app.configure_task("notifications.send_code").defer(code_id=code.pk)
    _record(account_id, "phone.asked", now)


def confirm_phone(*, account_id: int, typed: str, now: datetime) -> None:
    """Hold a telephone for a person's: whoever typed its code reads it. A wrong try counts, even refused.

    Consent to SMS is about a person, not a number: it stays when they change their telephone.

    :raises CodeRefused: when it is not the code, or there is none to be typed any more.
    """
    with transaction.atomic():
        contact = _own(account_id)
        code = live_code(account_id, now=now)
        if code is not None and is_code(code, typed):
            PhoneCode.objects.filter(pk=code.pk).update(ended=True)
            if contact.phone not in {"", code.phone}:
                give_notice(account_id=account_id, kind=NoticeKind.PHONE_CHANGED, now=now)
            Contact.objects.filter(pk=contact.pk).update(phone=code.phone, phone_confirmed_at=now)
            _record(account_id, "phone.confirmed", now)
            return
        if code is not None:
            PhoneCode.objects.filter(pk=code.pk).update(tries=code.tries + 1)
    raise CodeRefused(CODE_TRIES - code.tries - 1 if code else 0)


@transaction.atomic
def remove_phone(*, account_id: int, now: datetime) -> None:
    """Forget a telephone; consent to SMS ends with it, and the person is told by e-mail."""
    contact = _own(account_id)
    if not contact.phone:
        return
    give_notice(account_id=account_id, kind=NoticeKind.PHONE_CHANGED, now=now)
    ended = now if contact.sms_since else contact.sms_ended
    Contact.objects.filter(pk=contact.pk).update(phone="", phone_confirmed_at=None, sms_since=None, sms_ended=ended)
    PhoneCode.objects.filter(account_id=account_id).update(ended=True)
    _record(account_id, "phone.removed", now)


@transaction.atomic
def forget_old_codes(*, now: datetime) -> int:
    """Delete the codes that no limit counts any more, and return how many."""
    return PhoneCode.objects.filter(asked_at__lt=now - CODES_KEPT_FOR).delete()[0]


def _own(account_id: int) -> Contact:
    """Lock an account's contact: two requests at once wait for each other here."""
    contact, _created = Contact.objects.select_for_update().get_or_create(account_id=account_id)
    return contact


def _check_often(account_id: int, phone: str, now: datetime) -> None:
    """Count what was sent.

    :raises AskedTooOften: when one of the limits is reached.
    """
    mine = PhoneCode.objects.filter(account=account_id)
    limits = (
        (mine, CODE_AGAIN_AFTER, 1),
        (mine, _HOUR, CODES_PER_HOUR),
        (mine, _DAY, CODES_PER_DAY),
        (PhoneCode.objects.filter(phone=phone), _DAY, CODES_PER_NUMBER_AND_DAY),
    )
    until = [again for rows, span, most in limits if (again := _again_at(rows, span, most, now))]
    if until:
        raise AskedTooOften(max(until))


def _again_at(rows: QuerySet[PhoneCode], span: timedelta, most: int, now: datetime) -> datetime | None:
    """Return when a limit lets another code through; None when it does now."""
    lately = rows.filter(asked_at__gt=now - span).order_by("-asked_at").values_list("asked_at", flat=True)
    counted = list(lately[:most])
    return counted[-1] + span if len(counted) == most else None


def _record(account_id: int, verb: str, now: datetime) -> None:
    record(actor=Actor("account", account_id), acts=[Act(verb, "account", account_id)], at=now)
