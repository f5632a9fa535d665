"""Let go of what families have in hand for a detained person and can no longer have: drafts, offers, waits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel, OnlineBooking
from parloir.journal.operations import REGISTER
from parloir.people.rules import NO_END, Presence
from parloir.permits.models import Registration
from parloir.visits.models import Draft, Hold, Offer, WaitingEntry
from parloir.visits.operations.places import Place
from parloir.visits.operations.waiting import wait_first_after_transfer
from parloir.visits.operations.waits import end_waits
from parloir.visits.queries.facts import booking_facts, people_facts, slot_facts
from parloir.visits.rules import OfferState, WaitEnd, reasons_to_end

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from parloir.people.models import Detainee
    from parloir.permits.models import Permit
    from parloir.timetable.models import Slot
    from parloir.visits.models import Visit


def drafts_to_let_go(detainees: Mapping[int, Detainee], *, now: datetime) -> list[int]:
    """Return the drafts that hold what can no longer be."""
    by_draft = defaultdict(list)
    holds = Hold.objects.select_related("draft", "slot").filter(draft__detainee__in=detainees)
    for hold in holds.order_by("draft_id", "pk"):
        by_draft[hold.draft].append(hold.slot)
    if not by_draft:
        return []
    registered = _registered({draft.account_id for draft in by_draft}, detainees)
    return [
        draft.pk
        for draft, slots in by_draft.items()
        if any(_is_impossible(slot, detainees[draft.detainee_id], _named(draft, registered), now) for slot in slots)
    ]


def let_go_of_offers(detainees: Mapping[int, Detainee], *, now: datetime) -> list[Place]:
    """End the offers made to families of these detained persons that can no longer be; returns their places."""
    offers = (
        Offer.objects.filter(entry__detainee__in=detainees, state=OfferState.OPEN)
        .select_related("slot", "entry")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    theirs = [(offer, offer.entry) for offer in offers if offer.entry]
    registered = _registered({entry.account_id for _, entry in theirs}, detainees) if theirs else {}
    gone = [
        offer
        for offer, entry in theirs
        if _is_impossible(offer.slot, detainees[entry.detainee_id], _named(entry, registered), now)
    ]
    return release_offers(gone, now=now)


def release_offers(offers: Collection[Offer], *, now: datetime) -> list[Place]:
    """End locked offers because what they offered no longer is; returns the places they counted for."""
    if offers:
        Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(state=OfferState.RELEASED, ended_at=now)
    return [Place(slot_id=offer.slot_id, accessible=offer.accessible) for offer in offers]


def waits_in_turn(detainees: Mapping[int, Detainee]) -> list[WaitingEntry]:
    """Return the waits of these detained persons' families, locked."""
    waiting = WaitingEntry.objects.select_for_update(no_key=True).filter(detainee__in=detainees, ended_at__isnull=True)
    return list(waiting.order_by("pk"))


def let_waits_follow(
    waits: Sequence[WaitingEntry], detainees: Mapping[int, Detainee], *, lost: Collection[Visit], now: datetime
) -> list[Place]:
    """Have families wait where the detained persons now are, those whose visits a transfer took away (``lost``) first.

    Not before the day from which they may know where that is; for somebody who was released nobody waits,
    nor where nothing is sold online: what was offered ends and its places are returned.
    """
    first: dict[tuple[int, int], list[int]] = {}
    for visit in sorted(lost, key=lambda visit: visit.slot.starts_at):
        detainee = detainees[visit.visited_id]
        if visit.booker_id and detainee.presence != Presence.RELEASED and visit.slot.wing_id != detainee.wing_id:
            came = [attendance.permit_id for attendance in visit.attendances.all() if attendance.live]
            first.setdefault((visit.visited_id, visit.booker_id), came)
    by_family = {(entry.detainee_id, entry.account_id): entry for entry in waits}
    for (detainee_id, account_id), permit_ids in sorted(first.items()):
        detainee = detainees[detainee_id]
        if _can_be_waited_for(detainee):
            wait_first_after_transfer(
                by_family.get((detainee_id, account_id)),
                account_id=account_id,
                detainee=detainee,
                permit_ids=permit_ids,
                active_from=_known_from(detainee, now),
                now=now,
            )
    return _follow_or_end(waits, detainees, now=now)


def _follow_or_end(waits: Sequence[WaitingEntry], detainees: Mapping[int, Detainee], *, now: datetime) -> list[Place]:
    """Let waits follow to where somebody can be waited for; end the others, and return what was offered to them."""
    gone: dict[int, WaitEnd] = {}
    for entry in waits:
        detainee = detainees[entry.detainee_id]
        if detainee.presence == Presence.RELEASED or not _can_be_waited_for(detainee):
            gone[entry.pk] = WaitEnd.GONE
        elif entry.wing_id != detainee.wing_id:
            entry.wing_id, entry.active_from = detainee.wing_id, _known_from(detainee, now)
            entry.save(update_fields=["wing", "active_from"])
    return end_waits(gone, offers=OfferState.RELEASED, actor=REGISTER, now=now)


def _can_be_waited_for(detainee: Detainee) -> bool:
    """Tell whether a place may come up: one is sold online, in a prison that families are told of some day."""
    return detainee.wing.establishment.online_booking == OnlineBooking.OPEN and detainee.disclose_from != NO_END


def _known_from(detainee: Detainee, now: datetime) -> date:
    """Return the local day from which families may know where the detained person is."""
    today = now.astimezone(detainee.wing.establishment.zone).date()
    return max(today, detainee.disclose_from or today)


def _registered(account_ids: Collection[int], detainees: Collection[int]) -> dict[tuple[int, int], list[Permit]]:
    """Return the permits that accounts have registered of these detained persons, with those whom they name."""
    registered = defaultdict(list)
    mine = Registration.objects.filter(account__in=account_ids, permit__detainee__in=detainees)
    for registration in mine.select_related("permit__visitor").order_by("permit_id"):
        registered[registration.account_id, registration.permit.detainee_id].append(registration.permit)
    return registered


def _named(chosen: Draft | WaitingEntry, registered: Mapping[tuple[int, int], Sequence[Permit]]) -> list[Permit]:
    """Return every permit of the family that may serve those chosen."""
    permits = registered.get((chosen.account_id, chosen.detainee_id), [])
    visitors = {permit.visitor_id for permit in permits if permit.pk in chosen.permit_ids}
    return [permit for permit in permits if permit.visitor_id in visitors]


def _is_impossible(slot: Slot, detainee: Detainee, permits: Collection[Permit], now: datetime) -> bool:
    place = slot_facts(slot)
    people = people_facts(permits, place)
    return bool(reasons_to_end(booking_facts(detainee, place, people=people, channel=Channel.DESK, now=now)))
