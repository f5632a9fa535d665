"""Join the waiting list, leave it, and come first on it after a transfer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from parloir.establishments.rules import Channel
from parloir.journal.operations import SERVICE, Act, Actor, record
from parloir.visits.models import Offer, WaitingEntry
from parloir.visits.operations.booking import Party
from parloir.visits.operations.loading import locked_detainee, people_asked_for
from parloir.visits.operations.places import move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.waits import end_waits
from parloir.visits.queries.facts import booking_facts
from parloir.visits.rules import (
    WAITING_PERIOD_DAYS,
    OfferState,
    SlotFacts,
    Terms,
    WaitEnd,
    days_of,
    reasons_no_day_serves,
    reasons_to_refuse_waiting,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from parloir.people.models import Account, Detainee
    from parloir.visits.rules import BookingFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWish:
    """What a family waits for: who would come, and which visits suit them."""

    permit_ids: frozenset[int]
    terms: Terms
    accessible: bool = False


def join_waiting_list(*, account: Account, detainee_id: int, wish: WaitingWish, now: datetime) -> WaitingEntry:
    """Have a family wait for a place; one that waits already keeps its turn, and waits for this instead.

    :raises VisitRefused: with every reason that no other day would mend.
    """
    with told_as_reasons(), transaction.atomic():
        detainee = locked_detainee(detainee_id, now=now, of=account)
        _judge(detainee, account, wish, now=now)
        entry = _live_entry(account.pk, detainee) or WaitingEntry(
            account=account, detainee=detainee, since=now, active_from=_today(detainee, now)
        )
        entry.wing_id, entry.permit_ids, entry.accessible = detainee.wing_id, sorted(wish.permit_ids), wish.accessible
        _set_terms(entry, wish.terms)
        entry.save()
        actor = Actor("account", account.pk)
        record(actor=actor, acts=[Act("wait.asked", "wait", entry.pk, {"people": len(wish.permit_ids)})], at=now)
    return entry


def leave_waiting_list(*, account: Account, entry_id: int, now: datetime) -> None:
    """End a family's wait; what is offered to it passes on. Left already, nothing happens.

    :raises WaitingEntry.DoesNotExist: when it is somebody else's.
    """
    with told_as_reasons(), transaction.atomic():
        entry = WaitingEntry.objects.select_for_update(no_key=True).get(pk=entry_id, account=account)
        if entry.ended_at is None:
            actor = Actor("account", account.pk)
            places = end_waits({entry.pk: WaitEnd.LEFT}, offers=OfferState.DECLINED, actor=actor, now=now)
            move_places(free=places, now=now)


def wait_first_after_transfer(
    entry: WaitingEntry | None,
    *,
    account_id: int,
    detainee: Detainee,
    permit_ids: Collection[int],
    active_from: date,
    now: datetime,
) -> None:
    """Put a family whose visits a transfer took away first on the new wing's list, from a local day on.

    It waits for any day and hour of the next weeks, until it says otherwise; one that waited already (``entry``,
    locked) keeps the days and hours it asked for, as long. Runs inside the caller's transaction, under the
    detained person's lock; what was offered to it elsewhere ends with the next sweep.
    """
    first = max(active_from, _today(detainee, now))
    last = first + timedelta(days=WAITING_PERIOD_DAYS - 1)
    if entry is None:
        entry = WaitingEntry(account_id=account_id, detainee=detainee, since=now, permit_ids=sorted(set(permit_ids)))
        anything = Terms(
            first_day=first, last_day=last, weekdays=(1, 2, 3, 4, 5, 6, 7), earliest=time.min, latest=time(23, 59)
        )
        _set_terms(entry, anything)
    entry.last_day = max(entry.last_day, last)
    entry.wing_id, entry.moved, entry.active_from = detainee.wing_id, True, active_from
    entry.save()
    Offer.objects.filter(entry=entry, state=OfferState.OPEN).update(expires_at=now)
    record(actor=SERVICE, acts=[Act("wait.moved", "wait", entry.pk, {"people": len(entry.permit_ids)})], at=now)


def _live_entry(account_id: int, detainee: Detainee) -> WaitingEntry | None:
    """Return a family's wait, locked."""
    waiting = WaitingEntry.objects.select_for_update(no_key=True).filter(account=account_id, detainee=detainee)
    return waiting.filter(ended_at__isnull=True).first()


def _set_terms(entry: WaitingEntry, terms: Terms) -> None:
    entry.first_day, entry.last_day, entry.weekdays = terms.first_day, terms.last_day, sorted(set(terms.weekdays))
    entry.earliest, entry.latest, entry.notice_hours = terms.earliest, terms.latest, terms.notice_hours


def _today(detainee: Detainee, now: datetime) -> date:
    return now.astimezone(detainee.wing.establishment.zone).date()


def _judge(detainee: Detainee, account: Account, wish: WaitingWish, *, now: datetime) -> None:
    """Judge a family for the days that it waits for.

    :raises VisitRefused: when it could not come on any.
    """
    asked = people_asked_for(detainee, wish.permit_ids, party=Party(booker=account, agent=None, channel=Channel.ONLINE))
    terms, today = wish.terms, _today(detainee, now)

    def on(day: date) -> BookingFacts:
        place = SlotFacts(wing_id=detainee.wing_id, starts_at=now + timedelta(days=1), local_date=day, free=1)
        return booking_facts(
            detainee,
            place,
            people=asked.by_best_permit(place),
            unregistered=asked.unregistered,
            twice=asked.twice,
            booker=account,
            channel=Channel.ONLINE,
            now=now,
        )

    refusals = reasons_to_refuse_waiting(on(terms.first_day), last_day=terms.last_day, today=today)
    if not refusals:
        refusals = reasons_no_day_serves([on(day) for day in days_of(terms)])
    if refusals:
        raise VisitRefused(refusals)
