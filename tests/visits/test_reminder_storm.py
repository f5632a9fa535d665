"""Six in the evening: all reminders of a country leave through slow and flaky servers, each exactly once.

``STORM=500 pytest -m soak tests/visits/test_reminder_storm.py`` for another size; ``STORM_WORKERS`` likewise.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.notifications.models import Contact, Delivery
from parloir.notifications.rules import Outcome
from parloir.visits.models import Visit
from parloir.visits.operations import plan_reminders
from parloir.visits.rules import new_reference
from tests.factories import (
    AccountFactory,
    ContactFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PolicyFactory,
    SlotFactory,
    VisitFactory,
    WingFactory,
)
from tests.mailbox import Mailbox
from tests.ports import free_port
from tests.serving import empty_the_queue
from tests.telephone import Telephone
from tests.visits.test_worker import Workers, until

REMINDERS = int(os.environ.get("STORM", "10000"))
WORKERS = int(os.environ.get("STORM_WORKERS", "2"))
SLOW = 0.2
EVERY_TENTH = 10


class FlakyMailbox(Mailbox):
    """Takes a letter after 200 ms; refuses one conversation in ten for now, before taking anything."""

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        await asyncio.sleep(SLOW)
        self.conversations += 1
        if self.conversations % EVERY_TENTH == 0:
            return "451 4.3.0 try again later"
        conversations = self.conversations
        answer = await super().handle_DATA(server, session, envelope)
        self.conversations = conversations
        return answer


def book(count):
    """Book visits of tomorrow: a half of the families are written to, the other half texted."""
    starts_at = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    establishment = EstablishmentFactory(time_zone="Europe/Paris")
    wing = PolicyFactory(wing=WingFactory(establishment=establishment)).wing
    slot = SlotFactory(wing=wing, starts_at=starts_at, capacity=30_000)
    early = timezone.now() - timedelta(days=3)
    references = set()
    while len(references) < count:  # by pure chance, two of ten thousand are alike one time in eight
        references.add(new_reference())
    for number, reference in enumerate(references):
        account = AccountFactory()
        ContactFactory(account=account, email=f"f{number}@example.org")
        VisitFactory(
            booker=account, slot=slot, detainee=DetaineeFactory(wing=wing), booked_at=early, reference=reference
        )
    for number, contact in enumerate(Contact.objects.order_by("pk")):
        if number % 2:
            contact.email_reminder, contact.phone = False, f"+336{number:08}"
            contact.phone_confirmed_at = contact.sms_since = early
            contact.save()


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.django_db(transaction=True)
def test_every_reminder_arrives_exactly_once_through_slow_and_flaky_servers():
    empty_the_queue()
    mail, phone = FlakyMailbox(port=free_port()), Telephone(port=free_port())
    phone.thinks_for, phone.stumbles = SLOW, lambda number: number % EVERY_TENTH == 0
    book(REMINDERS)
    mail.open()
    phone.open()
    workers = Workers(mail)
    workers.environment |= {"SMS_URL": phone.url, "REMINDER_HOUR": "0"}
    try:
        began = time.monotonic()
        planned = plan_reminders(hour=0, now=timezone.now())
        took_to_plan = time.monotonic() - began
        for _ in range(WORKERS):
            workers.start()
        done = Delivery.objects.filter(outcome=Outcome.SENT)
        until(lambda: done.count() == REMINDERS, seconds=7000)
        took = time.monotonic() - began
        until(lambda: not ProcrastinateJob.objects.filter(task_name="visits.remind").exists(), seconds=60)
    finally:
        workers.stop()
        mail.close()
        phone.close()
        empty_the_queue()
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    told = f"{planned} reminders planned in {took_to_plan:.1f} s, sent in {took:.0f} s by {WORKERS} workers, {most} MB"
    print(told)  # noqa: T201 - the figures are what a long test is run for
    written = Counter(letter.to for letter in mail.letters)
    texted = Counter(sms["to"] for sms in phone.taken)
    assert planned == REMINDERS == Visit.objects.count()
    assert (len(written), len(texted)) == (REMINDERS - REMINDERS // 2, REMINDERS // 2)
    assert set(written.values()) | set(texted.values()) == {1}
    assert len({sms["id"] for sms in phone.taken}) == REMINDERS // 2
    assert most < 512
