"""Which visits wait for the prison's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.review.queries import what_waits
from parloir.visits.rules import REVIEWED

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


def confirmed_before(visit_ids: Collection[int]) -> dict[int, datetime]:
    """Return, of these visits, those to be confirmed by the prison, and before when it must have said so."""
    waiting = what_waits(subject_kind="visit", subject_ids=visit_ids, causes=REVIEWED.values())
    return {entry.subject_id: entry.deadline for entry in reversed(waiting)}


def is_under_review(visit_id: int) -> bool:
    """Tell whether a visit waits for the prison's word."""
    return bool(confirmed_before([visit_id]))
