"""Write the journal, always inside the operation that it tells of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parloir.foundation.rows import write_rows
from parloir.journal.models import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True)
class Actor:
    """Who acts: an account, a staff member, the register, or the service itself."""

    kind: str
    id: int | None = None


SERVICE = Actor("service")
REGISTER = Actor("register")


@dataclass(frozen=True)
class Act:
    """One thing done to one subject; ``detail`` holds codes and numbers, never a person's data."""

    verb: str
    subject_kind: str
    subject_id: int | None
    detail: dict[str, str | int | None] = field(default_factory=dict)


def record(*, actor: Actor, acts: Iterable[Act], at: datetime) -> None:
    """Append acts to the journal, in one statement."""
    entries = [
        Entry(
            at=at,
            actor_kind=actor.kind,
            actor_id=actor.id,
            verb=act.verb,
            subject_kind=act.subject_kind,
            subject_id=act.subject_id,
            detail=act.detail,
        )
        for act in acts
    ]
    if len(entries) == 1:
        entries[0].save(force_insert=True)
    elif entries:
        write_rows(entries)
