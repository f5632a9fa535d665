"""How long a place is held while a family decides, and how much one family may hold. No Django here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from parloir.visits.rules.codes import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from parloir.establishments.rules import Policy

HOLDS_PER_ACCOUNT = 6
"""Places one account may hold at once, over all the persons it visits."""

HOLDS_PER_PERMIT = 4
"""Places that may be held at once for the person of a permit, whichever of theirs it is, over all accounts."""

FEW_PLACES = 3
"""Places left, at most, whose number is worth saying to who chooses."""

DRAFTS_KEPT_FOR = timedelta(days=30)
"""How long a booking left unfinished is remembered; its place is not."""


def expiry_of_hold(policy: Policy, *, now: datetime) -> datetime:
    """Return until when a place chosen, or kept longer, now is held."""
    return now + timedelta(minutes=policy.hold_minutes)


def reasons_to_refuse_holding(*, held_by_account: int, held_by_permit: Mapping[int, int], more: int) -> list[Refusal]:
    """Return why no more places may be held; what is offered to a family that waits is not counted."""
    refusals = []
    if held_by_account + more > HOLDS_PER_ACCOUNT:
        refusals.append(Refusal(Code.HOLDS_MAXIMUM, number=HOLDS_PER_ACCOUNT))
    refusals += [
        Refusal(Code.HOLDS_MAXIMUM, permit_id, number=HOLDS_PER_PERMIT)
        for permit_id, held in held_by_permit.items()
        if held + more > HOLDS_PER_PERMIT
    ]
    return refusals


def reasons_to_refuse_extending(*, extensions: int, policy: Policy) -> list[Refusal]:
    """Return why a place is not kept longer: a scarce place is kept a little, then left to others."""
    if extensions >= policy.hold_extensions:
        return [Refusal(Code.EXTENDED_ENOUGH, number=policy.hold_extensions)]
    return []
