"""Let families whose visits a transfer took away come first where the detained person now is."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from parloir.establishments.rules import OnlineBooking
from parloir.visits.models import WaitingEntry
from parloir.visits.rules import WaitEnd

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from parloir.people.models import Detainee

WAITS_FOR = timedelta(days=60)
NOTICE_HOURS = 24


def wait_first_after_transfer(
    *, account_id: int, detainee: Detainee, permit_ids: Collection[int], active_from: date, now: datetime
) -> None:
    """Put a family first on the waiting list of the detained person's new wing, from a local day on.

    A wait that is open already keeps its days and hours. Where nothing is sold online nobody waits.
    """
    wing = detainee.wing
    if wing.establishment.online_booking != OnlineBooking.OPEN:
        return
    last_day = active_from + WAITS_FOR
    entry, is_new = WaitingEntry.objects.select_for_update(no_key=True).get_or_create(
        account_id=account_id,
        detainee=detainee,
        ended_at=None,
        defaults={
            "wing": wing,
            "permit_ids": sorted(permit_ids),
            "first_day": active_from,
            "last_day": last_day,
            "weekdays": [1, 2, 3, 4, 5, 6, 7],
            "earliest": time(0),
            "latest": time(23, 59),
            "notice_hours": NOTICE_HOURS,
            "moved": True,
            "active_from": active_from,
            "since": now,
        },
    )
    if not is_new:
        entry.wing, entry.moved, entry.active_from = wing, True, active_from
        entry.last_day = max(entry.last_day, last_day)
        entry.save(update_fields=["wing", "moved", "active_from", "last_day"])


def waits_follow(*, detainee: Detainee, active_from: date, now: datetime) -> None:
    """Have the other families who wait for a detained person wait where they now are, from a local day on."""
    waiting = WaitingEntry.objects.filter(detainee=detainee, ended_at__isnull=True).exclude(wing=detainee.wing_id)
    if detainee.wing.establishment.online_booking == OnlineBooking.OPEN:
        waiting.update(wing=detainee.wing, active_from=active_from)
    else:
        waiting.update(ended_at=now, end_cause=WaitEnd.GONE)


def waits_end(*, detainee: Detainee, now: datetime) -> None:
    """End every wait for a detained person who has left."""
    WaitingEntry.objects.filter(detainee=detainee, ended_at__isnull=True).update(ended_at=now, end_cause=WaitEnd.GONE)
