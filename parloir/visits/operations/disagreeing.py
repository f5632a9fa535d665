"""The register closes a permit under other names than it has: the prison finds out which of them is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.review.operations import clear_reviews, open_review
from parloir.review.rules import Cause, Subject, Told, deadline_for

if TYPE_CHECKING:
    from datetime import datetime


def ask_about_permit(*, permit_id: int, establishment_id: int, is_told: bool, now: datetime) -> None:
    """Have the prison look at a permit that a line closed, whose other keys say something else than it does."""
    open_review(
        cause=Cause.PERMIT_DISAGREES,
        subject=Subject("permit", permit_id),
        establishment_id=establishment_id,
        deadline=deadline_for(now=now),
        told=Told.PERMIT_STOPPED if is_told else Told.NOTHING,
        now=now,
    )


def forget_disagreement(*, permit_id: int, now: datetime) -> None:
    """Clear that entry: a later line agrees with the permit."""
    clear_reviews(subjects=[Subject("permit", permit_id)], causes=[Cause.PERMIT_DISAGREES], now=now)
