"""Tell families what became of their visits.

The operations defer these jobs under one lock a visit, so a cancellation never overtakes its booking.
Each try looks at the visit anew. A booking that was cancelled before it could be told is not told: the
cancellation says it all, and nobody reads “confirmed” about a visit that no longer exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.notifications.operations import TryLater, deliver_email
from parloir.notifications.tasks import Patience
from parloir.visits.messages import booked_email, cancelled_email
from parloir.visits.operations import forget_old_drafts, free_expired_holds
from parloir.visits.queries.messages import visit_to_tell
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from parloir.notifications.rules import Email
    from parloir.visits.queries.messages import Recipient, VisitToTell


@app.task(name="visits.tell_booked", retry=Patience())
def tell_booked(*, visit_id: int) -> None:
    """Confirm a visit to the booker and to each other account whose own permit attends."""
    now = timezone.now()
    visit = visit_to_tell(visit_id)
    if visit is not None and visit.status != VisitStatus.CANCELLED:
        _tell_each(visit, "booked", booked_email, now=now)


@app.task(name="visits.tell_cancelled", retry=Patience())
def tell_cancelled(*, visit_id: int) -> None:
    """Tell the same people that a visit will not be."""
    now = timezone.now()
    visit = visit_to_tell(visit_id)
    if visit is not None and visit.status == VisitStatus.CANCELLED:
        _tell_each(visit, "cancelled", cancelled_email, now=now)


def _tell_each(visit: VisitToTell, what: str, write: Callable[..., Email], *, now: datetime) -> None:
    """Write to everybody before giving up on anybody: one full mailbox does not hold up the others.

    :raises TryLater: when someone could not be told yet; those who were are not told again.
    """
    later: TryLater | None = None
    for recipient in visit.recipients:
        try:
            _tell(visit, recipient, what, write(visit, recipient, now=now), now=now)
        except TryLater as error:
            later = error
    if later is not None:
        raise later


def _tell(visit: VisitToTell, recipient: Recipient, what: str, email: Email, *, now: datetime) -> None:
    deliver_email(
        account_id=recipient.account_id,
        dedup_key=f"visit-{visit.visit_id}-{what}-{recipient.account_id}",
        email=email,
        now=now,
    )


@app.periodic(cron="* * * * *")
@app.task(name="visits.sweep", queueing_lock="visits.sweep", priority=10)
def sweep(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Give back, every minute, the places whose time is over."""
    now = timezone.now()
    free_expired_holds(now=now)
    forget_old_drafts(now=now)
