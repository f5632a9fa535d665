"""What waits for a human, by whose agents it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from parloir.review.models import Entry
from parloir.review.rules import Cause, Closing

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet


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


@dataclass(frozen=True, slots=True)
class Waiting:
    """One open entry about a subject."""

    entry_id: int
    subject_id: int
    cause: Cause
    deadline: datetime


def what_waits(*, subject_kind: str, subject_ids: Collection[int], causes: Collection[Cause]) -> list[Waiting]:
    """Return the open entries about these subjects for these causes, the most pressing first."""
    entries = Entry.objects.filter(
        subject_kind=subject_kind, subject_id__in=subject_ids, cause__in=causes, closed_at__isnull=True
    )
    rows = entries.order_by("deadline", "pk").values_list("pk", "subject_id", "cause", "deadline")
    return [Waiting(pk, subject_id, Cause(cause), deadline) for pk, subject_id, cause, deadline in rows]


def earliest_deadline(*, subject_kind: str, subject_id: str, causes: Collection[Cause]) -> Subquery:
    """Return, to annotate a query of subjects, before when somebody must have decided; null when nothing waits.

    :param subject_id: the name of the subjects' id in that query.
    """
    entries = Entry.objects.filter(
        subject_kind=subject_kind, subject_id=OuterRef(subject_id), cause__in=causes, closed_at__isnull=True
    )
    return Subquery(entries.order_by("deadline").values("deadline")[:1])


def opened_at(entry_id: int) -> datetime | None:
    """Return when an entry was opened, as long as it is open."""
    return Entry.objects.filter(pk=entry_id, closed_at__isnull=True).values_list("opened_at", flat=True).first()


def decisions_on(
    *, subject_kind: str, subject_ids: Collection[int], causes: Collection[Cause]
) -> dict[tuple[int, Cause], datetime]:
    """Return when somebody last decided, by subject and cause."""
    decided = Entry.objects.filter(
        subject_kind=subject_kind, subject_id__in=subject_ids, cause__in=causes, closing=Closing.DECIDED
    )
    rows = decided.order_by("closed_at", "pk").values_list("subject_id", "cause", "closed_at")
    return {(subject_id, Cause(cause)): at for subject_id, cause, at in rows if at is not None}


def subjects_under_review(*, subject_kind: str, subject_ids: Collection[int], causes: Collection[Cause]) -> set[int]:
    """Return which of these subjects wait for a human for one of these causes."""
    waiting = Entry.objects.filter(
        subject_kind=subject_kind, subject_id__in=subject_ids, cause__in=causes, closed_at__isnull=True
    )
    return set(waiting.values_list("subject_id", flat=True))
