"""Say who comes to what a draft holds, then confirm it: one visit, a trip of several, or a change of one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from parloir.establishments.rules import Channel
from parloir.timetable.models import Slot
from parloir.visits.models import Draft, Hold, Visit
from parloir.visits.operations.booking import (
    Kept,
    Party,
    Wish,
    announce_booking,
    book_in_turn,
    places_left_to_others,
)
from parloir.visits.operations.changing import Change, change_in_turn, visits_to_change
from parloir.visits.operations.holding import delete_drafts, draft_in_turn, holds_in_turn
from parloir.visits.operations.loading import locked_detainee, people_asked_for
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, about_the_day, told_as_reasons
from parloir.visits.queries.drafts import held_by_permit
from parloir.visits.queries.facts import booking_facts, slot_facts, usage_around
from parloir.visits.queries.mine import coming_to
from parloir.visits.rules import (
    Code,
    Refusal,
    of_the_days,
    reasons_to_refuse_holding,
    reasons_to_refuse_party,
    reasons_to_refuse_person,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from parloir.people.models import Account, Detainee


def choose_people(
    *, account: Account, detainee_id: int, permit_ids: Collection[int], accessible: bool = False, now: datetime
) -> Draft:
    """Note who would come to what the account's draft holds, and whether they need an accessible cabin.

    :raises VisitRefused: with every reason against these people; the draft stays as it was.
    """
    with told_as_reasons(), transaction.atomic():
        detainee = locked_detainee(detainee_id, now=now, of=account)
        draft = draft_in_turn(account, detainee)
        holds = holds_in_turn(draft)
        _judge_people(detainee, draft, permit_ids=permit_ids, now=now)
        _check_caps(draft, permit_ids, more=len(holds), now=now)
        draft.permit_ids, draft.accessible, draft.touched_at = sorted(permit_ids), accessible, now
        draft.save(update_fields=["permit_ids", "accessible", "touched_at"])
        _need_accessible(holds, accessible=accessible, now=now)
    return draft


def confirm_draft(
    *,
    account: Account,
    detainee_id: int,
    slot_ids: Collection[int],
    idempotency_key: str,
    sms_reminder: bool = False,
    now: datetime,
) -> Visit:
    """Turn what a draft holds into what it is for: a visit, a trip (its first visit is returned) or a change.

    ``slot_ids`` are those the person saw: a draft that has changed since, in another window, is not
    confirmed unseen. A place whose time is over is taken again if it is free. All or nothing; sent twice,
    it is done once.

    :raises VisitRefused: with every reason that stands in the way; the draft stays as it was.
    """
    with told_as_reasons(), transaction.atomic():
        detainee = locked_detainee(detainee_id, now=now, of=account)
        # Visits come before drafts in the order of locks.
        replaced = visits_to_change().filter(drafts__account=account, drafts__detainee=detainee).first()
        holds = _chosen(account, detainee)
        if not holds or {hold.slot_id for hold in holds} != set(slot_ids):
            return _done_before(account, idempotency_key)
        draft = holds[0].draft
        if replaced is not None:
            return _confirm_change(detainee, replaced, holds, account=account, key=idempotency_key, now=now)
        party = Party(booker=account, agent=None, channel=Channel.ONLINE)
        done = []
        for turn, hold in enumerate(holds):
            key, kept = f"{idempotency_key}-{turn}" if turn else idempotency_key, _kept(hold, now=now)
            wish = _wish(hold, key=key, sms_reminder=sms_reminder)
            with about_the_day(hold.slot.local_date, of_several=len(holds) > 1):
                booked = book_in_turn(detainee, party=party, wish=wish, slot=hold.slot, kept=kept, now=now)
            if not booked.is_new:
                # The same press once more, after the same slots were chosen again: that draft is not for it.
                return booked.visit
            done.append(booked)
        visits = [booked.visit for booked in done]
        if len(visits) > 1:
            Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(trip=visits[0])
        announce_booking(visits, party=party, now=now)
        freed = places_left_to_others(done, detainee, party=party, now=now)
        delete_drafts([draft.pk])
        move_places(take=_missing(holds, accessible=draft.accessible), free=freed, now=now)
    return visits[0]


def _wish(hold: Hold, *, key: str, sms_reminder: bool) -> Wish:
    """Return what a draft wishes for one of the slots that it chose."""
    draft = hold.draft
    return Wish(
        detainee_id=draft.detainee_id,
        slot_id=hold.slot_id,
        permit_ids=frozenset(draft.permit_ids),
        idempotency_key=key,
        sms_reminder=sms_reminder,
        accessible=draft.accessible,
    )


def _confirm_change(
    detainee: Detainee, visit: Visit, holds: Sequence[Hold], *, account: Account, key: str, now: datetime
) -> Visit:
    """Move a locked visit, which a draft replaces, to the one slot that the draft holds."""
    hold, draft = holds[0], holds[0].draft
    change = Change(slot_id=hold.slot_id, permit_ids=frozenset(draft.permit_ids), accessible=draft.accessible)
    party = Party(booker=account, agent=None, channel=Channel.ONLINE)
    freed = change_in_turn(detainee, visit, change=change, party=party, kept=_kept(hold, now=now), now=now)
    Visit.objects.filter(pk=visit.pk).update(change_key=key)
    delete_drafts([draft.pk])
    move_places(take=_missing(holds, accessible=draft.accessible), free=[freed], now=now)
    return visit


def _chosen(account: Account, detainee: Detainee) -> list[Hold]:
    """Return what the account's draft chose, the soonest first, all of it locked: the draft before its holds."""
    holds = Hold.objects.select_related("draft", "slot").select_for_update(of=("draft", "self"))
    chosen = holds.filter(draft__account=account, draft__detainee=detainee).order_by("pk")
    return sorted(chosen, key=lambda hold: (hold.slot.starts_at, hold.pk))


def _done_before(account: Account, key: str) -> Visit:
    """Return what the same press of the button already made.

    :raises VisitRefused: when it made nothing: the draft changed since the person saw it.
    """
    done = Visit.objects.filter(Q(idempotency_key=key) | Q(change_key=key), booker=account).first()
    if done is None:
        raise VisitRefused([Refusal(Code.DRAFT_CHANGED)])
    return done


def _kept(hold: Hold, *, now: datetime) -> Kept | None:
    return Kept(accessible=hold.accessible, live=hold.expires_at > now) if hold.held else None


def _missing(holds: Sequence[Hold], *, accessible: bool) -> list[Place]:
    """Return the places that the draft no longer holds, to be taken anew."""
    return [Place.judged(hold.slot, accessible=accessible) for hold in holds if not hold.held]


def _judge_people(detainee: Detainee, draft: Draft, *, permit_ids: Collection[int], now: datetime) -> None:
    """Judge who comes against every slot of the draft, the earlier visits of the same trip counted.

    :raises VisitRefused: with the reasons, each once, and its day if not all days of a trip have it.
    """
    party = Party(booker=draft.account, agent=None, channel=Channel.ONLINE)
    asked = people_asked_for(detainee, permit_ids, party=party)
    spent = Counter[int]()
    keeps = coming_to(draft.replaces_id) if draft.replaces_id else frozenset[int]()
    refusals: list[tuple[date, Refusal]] = []
    slots = list(Slot.objects.filter(holds__draft=draft).order_by("starts_at"))
    for slot in slots:
        usage = usage_around(
            slot,
            detainee_id=detainee.pk,
            permits=asked.permits,
            but_visit_id=draft.replaces_id or 0,
            now=now,
        )
        place = slot_facts(slot, usage)
        people = asked.by_best_permit(place, usage, keeps=keeps, spent=spent)
        spent.update(person.permit_id for person in people)
        facts = booking_facts(
            detainee,
            place,
            usage=usage,
            people=people,
            unregistered=asked.unregistered,
            twice=asked.twice,
            booker=draft.account,
            channel=Channel.ONLINE,
            now=now,
        )
        against = [refusal for person in people for refusal in reasons_to_refuse_person(facts, person)]
        refusals += [(slot.local_date, refusal) for refusal in (*reasons_to_refuse_party(facts), *against)]
    if refusals:
        raise VisitRefused(of_the_days(refusals, days=len(slots)))


def _check_caps(draft: Draft, permit_ids: Collection[int], *, more: int, now: datetime) -> None:
    """:raises VisitRefused: when more places would be held for one of these permits than may be."""
    held = held_by_permit(permit_ids, but_draft_id=draft.pk, now=now)
    refusals = reasons_to_refuse_holding(held_by_account=0, held_by_permit=held, more=more)
    if refusals:
        raise VisitRefused(refusals)


def _need_accessible(holds: Sequence[Hold], *, accessible: bool, now: datetime) -> None:
    """Count held places as accessible cabins, or no longer.

    :raises VisitRefused: when no accessible cabin is left.
    """
    changed = [hold for hold in holds if hold.held and hold.accessible != accessible]
    before = [Place(slot_id=hold.slot_id, accessible=hold.accessible) for hold in changed]
    after = [Place(slot_id=hold.slot_id, accessible=accessible) for hold in changed]
    Hold.objects.filter(pk__in=[hold.pk for hold in changed]).update(accessible=accessible)
    if changed:
        move_places(take=after, free=before, sparing_draft_id=changed[0].draft_id, now=now)
