"""Why something waits for a human, until when, and how it ends. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

DECISION_TIME = timedelta(hours=48)
"""How long a person has to decide, when nothing comes earlier."""


class Cause(StrEnum):
    """Why something waits for a human."""

    HOSPITAL = "hospital"
    DISCIPLINARY = "disciplinary"
    RESTRICTED = "restricted"
    CATEGORY_CHANGED = "category_changed"
    PERMIT_DISAGREES = "permit_disagrees"
    NOBODY_TOLD = "nobody_told"
    OVERBOOKED = "overbooked"
    RECONCILIATION = "reconciliation"


class Told(StrEnum):
    """What the family was told when the entry was opened."""

    NOTHING = "nothing"
    TO_BE_CONFIRMED = "to_be_confirmed"
    CANCELLED = "cancelled"
    PERMIT_MAY_CHANGE = "permit_may_change"
    PERMIT_STOPPED = "permit_stopped"


class Closing(StrEnum):
    """How an entry ended."""

    BY_ITSELF = "by_itself"
    DECIDED = "decided"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: a kind and an id, like the journal's."""

    kind: str
    id: int


def deadline_for(*, now: datetime, latest: datetime | None = None) -> datetime:
    """Return until when somebody must have decided: within 48 hours, and before it is too late to matter."""
    usual = now + DECISION_TIME
    return usual if latest is None else max(now, min(usual, latest))
