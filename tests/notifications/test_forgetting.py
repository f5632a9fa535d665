"""How long it is remembered that a message was sent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.notifications.models import Delivery
from parloir.notifications.operations import forget_old_deliveries
from parloir.notifications.queries import was_refused_lately
from tests.factories import NOW, AccountFactory

pytestmark = pytest.mark.django_db

OLD = NOW - timedelta(days=90, seconds=1)


def sent(account, key, *, at=OLD, outcome="sent", channel="email"):
    return Delivery.objects.create(
        account=account,
        dedup_key=key,
        channel=channel,
        outcome=outcome,
        created_at=at,
        sent_at=at if outcome == "sent" else None,
    )


def forget():
    return forget_old_deliveries(days=90, now=NOW)


def kept():
    return set(Delivery.objects.values_list("dedup_key", flat=True))


def test_what_was_sent_ninety_days_ago_is_forgotten_and_the_rest_stays():
    account = AccountFactory()
    sent(account, "old")
    sent(account, "old-sms", channel="sms")
    sent(account, "never", outcome="pending")
    sent(account, "young", at=NOW - timedelta(days=90))

    assert (forget(), forget(), kept()) == (3, 0, {"young"})


def test_a_dead_address_stays_known_until_something_reaches_it():
    account, other = AccountFactory(), AccountFactory()
    sent(account, "refused-before", outcome="refused")
    sent(account, "refused-last", outcome="refused")
    sent(other, "refused-then", outcome="refused")
    sent(other, "reached")

    assert forget() == 3
    assert kept() == {"refused-last"}
    assert (was_refused_lately(account.pk), was_refused_lately(other.pk)) == (True, False)
