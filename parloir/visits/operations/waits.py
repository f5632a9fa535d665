"""End a family's wait when it has what it waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.visits.models import WaitingEntry
from parloir.visits.rules import WaitEnd

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.timetable.models import Slot


def end_wait_by_booking(*, account: Account, detainee: Detainee, slot: Slot, now: datetime) -> None:
    """End the wait of a family that has booked a slot such as it waited for; another slot changes nothing."""
    local = slot.starts_at.astimezone(detainee.wing.establishment.zone)
    WaitingEntry.objects.filter(
        account=account,
        detainee=detainee,
        ended_at__isnull=True,
        first_day__lte=slot.local_date,
        last_day__gte=slot.local_date,
        weekdays__contains=[slot.local_date.isoweekday()],
        earliest__lte=local.time(),
        latest__gte=local.time(),
    ).update(ended_at=now, end_cause=WaitEnd.BOOKED)
