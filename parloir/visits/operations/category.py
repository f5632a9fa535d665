"""A detained person becomes convicted: no permit is void by that alone; families are warned, the prison decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procrastinate.contrib.django import app

from parloir.permits.models import Registration
from parloir.review.operations import clear_reviews, open_review
from parloir.review.rules import Cause, Subject, Told, deadline_for

if TYPE_CHECKING:
    from datetime import datetime


def warn_of_conviction(*, detainee_id: int, establishment_id: int, now: datetime) -> None:
    """Have the prison say what becomes of the permits, and warn each account that registered one, once."""
    registered = Registration.objects.filter(permit__detainee=detainee_id, permit__closed_at__isnull=True).exists()
    entry_id = open_review(
        cause=Cause.CATEGORY_CHANGED,
        subject=Subject("detainee", detainee_id),
        establishment_id=establishment_id,
        deadline=deadline_for(now=now),
        told=Told.PERMIT_MAY_CHANGE if registered else Told.NOTHING,
        now=now,
    )
    if registered and entry_id is not None:
        task = app.configure_task("visits.tell_permits_may_change", lock=f"detainee-{detainee_id}")
        task.defer(detainee_id=detainee_id, entry_id=entry_id)


def forget_conviction(*, detainee_id: int, now: datetime) -> None:
    """Clear that entry: the person is no longer convicted, or has left."""
    clear_reviews(subjects=[Subject("detainee", detainee_id)], causes=[Cause.CATEGORY_CHANGED], now=now)
