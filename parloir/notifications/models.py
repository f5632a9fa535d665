"""Where a person is written to, and what was sent there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from parloir.notifications.rules import Outcome
from parloir.people.models import Account


class Contact(models.Model):
    """An account's e-mail address; until it is confirmed, messages to it hold no detail."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField(blank=True)
    email_confirmed_at = models.DateTimeField(null=True)


class Delivery(models.Model):
    """One message to one address, sent once per dedup key.

    Neither subject, text nor address is kept: they are found anew at each try and forgotten. ``said`` is what
    the sender of the message wants to find again, as ids and numbers; written with the mark that it was sent.
    """

    dedup_key = models.CharField(max_length=120, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=10)
    outcome = models.CharField(max_length=10, default=Outcome.PENDING)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    said = models.JSONField(default=dict)

    class Meta:
        """What can never be, whoever writes."""

        constraints = (
            models.CheckConstraint(condition=Q(outcome__in=list(Outcome)), name="delivery_ended_in_a_known_way"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.SENT, sent_at__isnull=False)
                | (~Q(outcome=Outcome.SENT) & Q(sent_at__isnull=True)),
                name="only_what_was_sent_says_when",
            ),
        )
