"""A family ready to book, for the tests of the engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.establishments.rules import Channel
from parloir.journal.models import Entry
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Draft, Hold, Offer, Visit
from parloir.visits.operations import (
    VisitRefused,
    Wish,
    book_visit,
    choose_people,
    confirm_draft,
    hold_slots,
)
from parloir.visits.queries.invariants import broken_invariants
from tests.factories import (
    NOW,
    AccountFactory,
    DetaineeFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    SlotFactory,
    VisitorFactory,
)

WEDNESDAY = datetime(2026, 11, 11, 13, tzinfo=UTC)
"""14:00 in Paris, nine days after the tests' present."""


class Family:
    """A relative with a registered permit, in a wing with one slot."""

    def __init__(self, *, wing=None, slot=None, detainee=None, **permit) -> None:
        self.wing = wing or (slot.wing if slot else detainee.wing if detainee else PolicyFactory().wing)
        self.slot = slot or SlotFactory(wing=self.wing)
        self.account = AccountFactory()
        self.detainee = detainee or DetaineeFactory(wing=self.wing)
        self.permit = PermitFactory(detainee=self.detainee, **permit)
        RegistrationFactory(account=self.account, permit=self.permit)

    def add(self, *, holding="child", born=date(2018, 5, 1), **permit):
        """Register one more permit in the account."""
        added = PermitFactory(detainee=self.detainee, visitor=VisitorFactory(birth_date=born), **permit)
        RegistrationFactory(account=self.account, permit=added, holding=holding)
        return added

    def hold(self, *slots, now=NOW, **how):
        ids = [slot.pk for slot in slots or [self.slot]]
        return hold_slots(account=self.account, detainee_id=self.detainee.pk, slot_ids=ids, now=now, **how).draft

    def choose(self, *permits, now=NOW, **how):
        ids = [permit.pk for permit in permits or [self.permit]]
        return choose_people(account=self.account, detainee_id=self.detainee.pk, permit_ids=ids, now=now, **how)

    def confirm(self, *slots, key="k1", now=NOW, **how):
        ids = [slot.pk for slot in slots or [self.slot]]
        return confirm_draft(
            account=self.account,
            detainee_id=self.detainee.pk,
            slot_ids=ids,
            idempotency_key=key,
            now=now,
            **how,
        )

    def book(self, *permits, slot=None, key="k1", now=NOW, channel=Channel.ONLINE, agent=None, **wish):
        asked = Wish(
            detainee_id=self.detainee.pk,
            slot_id=(slot or self.slot).pk,
            permit_ids=frozenset(permit.pk for permit in permits or [self.permit]),
            idempotency_key=key,
            **wish,
        )
        return book_visit(booker=self.account, wish=asked, channel=channel, agent=agent, now=now)


def slot_in(wing, *, days=0, hours=0, **about):
    """Return a slot so long after :data:`WEDNESDAY`."""
    return SlotFactory(wing=wing, starts_at=WEDNESDAY + timedelta(days=days, hours=hours), **about)


def snapshot():
    """Return all that an operation of the engine can change."""
    models = (Visit, Attendance, Slot, Draft, Hold, Offer)
    rows = [list(model.objects.order_by("pk").values()) for model in models]
    return (*rows, ProcrastinateJob.objects.count(), Entry.objects.count())


def refused(action, *args, **how):
    """Do what must be refused, and return the codes, after checking that nothing happened."""
    before = snapshot()
    with pytest.raises(VisitRefused) as refusal:
        action(*args, **how)
    assert snapshot() == before
    return [reason.code for reason in refusal.value.refusals]


def taken(slot):
    slot.refresh_from_db()
    return slot.taken


def broken(now=NOW):
    """Return the invariants that do not hold."""
    return {name for name, count in broken_invariants(now=now) if count}


def jobs():
    return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True))
