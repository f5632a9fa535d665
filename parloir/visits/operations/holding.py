"""Hold places while a family decides: one draft for an account and a detained person."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import connection, transaction

from parloir.people.models import Account
from parloir.timetable.models import Slot
from parloir.visits.models import Draft, Hold
from parloir.visits.operations.candidates import candidates_of, judge_wanted
from parloir.visits.operations.loading import locked_detainee
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.queries.drafts import held_by_account
from parloir.visits.rules import (
    Code,
    Refusal,
    expiry_of_hold,
    reasons_to_refuse_extending,
    reasons_to_refuse_holding,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from parloir.people.models import Detainee
    from parloir.visits.models import Visit
    from parloir.visits.operations.candidates import Wanted


class Held(NamedTuple):
    """A draft with its places; ``is_settled``: nothing is left to ask of who comes."""

    draft: Draft
    is_settled: bool


def hold_slots(
    *,
    account: Account,
    detainee_id: int,
    slot_ids: Collection[int],
    replaces: Visit | None = None,
    permit_ids: Collection[int] | None = None,
    accessible: bool | None = None,
    now: datetime,
) -> Held:
    """Hold a place in each of these slots, all or none, for the account's draft; what it held before is given back.

    A slot that the draft holds already keeps its time. ``replaces`` is a visit of the account that these
    places would change; ``permit_ids`` those who come, and ``accessible`` their need of such a cabin, when they
    are known already: otherwise a draft begins with those of the visit it changes, or of the last that the account
    booked, as far as they may still come, or with the booker alone, and keeps what was chosen since.

    :raises VisitRefused: with every reason that stands in the way, such as that nobody could come; the earlier places
        are then still held.
    """
    with told_as_reasons(), transaction.atomic():
        detainee = locked_detainee(detainee_id, now=now, of=account)
        slots = list(Slot.objects.filter(pk__in=slot_ids, wing=detainee.wing_id).order_by("starts_at"))
        if not slots or len(slots) != len(set(slot_ids)):
            raise VisitRefused([Refusal(Code.NO_SUCH_SLOT)])
        draft = _draft_of(account, detainee)
        begins = draft.pk is None or draft.replaces_id != (replaces.pk if replaces else None)
        draft.replaces = replaces
        candidates = candidates_of(account, detainee, replaces=replaces)
        chosen = holds_in_turn(draft) if draft.pk else []
        held = {hold.slot_id: hold for hold in chosen if hold.held}
        wanted = judge_wanted(detainee, slots, draft=draft, candidates=candidates, held=held, now=now)
        if begins:
            # Another purpose: who came for the former one means nothing for this one.
            draft.permit_ids = wanted.first_chosen()
            draft.accessible = candidates.cabin and (candidates.is_change or wanted.has_cabins())
        draft.permit_ids = draft.permit_ids if permit_ids is None else sorted(permit_ids)
        draft.accessible = draft.accessible if accessible is None else accessible
        draft.touched_at = now
        draft.save()
        _check_caps(draft, wanted, now=now)
        _hold(draft, slots, chosen=chosen, held=held, detainee=detainee, now=now)
    keeps_cabin = draft.accessible or not (begins and accessible is None and candidates.cabin)
    settled = keeps_cabin and wanted.is_settled(draft.permit_ids, are_known=permit_ids is not None)
    return Held(draft, settled)


def extend_hold(*, account: Account, detainee_id: int, now: datetime) -> Draft:
    """Keep the places of a draft a little longer.

    :raises VisitRefused: when it was done as often as it may be, or the time of a place is over already.
    """
    with told_as_reasons(), transaction.atomic():
        detainee = locked_detainee(detainee_id, now=now, of=account)
        draft = draft_in_turn(account, detainee)
        policy = detainee.wing.policy.as_rules()
        holds = holds_in_turn(draft)
        if not holds or not all(hold.held and hold.expires_at > now for hold in holds):
            raise VisitRefused([Refusal(Code.HOLD_OVER)])
        refusals = reasons_to_refuse_extending(extensions=max(hold.extensions for hold in holds), policy=policy)
        if refusals:
            raise VisitRefused(refusals)
        for hold in holds:
            hold.expires_at, hold.extensions = expiry_of_hold(policy, now=now), hold.extensions + 1
        Hold.objects.bulk_update(holds, ["expires_at", "extensions"])
    return draft


def drop_draft(*, account: Account, detainee_id: int, now: datetime) -> None:
    """Forget a draft and give back what it holds; without one nothing happens."""
    with told_as_reasons(), transaction.atomic():
        locked_detainee(detainee_id, now=now, of=account)
        draft = Draft.objects.filter(account=account, detainee=detainee_id).first()
        if draft is not None:
            forget_drafts([draft.pk], now=now)


def forget_drafts(draft_ids: Collection[int], *, now: datetime) -> None:
    """Delete drafts and give back what they hold, in the caller's transaction."""
    places = forget_and_return_places(draft_ids)
    move_places(free=places, now=now)


def forget_and_return_places(draft_ids: Collection[int]) -> list[Place]:
    """Delete drafts and return the places they held; see :func:`take_from_drafts`."""
    return take_from_drafts(forget=draft_ids, leave=())


def leave_without_places(draft_ids: Collection[int]) -> list[Place]:
    """Take from drafts the places they hold, and return them; see :func:`take_from_drafts`."""
    return take_from_drafts(forget=(), leave=draft_ids)


def take_from_drafts(*, forget: Collection[int], leave: Collection[int]) -> list[Place]:
    """Take from drafts the places they hold, and return them, for the caller to give back with all it moves.

    Some are forgotten wholly; of those that are left (``leave``) what was chosen stays, so that the family is told
    what became of it. A draft that another writer has in hand is left to it: to wait for it, with a visit locked
    that it may be waiting for, would be a ring.
    """
    drafts = lock_drafts({*forget, *leave})
    if not drafts:
        return []
    holds = list(Hold.objects.filter(draft__in=drafts, held=True).select_for_update().order_by("pk"))
    kept = [hold for hold in holds if hold.draft_id not in forget]
    return [*release_holds(kept), *forget_locked_drafts([pk for pk in drafts if pk in forget], holds)]


def release_holds(holds: Collection[Hold]) -> list[Place]:
    """End locked holds, and return their places: what was chosen outlives its place."""
    Hold.objects.filter(pk__in=[hold.pk for hold in holds]).update(held=False, accessible=False)
    return places_of(holds)


def lock_drafts(draft_ids: Collection[int]) -> list[int]:
    """Lock those of these drafts that no other writer has in hand, and return them."""
    if not draft_ids:
        return []
    drafts = Draft.objects.filter(pk__in=sorted(draft_ids)).select_for_update(skip_locked=True).order_by("pk")
    return list(drafts.values_list("pk", flat=True))


def forget_locked_drafts(draft_ids: Collection[int], holds: Iterable[Hold]) -> list[Place]:
    """Delete drafts, they and what they hold being locked, and return the places of these holds that are theirs."""
    if draft_ids:
        delete_drafts(draft_ids)
    return places_of(hold for hold in holds if hold.draft_id in draft_ids)


def delete_drafts(draft_ids: Collection[int]) -> None:
    """Delete locked drafts with what they chose, in one statement; the places are the caller's to return."""
    with connection.cursor() as cursor:
        cursor.execute(_DELETE, {"drafts": list(draft_ids)})


_DELETE = """
WITH chosen AS (DELETE FROM visits_hold WHERE draft_id = ANY(%(drafts)s::bigint[]))
DELETE FROM visits_draft WHERE id = ANY(%(drafts)s::bigint[])
"""


def draft_in_turn(account: Account, detainee: Detainee) -> Draft:
    """Return the account's draft for a detained person, locked.

    :raises VisitRefused: when there is none any more.
    """
    draft = Draft.objects.select_for_update(no_key=True).filter(account=account, detainee=detainee).first()
    if draft is None:
        raise VisitRefused([Refusal(Code.DRAFT_CHANGED)])
    return draft


def holds_in_turn(draft: Draft) -> list[Hold]:
    """Return what a draft chose, locked: neither the sweeper nor another writer gives its places back meanwhile."""
    return list(Hold.objects.filter(draft=draft).select_for_update().order_by("pk"))


def places_of(holds: Iterable[Hold]) -> list[Place]:
    """Return the places that held slots count for."""
    return [Place(slot_id=hold.slot_id, accessible=hold.accessible) for hold in holds if hold.held]


def _draft_of(account: Account, detainee: Detainee) -> Draft:
    """Return the one draft, locked, or a new one that is not written yet."""
    draft = Draft.objects.select_for_update(no_key=True).filter(account=account, detainee=detainee).first()
    draft = draft or Draft()
    draft.account, draft.detainee = account, detainee
    return draft


def _check_caps(draft: Draft, wanted: Wanted, *, now: datetime) -> None:
    """Count under the account's lock: places held for several detained persons at once are counted together.

    :raises VisitRefused: when this family would hold more places than a family may.
    """
    Account.objects.select_for_update(no_key=True).get(pk=draft.account_id)
    others = held_by_account(draft.account_id, but_draft_id=draft.pk, now=now)
    refusals = reasons_to_refuse_holding(held_by_account=others, held_by_permit={}, more=len(wanted.slots))
    refusals += wanted.against_holding_for(draft.permit_ids)
    if refusals:
        raise VisitRefused(refusals)


def _hold(
    draft: Draft,
    slots: Sequence[Slot],
    *,
    chosen: Sequence[Hold],
    held: Mapping[int, Hold],
    detainee: Detainee,
    now: datetime,
) -> None:
    """Keep what is held already and still in time, take the others, give back what is no longer chosen."""
    kept = {
        pk
        for pk, hold in held.items()
        if hold.expires_at > now and pk in {slot.pk for slot in slots} and hold.accessible == draft.accessible
    }
    freed = places_of(hold for pk, hold in held.items() if pk not in kept)
    if any(hold.slot_id not in kept for hold in chosen):
        draft.holds.exclude(slot__in=kept).delete()
    new = [slot for slot in slots if slot.pk not in kept]
    expires_at = expiry_of_hold(detainee.wing.policy.as_rules(), now=now)
    Hold.objects.bulk_create(
        Hold(draft=draft, slot=slot, accessible=draft.accessible, expires_at=expires_at) for slot in new
    )
    move_places(
        take=[Place(slot_id=slot.pk, accessible=draft.accessible) for slot in new],
        free=freed,
        now=now,
    )
