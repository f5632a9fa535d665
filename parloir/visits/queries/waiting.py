"""Who waits for what, in which order, and what is offered to whom."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import FETCH_RAISE, Exists, F, Max, OuterRef, Q, Subquery

from parloir.establishments.rules import VisitKind
from parloir.permits.models import Permit
from parloir.permits.queries import names_detainee, permit_is_told
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, OpeningAlert, Visit, WaitingEntry
from parloir.visits.queries.possible import (
    NOBODY_IS_MISSING,
    THE_NUMBERS_ALLOW,
    everybody_may_come,
    nothing_forbids,
)
from parloir.visits.rules import (
    OFFERABLE_MINUTES,
    OfferState,
    Terms,
    VisitStatus,
    Waiting,
    compete,
    opens_at,
    waiting_order,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from parloir.people.models import Account, Detainee

SOMEBODY_MAY_WAIT = f"""
    visits_waitingentry w
    JOIN people_detainee d ON d.id = w.detainee_id AND d.wing_id = w.wing_id
    JOIN timetable_slot s ON s.wing_id = w.wing_id
    JOIN establishments_wing g ON g.id = s.wing_id
    JOIN establishments_establishment e ON e.id = g.establishment_id
    JOIN establishments_bookingpolicy p ON p.wing_id = s.wing_id
    WHERE w.ended_at IS NULL
    AND s.kind = 'ordinaire' AND s.capacity > 0
    AND (%(now)s::timestamptz AT TIME ZONE e.time_zone)::date BETWEEN w.active_from AND s.local_date
    AND (s.local_date - p.opens_days_before + p.opens_at) AT TIME ZONE e.time_zone <= %(now)s::timestamptz
    AND s.local_date BETWEEN w.first_day AND w.last_day
    AND extract(isodow FROM s.local_date)::int = ANY(w.weekdays)
    AND (s.starts_at AT TIME ZONE e.time_zone)::time BETWEEN w.earliest AND w.latest
    AND s.starts_at - %(now)s::timestamptz
        > make_interval(hours => greatest(w.notice_hours, p.closes_hours_before_online), mins => %(margin)s)
    AND d.presence NOT IN ('released', 'hospital')
    AND (d.disclose_from IS NULL OR d.disclose_from <= (%(now)s::timestamptz AT TIME ZONE e.time_zone)::date)
    AND {nothing_forbids("s.local_date")}
    AND {everybody_may_come("s.local_date")}
    AND {NOBODY_IS_MISSING}
    AND {THE_NUMBERS_ALLOW}
    AND NOT EXISTS (SELECT FROM visits_offer o WHERE o.entry_id = w.id AND o.state = 'open')
    AND NOT EXISTS (
        SELECT FROM visits_offer o JOIN visits_waitingentry f ON f.id = o.entry_id
        WHERE o.slot_id = s.id AND f.account_id = w.account_id AND f.detainee_id = w.detainee_id)"""  # noqa: S608 - made of constants
"""Families (w) and the slots (s) that one could have, as far as one statement can tell: never twice the same slot.

A place is kept for nobody who could not take it: it would be taken from everybody and let go again each minute.
"""

_AT_MOST = 2000
"""Families compared for one place, the longest waiting; a wing has fewer."""


def terms_of(entry: WaitingEntry) -> Terms:
    """Return what a family waits for, as the rules read it."""
    return Terms(
        first_day=entry.first_day,
        last_day=entry.last_day,
        weekdays=tuple(entry.weekdays),
        earliest=entry.earliest,
        latest=entry.latest,
        notice_hours=entry.notice_hours,
    )


def families_in_turn(slot: Slot, *, now: datetime) -> list[Waiting]:
    """Return the families that a place in a slot, loaded with its wing and policy, may suit, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILIES, {"slot": slot.pk, "now": now, "margin": 0})
        ids = [pk for (pk,) in cursor.fetchall()]
    entries = _with_last_visit(WaitingEntry.objects.filter(pk__in=ids))
    today = now.astimezone(slot.wing.establishment.zone).date()
    recent_days = slot.wing.policy.recent_visit_days
    return waiting_order(map(_as_waiting, entries), today=today, recent_days=recent_days)


def slots_waited_for(*, now: datetime, at_most: int) -> list[tuple[int, int]]:
    """Return open slots with free places that families wait for, and how many: each family counts in one slot.

    A slot that nobody could be offered within the hour is left to everybody, unless a family came since.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FREE, {"now": now, "margin": OFFERABLE_MINUTES, "at_most": at_most})
        return [(slot_id, places) for slot_id, places in cursor.fetchall()]


_FAMILIES = f"""
SELECT w.id FROM {SOMEBODY_MAY_WAIT} AND s.id = %(slot)s ORDER BY w.moved DESC, w.since, w.id LIMIT {_AT_MOST}
"""  # noqa: S608 - made of constants

_FREE = f"""
SELECT wanted.slot_id, least(count(*), min(wanted.free)) FROM (
    SELECT DISTINCT ON (w.id) w.id, s.id AS slot_id, s.capacity - s.taken AS free
    FROM {SOMEBODY_MAY_WAIT}
    AND s.taken < s.capacity
    AND NOT EXISTS (SELECT FROM visits_offer o WHERE o.slot_id = s.id AND o.state = 'released'
        AND o.ended_at >= greatest(w.since, %(now)s::timestamptz - interval '1 hour'))
    ORDER BY w.id, s.starts_at, s.id
) wanted
WHERE NOT EXISTS (SELECT FROM visits_offer o WHERE o.slot_id = wanted.slot_id AND o.state = 'reserved')
GROUP BY 1 ORDER BY 1 LIMIT %(at_most)s
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Wait:
    """A family's wait as it sees it.

    :ivar position: 1 is the next family; None until the list counts it, from ``entry.active_from`` on.
    :ivar among: how many families wait for some of the same days and hours, itself included.
    :ivar people: the names of those who would come; ``incomplete`` when a permit can no longer serve.
    """

    entry: WaitingEntry
    position: int | None
    among: int
    people: tuple[str, ...]
    incomplete: bool

    @property
    def before(self) -> int:
        """How many families are before this one."""
        return (self.position or 1) - 1


def waits_of(account: Account, *, now: datetime) -> list[Wait]:
    """Return what an account waits for, the oldest first, each with its honest position: three statements."""
    mine = list(
        entries_of(account)
        .select_related("detainee", "wing__establishment", "wing__policy")
        .order_by("since", "pk")
        .fetch_mode(FETCH_RAISE)[:_SHOWN]
    )
    if not mine:
        return []
    by_wing: dict[int, list[WaitingEntry]] = defaultdict(list)
    others = WaitingEntry.objects.filter(wing__in={entry.wing_id for entry in mine}, ended_at__isnull=True)
    for entry in _with_last_visit(others):
        by_wing[entry.wing_id].append(entry)
    names = _names(mine)
    return [_wait(entry, by_wing[entry.wing_id], names, now=now) for entry in mine]


def wait_of(account: Account, detainee: Detainee) -> WaitingEntry | None:
    """Return how an account waits for a detained person, if it does."""
    return WaitingEntry.objects.filter(account=account, detainee=detainee, ended_at__isnull=True).first()


def entries_of(account: Account, *, ended: bool = False) -> QuerySet[WaitingEntry]:
    """Return the waits of an account that have not ended; with ``ended``, those that have too."""
    all_of_them = (
        WaitingEntry.objects.filter(account=account)
        .annotate(is_named=names_detainee(account, "detainee"))
        .select_related("detainee", "wing__establishment")
    )
    return all_of_them if ended else all_of_them.filter(ended_at__isnull=True)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A place offered to a family: who would come to it, and whether it is still theirs."""

    offer: Offer
    people: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        """Whether it can still be accepted."""
        return self.offer.state == OfferState.OPEN


def offers_of(account: Account) -> list[Proposal]:
    """Return what is offered to an account at this moment, what ends first first: two statements."""
    offers = list(_offers(account).filter(state=OfferState.OPEN).order_by("expires_at", "pk")[:_SHOWN])
    return _proposals(offers)


def offer_of(account: Account, offer_id: int) -> Proposal:
    """Return a place that is, or was, offered to an account.

    :raises Offer.DoesNotExist: also when it was offered to somebody else.
    """
    return _proposals([_offers(account).get(pk=offer_id)])[0]


def next_day_to_open(detainee: Detainee, *, now: datetime) -> tuple[date, datetime] | None:
    """Return the first local day whose slots are not open yet, and when they open; None when none is known."""
    policy, zone = detainee.wing.policy.as_rules(), detainee.wing.establishment.zone
    horizon = now.astimezone(zone).date() + timedelta(days=policy.opens_days_before)
    slots = Slot.objects.filter(
        wing=detainee.wing_id, kind=VisitKind.ORDINARY, capacity__gt=0, local_date__gte=horizon
    ).order_by("local_date")
    for day in slots.values_list("local_date", flat=True).distinct()[:2]:
        opening = opens_at(local_date=day, policy=policy, zone=zone)
        if opening > now:
            return day, opening
    return None


def weekdays_of(detainee: Detainee, *, now: datetime) -> list[int]:
    """Return the weekdays on which a detained person's wing has slots to come, 1 being Monday; else its policy's."""
    today = now.astimezone(detainee.wing.establishment.zone).date()
    slots = Slot.objects.filter(wing=detainee.wing_id, kind=VisitKind.ORDINARY, capacity__gt=0, local_date__gte=today)
    days = set(slots.order_by().values_list("local_date__iso_week_day", flat=True).distinct())
    return sorted(days) or list(detainee.wing.policy.visit_weekdays)


def alert_of(account: Account, detainee: Detainee, day: date) -> OpeningAlert | None:
    """Return an account's wish to be told when a day opens, if it has one."""
    return OpeningAlert.objects.filter(account=account, detainee=detainee, day=day).first()


_SHOWN = 50


def _with_last_visit(entries: QuerySet[WaitingEntry]) -> QuerySet[WaitingEntry]:
    """Add the last day with a visit to the detained person, past or booked; one that nobody came to is none."""
    visits = Visit.objects.filter(
        Q(status=VisitStatus.BOOKED) | Q(status=VisitStatus.ATTENDED), detainee=OuterRef("detainee")
    )
    last = visits.order_by().values("detainee").annotate(last=Max("local_date")).values("last")
    return entries.annotate(last_visit=Subquery(last)).order_by("-moved", "since", "pk")[:_AT_MOST]


def _as_waiting(entry: WaitingEntry) -> Waiting:
    return Waiting(
        entry_id=entry.pk,
        since=entry.since,
        active_from=entry.active_from,
        moved=entry.moved,
        last_visit=entry.last_visit,  # type: ignore[attr-defined]
    )


def _wait(
    entry: WaitingEntry, others: Iterable[WaitingEntry], names: dict[tuple[int, int], str], *, now: datetime
) -> Wait:
    """Place a family among those who wait for some of the same days and hours."""
    terms = terms_of(entry)
    rivals = [_as_waiting(other) for other in others if compete(terms, terms_of(other))]
    today = now.astimezone(entry.wing.establishment.zone).date()
    order = waiting_order(rivals, today=today, recent_days=entry.wing.policy.recent_visit_days)
    ids = [waiting.entry_id for waiting in order]
    people = [names[key] for pk in entry.permit_ids if (key := (entry.detainee_id, pk)) in names]
    return Wait(
        entry=entry,
        position=ids.index(entry.pk) + 1 if entry.pk in ids else None,
        among=len(ids),
        people=tuple(people),
        incomplete=len(people) < len(entry.permit_ids),
    )


def _names(entries: Sequence[WaitingEntry]) -> dict[tuple[int, int], str]:
    """Return who may come, by detained person and permit named: those with a permit registered and in force."""
    if not entries:
        return {}
    named = Permit.objects.filter(pk__in={pk for entry in entries for pk in entry.permit_ids})
    in_force = Permit.objects.filter(
        ~Q(status="withdrawn"),
        registrations__account=entries[0].account_id,
        detainee=OuterRef("detainee"),
        visitor=OuterRef("visitor"),
        closed_at__isnull=True,
    )
    permits = (
        named.filter(Exists(in_force), registrations__account=entries[0].account_id)
        .annotate(is_told=permit_is_told(), typed_name=F("registrations__typed_name"))
        .select_related("visitor")
    )
    return {(permit.detainee_id, permit.pk): permit.told_name for permit in permits}


def _offers(account: Account) -> QuerySet[Offer]:
    return (
        Offer.objects.filter(entry__account=account)
        .annotate(is_named=names_detainee(account, "entry__detainee"))
        .select_related("slot__wing__establishment", "slot__wing__policy", "entry__detainee")
        .fetch_mode(FETCH_RAISE)
    )


def _proposals(offers: Sequence[Offer]) -> list[Proposal]:
    entries = [offer.entry for offer in offers if offer.entry is not None]
    names = _names(entries)
    for offer, entry in zip(offers, entries, strict=True):
        entry.detainee.is_named = offer.is_named  # type: ignore[attr-defined]
    return [
        Proposal(offer, tuple(names[key] for pk in entry.permit_ids if (key := (entry.detainee_id, pk)) in names))
        for offer, entry in zip(offers, entries, strict=True)
    ]
