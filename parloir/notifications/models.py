"""Where a person is written to, and what was sent there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from parloir.notifications.rules import NoticeKind, Outcome, Receipt
from parloir.people.models import Account


class Contact(models.Model):
    """An account's e-mail address and telephone, and what the person wants to be told there.

    Until the address is confirmed, messages to it hold no detail; nothing but its code goes to a telephone that
    is not. ``phone`` is E.164. ``sms_since`` is the instant of consent to SMS and ``sms_ended`` that of its last
    withdrawal. ``email_returned_at``: a message came back from the address for good.
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField(blank=True)
    email_confirmed_at = models.DateTimeField(null=True)
    email_returned_at = models.DateTimeField(null=True)
    email_reminder = models.BooleanField(default=True)
    street_in_calendar = models.BooleanField(default=False)
    device_notices = models.BooleanField(default=True, db_default=True)
    phone = models.CharField(max_length=16, blank=True)
    phone_confirmed_at = models.DateTimeField(null=True)
    sms_since = models.DateTimeField(null=True)
    sms_ended = models.DateTimeField(null=True)

    class Meta:
        """Nobody is texted by mistake."""

        constraints = (
            models.CheckConstraint(
                condition=Q(phone_confirmed_at__isnull=True) | ~Q(phone=""), name="only_a_telephone_is_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(sms_since__isnull=True) | Q(phone_confirmed_at__isnull=False),
                name="consent_to_sms_is_for_a_confirmed_telephone",
            ),
        )
        indexes = (models.Index(Upper("email"), name="contacts_by_address"),)


class Notice(models.Model):
    """What an address is still to be told of its space, in case it was somebody else: deleted once it was.

    ``email`` is the address of that moment, which the account may have no more.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=15)
    email = models.EmailField()
    at = models.DateTimeField()

    class Meta:
        """What can be told."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=list(NoticeKind)), name="notice_is_of_a_known_kind"),
        )


class PhoneCode(models.Model):
    """A code sent to a telephone to confirm it. The code itself is not kept: it is found anew from ``seed``.

    See :func:`~parloir.notifications.queries.code_of`. These rows are also what limits count.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    phone = models.CharField(max_length=16)
    seed = models.CharField(max_length=43)
    asked_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    ended = models.BooleanField(default=False)

    class Meta:
        """Found by whom and by where they went."""

        indexes = (
            models.Index(fields=["account", "asked_at"], name="codes_of_an_account"),
            models.Index(fields=["phone", "asked_at"], name="codes_to_a_telephone"),
        )


class SmsCount(models.Model):
    """How many SMS were sent on a day (of UTC) to a country; an empty country counts all of them. Nobody's data."""

    day = models.DateField()
    country = models.CharField(max_length=3, blank=True)
    sent = models.PositiveIntegerField(default=0)

    class Meta:
        """Once."""

        constraints = (models.UniqueConstraint(fields=["day", "country"], name="sms_of_a_day_are_counted_once"),)


class Delivery(models.Model):
    """One message to one address, sent once per dedup key.

    Neither subject, text nor address is kept: they are found anew at each try and forgotten. ``said`` is what
    the sender of the message wants to find again, as ids and numbers; written with the mark that it was sent.
    ``token`` is what a provider names the message by when it says what became of it, and ``provider_id`` what it
    names it by itself; ``receipt`` is what was heard.
    """

    dedup_key = models.CharField(max_length=120, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, default=Outcome.PENDING)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    said = models.JSONField(default=dict)
    token = models.CharField(max_length=32, null=True, unique=True)
    provider_id = models.CharField(max_length=64, blank=True)
    receipt = models.CharField(max_length=10, blank=True)
    receipt_at = models.DateTimeField(null=True)

    class Meta:
        """What can never be, whoever writes."""

        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=list(Outcome)), name="delivery_ended_in_a_known_way"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.SENT, sent_at__isnull=False)
                | (~Q(outcome=Outcome.SENT) & Q(sent_at__isnull=True)),
                name="only_what_was_sent_says_when",
            ),
            models.CheckConstraint(condition=Q(receipt__in=list(Receipt)), name="receipt_is_of_a_known_kind"),
        )
        indexes = (
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="deliveries_by_provider_id"),
        )
