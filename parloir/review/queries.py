"""What waits for a human, by whose agents it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.review.models import Entry

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.review.rules import Cause


def open_reviews(*, establishment_ids: Collection[int]) -> QuerySet[Entry]:
    """Return what waits in these establishments, the most pressing first."""
    return Entry.objects.filter(establishment_id__in=establishment_ids, closed_at__isnull=True).order_by(
        "deadline", "pk"
    )


def overdue_subject_ids(*, subject_kind: str, causes: Collection[Cause], now: datetime) -> list[int]:
    """Return the ids of the subjects of one kind that nobody decided on in time."""
    overdue = Entry.objects.filter(
        subject_kind=subject_kind, cause__in=causes, closed_at__isnull=True, deadline__lte=now
    )
    return list(dict.fromkeys(overdue.order_by("deadline", "pk").values_list("subject_id", flat=True)))


def subjects_under_review(*, subject_kind: str, subject_ids: Collection[int], causes: Collection[Cause]) -> set[int]:
    """Return which of these subjects wait for a human for one of these causes."""
    waiting = Entry.objects.filter(
        subject_kind=subject_kind, subject_id__in=subject_ids, cause__in=causes, closed_at__isnull=True
    )
    return set(waiting.values_list("subject_id", flat=True))
