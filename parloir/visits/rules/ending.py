"""What becomes of a booked visit that something stands in the way of: it ends, or waits for a human."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel, Consequence
from parloir.review.rules import Cause, deadline_for
from parloir.visits.rules.codes import Code
from parloir.visits.rules.times import closes_at

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from parloir.establishments.rules import Policy

REVIEWED: dict[Code, Cause] = {
    Code.HOSPITAL: Cause.HOSPITAL,
    Code.DISCIPLINARY_MAXIMUM: Cause.DISCIPLINARY,
    Code.RESTRICTED: Cause.RESTRICTED,
}
"""What can pass before the visit, and so may be left to a human; nothing else is."""


class CapacityChoice(StrEnum):
    """What somebody chooses when a slot gets fewer places than are sold."""

    REFUSE = "refuse"
    KEEP = "keep"
    CANCEL_LATEST = "cancel_latest"


@dataclass(frozen=True, slots=True)
class Fate:
    """``ends`` says why a visit ends; else it waits for a decision on ``causes`` until ``deadline``."""

    ends: Code | None = None
    causes: frozenset[Cause] = frozenset()
    deadline: datetime | None = None


HOLDS = Fate()
"""A visit that nothing stands in the way of."""


def fate_of(
    codes: Sequence[Code],
    *,
    decided: Collection[Cause] = (),
    policy: Policy,
    starts_at: datetime,
    now: datetime,
) -> Fate:
    """Return what becomes of a visit with these reasons against it.

    ``decided`` are causes despite which somebody has kept it. A decision comes while the family could still
    book something else online; when that moment is past already, nobody can decide in time and the visit ends.
    """
    left = [code for code in codes if REVIEWED.get(code) not in decided]
    if not left:
        return HOLDS
    deadline = deadline_for(now=now, latest=closes_at(starts_at=starts_at, policy=policy, channel=Channel.ONLINE))
    final = [code for code in left if _consequence(code, policy) is Consequence.CANCEL]
    if final or deadline <= now:
        return Fate(ends=(final or left)[0])
    return Fate(causes=frozenset(REVIEWED[code] for code in left), deadline=deadline)


def maximum_after_change(*, before: int | None, after: int | None, counted: int, allowed: int) -> int | None:
    """Return how many visits of a week are left by a change of its maximum; None when it ends none.

    Only what the change itself makes impossible ends. ``counted`` are all that count, of which an agent has
    ``allowed`` some beyond the maximum: they stay. So does what exceeded the former maximum (``before``) already:
    it was right when it was booked, and the policy was lowered since.
    """
    if after is None or (before is not None and before <= after):
        return None
    right_already = 0 if before is None else max(0, counted - allowed - before)
    return after + allowed + right_already


def _consequence(code: Code, policy: Policy) -> Consequence:
    return {
        Code.HOSPITAL: policy.on_hospital,
        Code.DISCIPLINARY_MAXIMUM: policy.on_disciplinary,
        Code.RESTRICTED: policy.on_restriction,
    }.get(code, Consequence.CANCEL)
