"""Families book while the mail server is away: each is booked at once, and each is written to once when it is back.

``OUTAGE=30 pytest -m soak tests/visits/test_outage.py`` for an absence of half an hour.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.visits.models import Visit
from parloir.visits.queries.invariants import broken_invariants
from tests.factories import ContactFactory, PolicyFactory, SlotFactory
from tests.visits.families import Family
from tests.visits.test_worker import sent, until, waiting, workers  # noqa: F401 - a fixture among them

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak, pytest.mark.timeout(7200)]

MINUTES = int(os.environ.get("OUTAGE", "1"))
BOOKINGS = 12


def test_bookings_made_without_a_mail_server_are_each_told_once(mailbox, workers, say):  # noqa: F811
    starts_at = (timezone.now() + timedelta(days=9)).replace(hour=13, minute=0, second=0, microsecond=0)
    slot = SlotFactory(wing=PolicyFactory().wing, starts_at=starts_at, capacity=BOOKINGS)
    families = [Family(slot=slot) for _ in range(BOOKINGS)]
    addresses = [ContactFactory(account=family.account).email for family in families]
    workers.start()
    mailbox.close()

    away = time.monotonic()
    for family in families:
        family.book(now=timezone.now())
        time.sleep(MINUTES * 60 / BOOKINGS)
    arrived_meanwhile = len(mailbox.letters)
    mailbox.open()
    back = time.monotonic()
    all_sent = until(lambda: sent() == BOOKINGS and not waiting(), 120 + MINUTES * 60)

    say(f"mail server away {back - away:.0f} s, {BOOKINGS} booked, all told {time.monotonic() - back:.0f} s after")
    assert (Visit.objects.filter(status="booked").count(), arrived_meanwhile, all_sent) == (BOOKINGS, 0, True)
    assert Counter(letter.to for letter in mailbox.letters) == Counter(addresses)
    assert [name for name, count in broken_invariants(now=timezone.now()) if count] == []
