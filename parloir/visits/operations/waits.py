"""End waits: the family has what it waited for, no longer wants it, or may no longer wait."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F
from procrastinate.contrib.django import app

from parloir.journal.operations import SERVICE, Act, Actor, record
from parloir.visits.models import Offer, WaitingEntry
from parloir.visits.operations.places import Place, move_places
from parloir.visits.queries.possible import SOMEBODY_IN_FORCE, everybody_may_come, nothing_forbids
from parloir.visits.queries.waiting import terms_of
from parloir.visits.rules import OfferState, WaitEnd, suits

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.timetable.models import Slot


def end_wait_by_booking(*, account: Account, detainee: Detainee, slots: Collection[Slot], now: datetime) -> list[Place]:
    """End the wait of a family that has booked a slot such as it waited for; other slots change nothing.

    ``slots`` are all that one transaction books: the wait is locked once. Returns the place that was offered to it,
    for the caller to give back with all it moves.
    """
    waiting = WaitingEntry.objects.select_for_update(no_key=True).filter(account=account, detainee=detainee)
    entry = waiting.filter(ended_at__isnull=True).first()
    if entry is None:
        return []
    terms, zone = replace(terms_of(entry), notice_hours=0), detainee.wing.establishment.zone
    starts = [slot.starts_at for slot in slots]
    if not any(suits(terms, starts_at=at, local=at.astimezone(zone), now=now) for at in starts):
        return []
    actor = Actor("account", account.pk)
    return end_waits({entry.pk: WaitEnd.BOOKED}, offers=OfferState.DECLINED, actor=actor, now=now)


def end_waits(causes: dict[int, WaitEnd], *, offers: OfferState, actor: Actor, now: datetime) -> list[Place]:
    """End locked waits, each with its cause, and what is offered to them; returns the places to give back."""
    if not causes:
        return []
    for cause in sorted(set(causes.values())):
        ids = [pk for pk, why in causes.items() if why == cause]
        WaitingEntry.objects.filter(pk__in=ids).update(ended_at=now, end_cause=cause)
    acts = [Act("wait.ended", "wait", pk, {"cause": causes[pk]}) for pk in sorted(causes)]
    record(actor=actor, acts=acts, at=now)
    return end_offers_to(causes, state=offers, actor=actor, now=now)


def end_offers_to(entry_ids: Collection[int], *, state: OfferState, actor: Actor, now: datetime) -> list[Place]:
    """End what is offered to some families, and return the places to give back: others wait for them."""
    live = Offer.objects.filter(entry__in=list(entry_ids), state=OfferState.OPEN).order_by("pk")
    offers = list(live.select_for_update())
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(state=state, ended_at=now)
    record(actor=actor, acts=[Act(f"offer.{state}", "offer", offer.pk) for offer in offers], at=now)
    return [Place(slot_id=offer.slot_id, accessible=offer.accessible) for offer in offers]


@transaction.atomic
def end_waits_that_are_over(*, now: datetime) -> int:
    """End the waits whose period is past, or of which no day is left, and those of families that may no longer visit.

    Returns how many. Somebody suspended for the whole period, or a detained person who may see nobody until its end,
    leaves no day: to keep such a wait would promise a place that nobody could be given.

    Each family is told once that it no longer waits, never why. What another writer has in hand this instant is
    left for the next time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OVER, {"now": now, "at_most": _AT_ONCE})
        causes = {pk: WaitEnd(cause) for pk, cause in cursor.fetchall()}
    move_places(free=end_waits(causes, offers=OfferState.EXPIRED, actor=SERVICE, now=now), now=now)
    for entry_id in causes:
        app.configure_task("visits.tell_wait_over").defer(entry_id=entry_id)
    return len(causes)


@transaction.atomic
def follow_those_who_moved(*, now: datetime) -> int:
    """Let waits follow a detained person to another wing, from the day that families may know of it.

    What was offered in the former wing ends with the next sweep. Returns how many followed.
    """
    moved = WaitingEntry.objects.filter(ended_at__isnull=True).exclude(wing=F("detainee__wing"))
    entries = list(
        moved.select_related("detainee")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:_AT_ONCE]
    )
    for entry in entries:
        entry.wing_id = entry.detainee.wing_id
        entry.active_from = max(entry.active_from, entry.detainee.disclose_from or entry.active_from)
    WaitingEntry.objects.bulk_update(entries, ["wing_id", "active_from"])
    offers = Offer.objects.filter(entry__in=entries, state=OfferState.OPEN).order_by("pk").select_for_update()
    Offer.objects.filter(pk__in=[offer.pk for offer in offers]).update(expires_at=now)
    return len(entries)


_AT_ONCE = 500

_OVER = f"""
SELECT w.id, CASE
    WHEN w.last_day < today.day THEN 'over'
    WHEN d.presence = 'released' OR e.online_booking <> 'open' OR NOT ({SOMEBODY_IN_FORCE}) THEN 'gone'
    ELSE 'no_day' END
FROM visits_waitingentry w
JOIN people_detainee d ON d.id = w.detainee_id
JOIN establishments_wing g ON g.id = w.wing_id
JOIN establishments_establishment e ON e.id = g.establishment_id
CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE e.time_zone)::date AS day) today
WHERE w.ended_at IS NULL AND (
    w.last_day < today.day
    OR d.presence = 'released' OR e.online_booking <> 'open'
    OR NOT ({SOMEBODY_IN_FORCE})
    OR NOT EXISTS (
        SELECT FROM generate_series(greatest(w.first_day, today.day), w.last_day, interval '1 day') AS x(at)
        WHERE extract(isodow FROM x.at)::int = ANY(w.weekdays)
        AND {nothing_forbids("x.at::date")} AND {everybody_may_come("x.at::date")}))
ORDER BY w.id LIMIT %(at_most)s FOR UPDATE OF w SKIP LOCKED
"""  # noqa: S608 - made of constants
