"""Gather what the rules need to know, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from parloir.establishments.rules import OnlineBooking, PenalCategory, VisitKind
from parloir.people.models import Detainee, Restriction
from parloir.people.rules import Presence, RestrictionKind, latest_birth_date
from parloir.permits.rules import PermitStatus
from parloir.visits.rules import (
    RESERVED_FOR,
    AllowanceKind,
    BookingFacts,
    DetaineeFacts,
    PersonFacts,
    RestrictionFacts,
    SlotFacts,
    each_person_once,
    monday_of,
    new_reference,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.establishments.rules import Channel
    from parloir.people.models import Account
    from parloir.permits.models import Permit
    from parloir.timetable.models import Slot


@dataclass(frozen=True, slots=True)
class Usage:
    """What visits already use, around one slot: the same statement answers for every rule.

    ``earlier_id`` is a visit that the same submission already made; ``free_reference`` one that no visit has.
    ``free`` are the slot's places at this very instant, those kept past their time among them since the next
    writer gives them back; ``accessible_free`` likewise. ``closed`` says that at this instant the slot has no place at
    all, or is there no longer. ``waits`` says that the booker waits for this person.
    """

    week: int
    day: int
    busy: bool
    visitor_days: dict[int, int] = field(default_factory=dict)
    busy_visitors: frozenset[int] = frozenset()
    debits: dict[int, int] = field(default_factory=dict)
    earlier_id: int | None = None
    free_reference: str | None = None
    free: int | None = None
    accessible_free: int | None = None
    closed: bool | None = None
    waits: bool = False


NO_USAGE = Usage(week=0, day=0, busy=False)
"""For judging what does not depend on other visits."""

_USAGE = """
WITH live AS (
    SELECT id, local_date, during FROM visits_visit
    WHERE detainee_id = %(detainee)s AND week = %(week)s::date AND status <> 'cancelled' AND id <> %(but)s
)
SELECT
    (SELECT count(*) FROM live),
    (SELECT count(*) FROM live WHERE local_date = %(day)s::date),
    EXISTS (SELECT FROM live WHERE during && tstzrange(%(start)s, %(end)s)),
    (SELECT json_object_agg(visitor_id, n) FROM (
        SELECT a.visitor_id, count(*) AS n FROM visits_attendance a JOIN live ON live.id = a.visit_id
        WHERE live.local_date = %(day)s::date AND a.live GROUP BY 1) days),
    (SELECT array_agg(visitor_id) FROM visits_attendance
        WHERE visitor_id = ANY(%(visitors)s::bigint[]) AND live AND visit_id <> %(but)s
        AND during && tstzrange(%(start)s, %(end)s)),
    (SELECT json_object_agg(permit_id, n) FROM (
        SELECT permit_id, sum(once) AS n FROM (
            SELECT permit_id, 1 AS once FROM visits_attendance
            WHERE permit_id = ANY(%(limited)s::bigint[]) AND debits AND visit_id <> %(but)s
            UNION ALL SELECT permit_id, visits FROM visits_pastuse WHERE permit_id = ANY(%(limited)s::bigint[])
        ) uses GROUP BY 1) used),
    (SELECT id FROM visits_visit
        WHERE booker_id IS NOT DISTINCT FROM %(booker)s::bigint AND idempotency_key = %(key)s::text),
    (SELECT drawn FROM unnest(%(drawn)s::text[]) AS drawn
        WHERE NOT EXISTS (SELECT FROM visits_visit WHERE reference = drawn) LIMIT 1),
    (SELECT json_build_object('free', s.capacity - s.taken + over.n,
            'accessible_free', s.accessible_capacity - s.accessible_taken + over.cabins, 'closed', s.capacity = 0)
        FROM timetable_slot s, (SELECT count(*) AS n, count(*) FILTER (WHERE p.accessible) AS cabins FROM (
            SELECT h.accessible FROM visits_hold h
            WHERE h.slot_id = %(slot)s AND h.held AND h.expires_at <= %(now)s::timestamptz
            UNION ALL SELECT o.accessible FROM visits_offer o WHERE o.slot_id = %(slot)s AND (
                (o.state = 'reserved' AND o.expires_at <= %(now)s::timestamptz)
                OR (o.state = 'open' AND o.expires_at <= %(long_ago)s::timestamptz))) p) over
        WHERE s.id = %(slot)s),
    EXISTS (SELECT FROM visits_waitingentry
        WHERE account_id = %(booker)s::bigint AND detainee_id = %(detainee)s AND ended_at IS NULL),
    (SELECT count(*) FROM (
        SELECT pg_advisory_xact_lock(%(turn)s::bigint + visitor) FROM unnest(%(in_turn)s::bigint[]) visitor) turns)
"""

_GONE = {"free": 0, "accessible_free": 0, "closed": True}
"""The places of a slot that is there no longer."""

_TURN_OF_VISITORS = 7_210_002 << 32
"""The advisory locks by which bookings of one visitor take turns; see :func:`usage_around`."""


def usage_around(
    slot: Slot,
    *,
    detainee_id: int,
    permits: Collection[Permit],
    booker_id: int | None = None,
    idempotency_key: str | None = None,
    but_visit_id: int = 0,
    in_turn: bool = False,
    now: datetime,
) -> Usage:
    """Count the visits around a slot, leaving one out: over every channel and prison.

    Those about to write say ``in_turn``: whoever brings one of these visitors to another detained person waits. The
    exclusion constraint alone would let both write, wait for each other, and one be told of a deadlock.
    """
    values: dict[str, Any] = {
        "detainee": detainee_id,
        "week": monday_of(slot.local_date),
        "day": slot.local_date,
        "start": slot.starts_at,
        "end": slot.ends_at,
        "visitors": [permit.visitor_id for permit in permits],
        "limited": [permit.pk for permit in permits if permit.visits_allowed is not None],
        "booker": booker_id,
        "key": idempotency_key,
        "but": but_visit_id,
        "slot": slot.pk,
        "now": now,
        "long_ago": now - RESERVED_FOR,
        "drawn": [new_reference() for _ in range(4)],
        "turn": _TURN_OF_VISITORS,
        "in_turn": sorted({permit.visitor_id for permit in permits}) if in_turn else [],
    }
    with connection.cursor() as cursor:
        cursor.execute(_USAGE, values)
        week, day, busy, days, busy_visitors, debits, earlier_id, reference, places, waits, _ = cursor.fetchone()
    return Usage(
        week=week,
        day=day,
        busy=busy,
        visitor_days={int(key): n for key, n in (days or {}).items()},
        busy_visitors=frozenset(busy_visitors or ()),
        debits={int(key): n for key, n in (debits or {}).items()},
        earlier_id=earlier_id,
        free_reference=reference,
        waits=waits,
        **(places or _GONE),
    )


def wait_for_turn(permit_ids: Collection[int]) -> None:
    """Take the turn of those who would come before what comes later in the order of locks; see :func:`usage_around`."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT_FOR_TURN, {"turn": _TURN_OF_VISITORS, "permits": list(permit_ids)})


_WAIT_FOR_TURN = """
SELECT pg_advisory_xact_lock(%(turn)s::bigint + visitor_id)
FROM (SELECT DISTINCT visitor_id FROM permits_permit WHERE id = ANY(%(permits)s::bigint[]) ORDER BY 1) visitors
"""


def detainees_with_restrictions(*, since: date) -> QuerySet[Detainee]:
    """Return detained persons with their wing, its policy and prison, and restrictions not over at a date."""
    periods = Restriction.objects.filter(detainee=OuterRef("pk"), until__gte=since).order_by("until")
    return Detainee.objects.select_related("wing__policy", "wing__establishment").annotate(
        periods=ArraySubquery(periods.values(json=JSONObject(kind="kind", since=F("since"), until=F("until"))))
    )


def booking_facts(
    detainee: Detainee,
    slot: SlotFacts,
    *,
    usage: Usage = NO_USAGE,
    people: tuple[PersonFacts, ...] = (),
    unregistered: int = 0,
    twice: tuple[int, ...] = (),
    booker: Account | None = None,
    channel: Channel,
    wants_accessible: bool = False,
    allowed: frozenset[AllowanceKind] = frozenset(),
    keeps_slot: bool = False,
    now: datetime,
) -> BookingFacts:
    """Put together all that decides on one visit, under the rules of the slot's own wing.

    The slot's wing is the detained person's unless they have moved: then the visit is refused anyway.
    """
    wing = detainee.wing
    return BookingFacts(
        now=now,
        channel=channel,
        policy=wing.policy.as_rules(),
        zone=wing.establishment.zone,
        slot=slot,
        detainee=detainee_facts(detainee, usage),
        people=people,
        unregistered=unregistered,
        twice=twice,
        booker_birth_date=latest_birth_date(booker.birth_date) if booker else None,
        online_booking=OnlineBooking(wing.establishment.online_booking),
        wants_accessible=wants_accessible,
        allowed=allowed,
        keeps_slot=keeps_slot,
    )


def slot_facts(slot: Slot, usage: Usage = NO_USAGE, *, own: int = 0, own_accessible: int = 0) -> SlotFacts:
    """Return a slot as the rules read it; ``own`` places are those that this family holds in it already.

    These are the family's whatever an agent's exception or a cut did since: beyond capacity nothing is free, and
    what is held still counts. The row may have been read before a lock was waited for: its counters are the
    usage's, where there is one.
    """
    free = slot.capacity - slot.taken if usage.free is None else usage.free
    cabins = (
        slot.accessible_capacity - slot.accessible_taken if usage.accessible_free is None else usage.accessible_free
    )
    return SlotFacts(
        wing_id=slot.wing_id,
        starts_at=slot.starts_at,
        local_date=slot.local_date,
        free=max(free, 0) + own,
        kind=VisitKind(slot.kind),
        accessible_free=cabins + own_accessible,
        closed=slot.capacity == 0 if usage.closed is None else usage.closed,
    )


def detainee_facts(detainee: Detainee, usage: Usage) -> DetaineeFacts:
    """Return a detained person, loaded with their restrictions, as the rules read them."""
    return DetaineeFacts(
        wing_id=detainee.wing_id,
        category=PenalCategory(detainee.category),
        presence=Presence(detainee.presence),
        disclose_from=detainee.disclose_from,
        restrictions=restriction_facts(detainee),
        visits_that_week=usage.week,
        visits_that_day=usage.day,
        busy=usage.busy,
    )


def restriction_facts(detainee: Detainee) -> tuple[RestrictionFacts, ...]:
    """Return the restrictions loaded with a detained person."""
    periods: list[dict[str, str]] = detainee.periods  # type: ignore[attr-defined]
    return tuple(
        RestrictionFacts(
            kind=RestrictionKind(period["kind"]),
            since=date.fromisoformat(period["since"]),
            until=date.fromisoformat(period["until"]),
        )
        for period in periods
    )


def person_facts(permit: Permit, usage: Usage, *, is_booker: bool = False, spent: int = 0) -> PersonFacts:
    """Return a permit, loaded with its visitor, as the rules read it; ``spent`` visits are promised beside."""
    used = usage.debits.get(permit.pk, 0) + spent
    left = None if permit.visits_allowed is None else permit.visits_allowed - used
    return PersonFacts(
        permit_id=permit.pk,
        visitor_id=permit.visitor_id,
        birth_date=permit.visitor.birth_date,
        valid_from=permit.valid_from,
        valid_until=permit.valid_until,
        status=PermitStatus(permit.status),
        suspended_until=permit.suspended_until,
        closed=permit.closed_at is not None,
        weekdays=None if permit.weekdays is None else tuple(permit.weekdays),
        visits_left=left,
        separated=permit.separated,
        alone_from_16=permit.alone_from_16,
        is_booker=is_booker,
        visits_that_day=usage.visitor_days.get(permit.visitor_id, 0),
        busy=permit.visitor_id in usage.busy_visitors,
        # Loaded for an account (is_told says so), it may be of another adult who has not agreed.
        is_told=getattr(permit, "is_told", True),
    )


def people_facts(
    permits: Iterable[Permit],
    slot: SlotFacts,
    usage: Usage = NO_USAGE,
    *,
    own: Collection[int] = (),
    keeps: Collection[int] = (),
    spent: Mapping[int, int] | None = None,
) -> tuple[PersonFacts, ...]:
    """Return those whom permits name, each once, by the permit that serves best in a slot; ``own`` are visitors."""
    promised = spent or {}
    each = [
        person_facts(permit, usage, is_booker=permit.visitor_id in own, spent=promised.get(permit.pk, 0))
        for permit in permits
    ]
    return each_person_once(each, day=slot.local_date, kind=slot.kind, keeps=keeps)
