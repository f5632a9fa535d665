"""What a family has chosen and not yet confirmed, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch

from parloir.permits.models import Registration
from parloir.permits.queries import names_detainee
from parloir.visits.models import Draft, Hold
from parloir.visits.rules import Code, VisitStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.timetable.models import Slot


@dataclass(frozen=True, slots=True)
class DraftChoice:
    """A draft as its family sees it.

    :ivar detainee: whom it is for, with their wing, its policy and prison.
    :ivar slots: those chosen, the soonest first.
    :ivar held_until: when the first of its places is given back; None when one is gone already.
    :ivar may_extend: whether one press keeps the places longer.
    :ivar lost: why it can no longer become a visit, if it cannot: ``CLOSED`` when what was chosen does not happen,
        ``NOT_BOOKED`` when the visit that it would change is no more.
    """

    draft: Draft
    detainee: Detainee
    slots: tuple[Slot, ...]
    permit_ids: frozenset[int]
    held_until: datetime | None
    may_extend: bool
    lost: Code | None = None

    @property
    def is_trip(self) -> bool:
        """Whether several visits are booked in one go."""
        return len(self.slots) > 1


def draft_of(account: Account, detainee: Detainee, *, now: datetime) -> DraftChoice:
    """Return the account's draft for a detained person, whose policy is loaded.

    :raises Draft.DoesNotExist: when nothing is chosen, or where the detained person no longer is.
    """
    draft = Draft.objects.select_related("replaces__slot").get(account=account, detainee=detainee)
    holds = list(Hold.objects.filter(draft=draft).select_related("slot").order_by("slot__starts_at"))
    if not _is_of_use(holds, detainee, now=now):
        raise Draft.DoesNotExist
    return _choice(draft, detainee, holds, now=now)


def drafts_of(account: Account, *, now: datetime) -> list[DraftChoice]:
    """Return the bookings that an account has begun and may still go on with: two statements, however many."""
    holds = Prefetch("holds", queryset=Hold.objects.select_related("slot").order_by("slot__starts_at"))
    drafts = (
        Draft.objects.filter(account=account)
        .annotate(is_named=names_detainee(account, "detainee"))
        .filter(Exists(Registration.objects.filter(account=account, permit__detainee=OuterRef("detainee"))))
        .select_related("replaces__slot", "detainee__wing__policy", "detainee__wing__establishment")
        .prefetch_related(holds)
        .order_by("-touched_at", "pk")[:_AT_MOST]
    )
    chosen = [(draft, list(draft.holds.all())) for draft in drafts]
    for draft, _holds in chosen:
        draft.detainee.is_named = draft.is_named  # type: ignore[attr-defined]
    return [
        _choice(draft, draft.detainee, holds, now=now)
        for draft, holds in chosen
        if _is_of_use(holds, draft.detainee, now=now) and _why_lost(draft, holds) is None
    ]


_AT_MOST = 10


def _is_of_use(holds: Sequence[Hold], detainee: Detainee, *, now: datetime) -> bool:
    """Whether a draft may still become a visit: what is chosen is to come, where the person is and may be known."""
    here = all(hold.slot.wing_id == detainee.wing_id and hold.slot.starts_at > now for hold in holds)
    return bool(holds) and here and detainee.is_disclosed(now=now)


def _why_lost(draft: Draft, holds: Sequence[Hold]) -> Code | None:
    if draft.replaces is not None and draft.replaces.status == VisitStatus.CANCELLED:
        return Code.NOT_BOOKED
    return Code.CLOSED if any(hold.slot.capacity == 0 for hold in holds) else None


def _choice(draft: Draft, detainee: Detainee, holds: Sequence[Hold], *, now: datetime) -> DraftChoice:
    is_held = all(hold.held and hold.expires_at > now for hold in holds)
    policy = detainee.wing.policy
    return DraftChoice(
        draft=draft,
        detainee=detainee,
        slots=tuple(hold.slot for hold in holds),
        permit_ids=frozenset(draft.permit_ids),
        held_until=min(hold.expires_at for hold in holds) if is_held else None,
        may_extend=is_held and max(hold.extensions for hold in holds) < policy.hold_extensions,
        lost=_why_lost(draft, holds),
    )


def held_by_account(account_id: int, *, but_draft_id: int, now: datetime) -> int:
    """Count the places an account holds at this moment, one draft left out."""
    held = Hold.objects.filter(draft__account=account_id, held=True, expires_at__gt=now)
    return held.exclude(draft=but_draft_id).count()


def held_by_permit(permit_ids: Collection[int], *, but_draft_id: int, now: datetime) -> dict[int, int]:
    """Count the places held at this moment for the person of each permit, over all accounts, one draft left out.

    It is the person who is counted, by whichever of their permits for the same detained person. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD_BY_PERMIT, {"permits": list(permit_ids), "but": but_draft_id, "now": now})
        return dict(cursor.fetchall())


_HELD_BY_PERMIT = """
SELECT named.id, (
    SELECT count(*) FROM visits_draft d JOIN visits_hold h ON h.draft_id = d.id
    WHERE d.detainee_id = named.detainee_id AND d.id <> %(but)s AND h.held AND h.expires_at > %(now)s::timestamptz
    AND d.permit_ids && ARRAY(
        SELECT q.id FROM permits_permit q
        WHERE q.visitor_id = named.visitor_id AND q.detainee_id = named.detainee_id)
) FROM permits_permit named WHERE named.id = ANY(%(permits)s::bigint[])
"""
