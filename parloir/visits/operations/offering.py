"""Offer a freed place to one family after another, each for a bounded time, until one takes it or none is left."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app

from parloir.establishments.rules import Channel
from parloir.foundation.one_by_one import one_by_one
from parloir.journal.operations import SERVICE, Act, Actor, record
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, Visit, WaitingEntry
from parloir.visits.operations.booking import Kept, Party, Wish, announce_booking, book_in_turn
from parloir.visits.operations.loading import locked_detainee, people_asked_for
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.reserving import reserve_free_places
from parloir.visits.operations.waits import end_waits
from parloir.visits.queries.facts import (
    booking_facts,
    detainees_with_restrictions,
    slot_facts,
    usage_around,
    wait_for_turn,
)
from parloir.visits.queries.waiting import families_in_turn, slots_waited_for
from parloir.visits.rules import (
    LIVE_OFFERS,
    Code,
    OfferState,
    Refusal,
    WaitEnd,
    offer_expires_at,
    reasons_to_refuse,
)

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import Account

JUDGED_AT_ONCE = 100
"""Families judged for one place, in their order; if none of them can come, the place is everybody's."""

_AT_ONCE = 500


@transaction.atomic
def offer_place(*, offer_id: int, now: datetime) -> None:
    """Offer a reserved place to the family whose turn it is; if nobody can come, it is everybody's.

    A place no longer reserved is left as it is. Runs as a job: the family is judged as booking will judge
    it, without its detained person's lock; accepting judges anew, under it.

    :raises OperationalError: when another writer keeps the wait of that family for too long: to be tried again.
    """
    found = Offer.objects.select_related("slot__wing__policy", "slot__wing__establishment")
    offer = found.filter(pk=offer_id, state=OfferState.RESERVED).first()
    if offer is None:
        return
    family = _next_family(offer, now=now)
    offer = found.select_for_update(of=("self",)).filter(pk=offer_id, state=OfferState.RESERVED).first()
    if offer is None:
        return
    if family is not None and _fits(offer):
        _open(offer, *family, now=now)
    else:
        _end(offer, OfferState.RELEASED, actor=SERVICE, now=now)
        move_places(free=[_place(offer)], to_everybody=True, now=now)


def accept_offer(*, account: Account, offer_id: int, idempotency_key: str, now: datetime) -> Visit:
    """Book what is offered to a family, as long as it is not passed on; sent twice, it is the same visit.

    :raises VisitRefused: when the offer is over, or with every reason that stands in the way since.
    :raises Offer.DoesNotExist: when it was offered to somebody else.
    """
    with told_as_reasons(), transaction.atomic():
        mine = Offer.objects.filter(entry__account=account)
        entry_id, detainee_id = mine.values_list("entry", "entry__detainee").get(pk=offer_id)
        detainee = locked_detainee(detainee_id, now=now, of=account)
        wait_for_turn(WaitingEntry.objects.values_list("permit_ids", flat=True).get(pk=entry_id))
        entry = WaitingEntry.objects.select_for_update(no_key=True).get(pk=entry_id)
        offer = Offer.objects.select_related("slot").select_for_update(of=("self",)).get(pk=offer_id)
        if offer.state != OfferState.OPEN:
            return _booked_before(account, idempotency_key)
        actor = Actor("account", account.pk)
        _end(offer, OfferState.ACCEPTED, actor=actor, now=now)
        wish = Wish(
            detainee_id=detainee.pk,
            slot_id=offer.slot_id,
            permit_ids=frozenset(entry.permit_ids),
            idempotency_key=idempotency_key,
            accessible=entry.accessible,
        )
        party = Party(booker=account, agent=None, channel=Channel.ONLINE)
        kept = Kept(accessible=offer.accessible, live=True, offered=True)
        booked = book_in_turn(detainee, party=party, wish=wish, slot=offer.slot, kept=kept, now=now)
        if not booked.is_new:
            raise VisitRefused([Refusal(Code.TRY_AGAIN)])
        end_waits({entry.pk: WaitEnd.BOOKED}, offers=OfferState.DECLINED, actor=actor, now=now)
        announce_booking([booked.visit], party=party, now=now)
        move_places(take=[Place.judged(offer.slot, accessible=entry.accessible)], free=[_place(offer)], now=now)
    return booked.visit


def decline_offer(*, account: Account, offer_id: int, now: datetime) -> None:
    """Pass a place on to the next family; the one that lets it go keeps its turn. Over already, nothing happens.

    :raises Offer.DoesNotExist: when it was offered to somebody else.
    """
    with told_as_reasons(), transaction.atomic():
        offer = Offer.objects.select_for_update(of=("self",)).get(pk=offer_id, entry__account=account)
        if offer.state == OfferState.OPEN:
            _end(offer, OfferState.DECLINED, actor=Actor("account", account.pk), now=now)
            move_places(free=[_place(offer)], now=now)


def expire_offers(*, now: datetime) -> int:
    """Pass on, never free in between, the places that a family left unanswered; return how many.

    A place that waits for its family to be found, its job lost, is offered now. Each is a transaction of
    its own, and what another writer has in hand this instant is left for the next time.

    :raises ExceptionGroup: when some could not be passed on; the others are.
    """
    expired = Offer.objects.filter(state__in=LIVE_OFFERS, expires_at__lte=now).order_by("slot_id", "pk")

    def pass_on(kept: tuple[int, str]) -> int:
        offer_id, state = kept
        if state != OfferState.RESERVED:
            return _expire(offer_id, now=now)
        with suppress(VisitRefused), told_as_reasons():
            offer_place(offer_id=offer_id, now=now)
        return 0

    return one_by_one(list(expired.values_list("pk", "state")[:_AT_ONCE]), pass_on)


def offer_new_places(*, slot_id: int, places: int, now: datetime) -> int:
    """Keep for those who wait the places that are new in a slot, as far as they are free; return how many."""
    try:
        with told_as_reasons(), transaction.atomic():
            kept = reserve_free_places(slot_id=slot_id, places=places, now=now)
            move_places(take=[Place(slot_id=slot_id)] * kept, now=now)
    except VisitRefused:
        # Somebody has taken them meanwhile: nothing is new any more.
        return 0
    return kept


def offer_free_places(*, now: datetime) -> int:
    """Keep the free places that families wait for, wherever they come from; return how many.

    A freed place never passes here: this finds those of slots made, enlarged or opened since a family waits.

    :raises ExceptionGroup: when some could not be kept; the others are.
    """
    slots = slots_waited_for(now=now, at_most=_AT_ONCE)
    return one_by_one(slots, lambda slot: offer_new_places(slot_id=slot[0], places=slot[1], now=now))


@transaction.atomic
def _expire(offer_id: int, *, now: datetime) -> int:
    live = Offer.objects.select_for_update(skip_locked=True).filter(pk=offer_id, state=OfferState.OPEN)
    offer = live.filter(expires_at__lte=now).first()
    if offer is None:
        return 0
    _end(offer, OfferState.EXPIRED, actor=SERVICE, now=now)
    move_places(free=[_place(offer)], now=now)
    return 1


def _next_family(offer: Offer, *, now: datetime) -> tuple[WaitingEntry, datetime] | None:
    """Return the family whose turn it is, its wait locked, and until when the place is kept for it.

    A family in another writer's hands is waited for, that it may not lose its turn.
    """
    slot = offer.slot
    policy = slot.wing.policy.as_rules()
    for waiting in families_in_turn(slot, now=now)[:JUDGED_AT_ONCE]:
        entry = WaitingEntry.objects.select_related("account").get(pk=waiting.entry_id)
        expires_at = offer_expires_at(
            starts_at=slot.starts_at,
            notice_hours=entry.notice_hours,
            policy=policy,
            zone=slot.wing.establishment.zone,
            now=now,
        )
        if expires_at is None or _reasons_against(entry, offer, now=now):
            continue
        if _lock_if_still_to_be_offered(entry, offer, now=now):
            return entry, expires_at
    return None


def _lock_if_still_to_be_offered(entry: WaitingEntry, offer: Offer, *, now: datetime) -> bool:
    """Lock a wait and look once more: another writer may have offered it something, changed or ended it meanwhile.

    A wait that is passed over is let go at once: whoever keeps one while waiting for the next could close a ring.
    """
    with transaction.atomic():
        same = WaitingEntry.objects.filter(pk=entry.pk, permit_ids=entry.permit_ids, accessible=entry.accessible)
        is_locked = same.select_for_update(no_key=True).first() is not None
        if is_locked and any(waiting.entry_id == entry.pk for waiting in families_in_turn(offer.slot, now=now)):
            return True
        transaction.set_rollback(True)
    return False


def _fits(offer: Offer) -> bool:
    """Lock the slot of a place that is nobody's yet, and tell whether it is within its capacity.

    An agent's exception, or a cut, leaves families what is theirs; it does not bring in a new one.
    """
    slots = Slot.objects.select_for_update(no_key=True).filter(pk=offer.slot_id)
    return slots.filter(taken__lte=F("capacity")).first() is not None


def _reasons_against(entry: WaitingEntry, offer: Offer, *, now: datetime) -> list[Refusal]:
    """Return why a family could not come as a whole, the reserved place being theirs."""
    detainee = detainees_with_restrictions(since=now.date() - timedelta(days=1)).get(pk=entry.detainee_id)
    party = Party(booker=entry.account, agent=None, channel=Channel.ONLINE)
    asked = people_asked_for(detainee, entry.permit_ids, party=party)
    usage = usage_around(offer.slot, detainee_id=detainee.pk, permits=asked.permits, now=now)
    place = slot_facts(offer.slot, usage, own=1, own_accessible=int(offer.accessible))
    facts = booking_facts(
        detainee,
        place,
        usage=usage,
        people=asked.by_best_permit(place, usage),
        unregistered=asked.unregistered,
        twice=asked.twice,
        booker=entry.account,
        channel=Channel.ONLINE,
        wants_accessible=entry.accessible,
        now=now,
    )
    return reasons_to_refuse(facts)


def _open(offer: Offer, entry: WaitingEntry, expires_at: datetime, *, now: datetime) -> None:
    """Make a reserved place one family's, and have it told."""
    before = _place(offer)
    offer.state, offer.entry, offer.accessible = OfferState.OPEN, entry, entry.accessible
    offer.made_at, offer.expires_at = now, expires_at
    offer.save(update_fields=["state", "entry", "accessible", "made_at", "expires_at"])
    app.configure_task("visits.tell_offer", lock=f"offer-{offer.pk}").defer(offer_id=offer.pk)
    record(actor=SERVICE, acts=[Act("offer.open", "offer", offer.pk, about={"slot": [offer.slot_id]})], at=now)
    move_places(take=[_place(offer)], free=[before], now=now)


def _end(offer: Offer, state: OfferState, *, actor: Actor, now: datetime) -> None:
    offer.state, offer.ended_at = state, now
    offer.save(update_fields=["state", "ended_at"])
    record(actor=actor, acts=[Act(f"offer.{state}", "offer", offer.pk, about={"slot": [offer.slot_id]})], at=now)


def _place(offer: Offer) -> Place:
    return Place(slot_id=offer.slot_id, accessible=offer.accessible)


def _booked_before(account: Account, key: str) -> Visit:
    """Return the visit that the same press of the button already made.

    :raises VisitRefused: when it made none: the place was passed on.
    """
    visit = Visit.objects.filter(booker=account, idempotency_key=key).first()
    if visit is None:
        raise VisitRefused([Refusal(Code.OFFER_OVER)])
    return visit
