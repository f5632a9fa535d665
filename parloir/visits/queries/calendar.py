"""The days and times a family may choose from, with what stands in the way of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from parloir.establishments.rules import Channel, VisitKind
from parloir.timetable.models import Slot
from parloir.visits.models import Hold, Offer, Visit, WaitingEntry
from parloir.visits.queries.engaged import engaged_of
from parloir.visits.queries.facts import NO_USAGE, booking_facts, person_facts
from parloir.visits.queries.mine import own_attendances
from parloir.visits.rules import (
    FEW_PLACES,
    LIVE_OFFERS,
    RESERVED_FOR,
    WAITING_PERIOD_DAYS,
    Code,
    OfferState,
    Refusal,
    SlotFacts,
    VisitStatus,
    monday_of,
    opens_at,
    reasons_no_day_is_to_be_had,
    reasons_nobody_could_come,
    reasons_to_refuse_slot,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date, datetime, tzinfo

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from parloir.people.models import Account, Detainee
    from parloir.people.rules import SuitingTimes
    from parloir.permits.models import Permit
    from parloir.visits.queries.engaged import Engaged
    from parloir.visits.rules import BookingFacts, PersonFacts


@dataclass(frozen=True, slots=True)
class TimeChoice:
    """One slot: its places left, and why it cannot be chosen if it cannot."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    free: int
    fictional: bool
    refusals: tuple[Refusal, ...]

    @property
    def is_open(self) -> bool:
        """Whether this family may choose it."""
        return not self.refusals

    @property
    def few(self) -> int:
        """How many places are left of an hour that may be chosen, where that is worth saying; else 0."""
        return self.free if self.is_open and self.free <= FEW_PLACES else 0

    @property
    def is_full(self) -> bool:
        """Whether only the lack of a place stands in the way."""
        return [refusal.code for refusal in self.refusals] == [Code.FULL]


@dataclass(frozen=True, slots=True)
class DayChoice:
    """One day with its times."""

    day: date
    times: tuple[TimeChoice, ...]

    @property
    def month(self) -> date:
        """The first of its month, by which days are grouped."""
        return self.day.replace(day=1)

    @property
    def is_fictional(self) -> bool:
        """Whether these are the demonstration's hours, which are nobody's real ones."""
        return any(time.fictional for time in self.times)

    @property
    def free(self) -> int:
        """Places left in the slots that may be chosen."""
        return sum(time.free for time in self.times if time.is_open)

    @property
    def few(self) -> int:
        """How many are left of a day that may be chosen, where that is worth saying; else 0."""
        return self.free if self.is_open and self.free <= FEW_PLACES else 0

    @property
    def is_open(self) -> bool:
        """Whether a time of this day may be chosen."""
        return any(time.is_open for time in self.times)

    @property
    def is_full(self) -> bool:
        """Whether every place of the day is taken."""
        return not self.is_open and any(time.is_full for time in self.times)


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """A visit of these days that the account may see in full: it booked it, or its own person attends."""

    pk: int
    reference: str
    day: date
    starts_at: datetime
    slot_id: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """What may be chosen now; when nothing may, ``refusals`` say why and ``next_opening`` when to come back.

    What opens then are the times from ``opening_day`` on.
    ``received`` are the days, from today on, on which the wing receives at all: of two days of its week, the one
    without hours is closed. ``weekly_maximum`` is the ordinary one, whatever lowers it for a time; None for none.
    """

    days: tuple[DayChoice, ...]
    refusals: tuple[Refusal, ...]
    next_opening: datetime | None
    opening_day: date | None = None
    received: frozenset[date] = frozenset()
    own: tuple[OwnVisit, ...] = ()
    weekly_maximum: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether any day may be chosen."""
        return any(day.is_open for day in self.days)

    @property
    def is_all_full(self) -> bool:
        """Whether want of a place is all that stands in the way, on every day."""
        return bool(self.days) and all(time.is_full for day in self.days for time in day.times)

    @property
    def weekdays(self) -> list[int]:
        """The days of the week on which the wing receives; 1 is Monday."""
        return sorted({day.isoweekday() for day in self.received})

    @property
    def full_days(self) -> list[DayChoice]:
        """The days on which only a place that somebody gives back is wanting."""
        return [day for day in self.days if day.is_full]

    @property
    def lacks_places(self) -> bool:
        """Whether a family that could come finds nothing for want of places: all full, or no hours open at all."""
        return not self.is_open and (not self.refusals or any(day.is_full for day in self.days))


def calendar_of(
    detainee: Detainee,
    *,
    account: Account | None = None,
    permits: Collection[Permit] = (),
    but_visit_id: int = 0,
    own_slot_ids: Collection[int] = (),
    now: datetime,
) -> Calendar:
    """Return the open days of a detained person's wing, judged for them: two statements, whatever the size.

    Where the family could come on no day it could wait for, that is the only reason, and nothing is promised.

    The detained person comes from :func:`~parloir.visits.queries.mine.detainee_of`. A visit to be changed
    (``but_visit_id``) is not counted against itself, and the places that this family holds (``own_slot_ids``)
    are there for it. Places held past their time are shown free, unless a family waits for them; after a while,
    all that is kept past its time is. Given the
    family's ``permits``, loaded with their visitors, an hour at which nobody of them could come is not open: their
    other visits count as far as they were loaded (``with_engagements``). The visits of these days that the ``account``
    may see are named.
    """
    facts = _facts_of(detainee, permits, now, account=account)
    barred = [r for r in reasons_to_refuse_slot(facts) if r.code in _WHATEVER_THE_SLOT]
    if barred:
        return Calendar(days=(), refusals=tuple(barred), next_opening=None)
    today = now.astimezone(facts.zone).date()
    last = today + timedelta(days=facts.policy.opens_days_before)
    booked = _visits_between(detainee, monday_of(today), last + timedelta(days=7), account=account)
    visits = [visit for visit in booked if visit.pk != but_visit_id]
    slots = _ordinary_slots(detainee).filter(local_date__range=(today, last), starts_at__gt=now)
    slots = slots.annotate(expired=_holds_over(now) + _offers_over(now))
    rows = slots.order_by("starts_at").values_list(*_COLUMNS, "expired")
    judged = _judged(rows, facts, visits, engaged_of(permits), detainee=detainee, own_slot_ids=own_slot_ids)
    days = [DayChoice(day, tuple(t for _, t in times)) for day, times in groupby(judged, key=itemgetter(0))]
    calendar = Calendar(
        days=tuple(day for day in days if any(_is_worth_showing(time) for time in day.times)),
        refusals=(),
        next_opening=None,
        received=frozenset(day.day for day in days),
        own=tuple(_own(visit) for visit in booked if getattr(visit, "told", False)),
        weekly_maximum=facts.policy.weekly_maximum(facts.detainee.category),
    )
    return calendar if calendar.is_open else _why_closed(calendar, detainee, facts, now)


def _why_closed(calendar: Calendar, detainee: Detainee, facts: BookingFacts, now: datetime) -> Calendar:
    """Say why nothing may be chosen, and when that changes."""
    never = reasons_no_day_is_to_be_had(_each_day(facts, now.astimezone(facts.zone).date())) if facts.people else []
    if never:
        return replace(calendar, refusals=tuple(never))
    day, opening = _next_opening(detainee, facts, now) or (None, None)
    # A day on which none of the permits is good opens for others.
    against = reasons_no_day_is_to_be_had([_on(day, facts)]) if facts.people and day else []
    refusals = _why_nothing(calendar.days) or tuple(against)
    opens = None if against else opening
    return replace(calendar, refusals=refusals, next_opening=opens, opening_day=day if opens else None)


def next_free(
    calendar: Calendar, suiting: SuitingTimes, *, zone: tzinfo, but: Collection[int] = (), at_most: int = 3
) -> list[TimeChoice]:
    """Return the first times that may be chosen and suit; ``but`` are slots that are had already."""
    times = (time for day in calendar.days for time in day.times if time.is_open and time.slot_id not in but)
    return list(islice((time for time in times if suiting.hold(time.starts_at.astimezone(zone))), at_most))


def reasons_against_opening(
    detainee: Detainee, permits: Collection[Permit], day: date, *, now: datetime
) -> list[Refusal]:
    """Return why the opening of a day means nothing to a family with these permits; nothing if somebody may come."""
    facts = _on(day, _facts_of(detainee, permits, now))
    barred = [refusal for refusal in reasons_to_refuse_slot(facts) if refusal.code in _WHATEVER_THE_SLOT]
    return barred or reasons_no_day_is_to_be_had([facts])


def _each_day(facts: BookingFacts, today: date) -> Iterator[BookingFacts]:
    """Yield the facts of each day that a family could wait for, whatever its hours."""
    for n in range(WAITING_PERIOD_DAYS):
        yield _on(today + timedelta(days=n), facts)


def _on(day: date, facts: BookingFacts) -> BookingFacts:
    return replace(facts, slot=replace(facts.slot, local_date=day))


def nearest_open(
    calendar: Calendar, slot_id: int, starts_at: datetime, *, but: Collection[date] = (), at_most: int = 3
) -> list[TimeChoice]:
    """Return the times still open that are nearest to a slot, itself and some days apart, the soonest first."""
    days = (day for day in calendar.days if day.day not in but)
    times = [time for day in days for time in day.times if time.is_open and time.slot_id != slot_id]
    nearest = sorted(times, key=lambda time: abs(time.starts_at - starts_at))[:at_most]
    return sorted(nearest, key=lambda time: time.starts_at)


def days_open_to(
    calendar: Calendar, detainee: Detainee, permits: Collection[Permit], *, now: datetime
) -> tuple[DayChoice, ...]:
    """Return the days of a calendar, judged without permits, on which one of these persons may come."""
    facts = _facts_of(detainee, permits, now)
    return tuple(d for d in calendar.days if d.is_open and not reasons_nobody_could_come([_on(d.day, facts)]))


_WHATEVER_THE_SLOT = frozenset({Code.NO_ONLINE_BOOKING, Code.NOT_DISCLOSED, Code.RELEASED, Code.HOSPITAL})
_COLUMNS = ("pk", "local_date", "starts_at", "ends_at", "capacity", "taken", "fictional")


def _ordinary_slots(detainee: Detainee) -> QuerySet[Slot]:
    """Return the slots sold online of a detained person's wing; one without any place is withdrawn."""
    return Slot.objects.filter(wing=detainee.wing_id, kind=VisitKind.ORDINARY, capacity__gt=0)


def _facts_of(
    detainee: Detainee, permits: Collection[Permit], now: datetime, *, account: Account | None = None
) -> BookingFacts:
    """Facts with a slot that stands for any: each real one replaces it in turn."""
    some_day = now + timedelta(days=10)
    any_slot = SlotFacts(wing_id=detainee.wing_id, starts_at=some_day, local_date=some_day.date(), free=1)
    people = tuple(person_facts(permit, NO_USAGE) for permit in permits)
    return booking_facts(detainee, any_slot, people=people, booker=account, channel=Channel.ONLINE, now=now)


def _judged(
    rows: Iterable[tuple[Any, ...]],
    facts: BookingFacts,
    visits: Sequence[Visit],
    engaged: Engaged,
    *,
    detainee: Detainee,
    own_slot_ids: Collection[int],
) -> Iterator[tuple[date, TimeChoice]]:
    """Judge each slot, a plain row, against the visits that the detained person, or who could come, already has."""
    weeks = Counter(visit.week for visit in visits)
    days = Counter(visit.local_date for visit in visits)
    by_people: dict[tuple[date, tuple[PersonFacts, ...]], list[Refusal]] = {}
    for pk, day, starts_at, ends_at, capacity, taken, fictional, expired in rows:
        free = max(capacity - taken + expired, 0) + (pk in own_slot_ids)
        slot = SlotFacts(wing_id=facts.slot.wing_id, starts_at=starts_at, local_date=day, free=free)
        counted = facts.detainee
        if visits:
            counted = replace(
                counted,
                visits_that_week=weeks[monday_of(day)],
                visits_that_day=days[day],
                busy=any(visit.during.lower < ends_at and starts_at < visit.during.upper for visit in visits),
            )
        people = engaged.people_at(facts.people, detainee_id=detainee.pk, day=day, starts_at=starts_at, ends_at=ends_at)
        judged = replace(facts, slot=slot, detainee=counted, people=people)
        if (day, people) not in by_people:
            by_people[day, people] = reasons_nobody_could_come([judged])
        refusals = [*reasons_to_refuse_slot(judged), *by_people[day, people]]
        yield day, TimeChoice(pk, starts_at, ends_at, slot.free, fictional, tuple(refusals))


def _holds_over(now: datetime) -> Coalesce:
    """Count, beside each slot, the places held past their time; for a while none where somebody waits for the wing."""
    held = Hold.objects.filter(slot=OuterRef("pk"), held=True, expires_at__lte=now)
    waiting = WaitingEntry.objects.filter(wing=OuterRef("slot__wing"), ended_at__isnull=True)
    return _counted(held.filter(~Exists(waiting) | Q(expires_at__lte=now - RESERVED_FOR)))


def _offers_over(now: datetime) -> Coalesce:
    """Count, beside each slot, the places kept for those who wait that nobody has passed on for a while."""
    kept = Offer.objects.filter(slot=OuterRef("pk"), state__in=LIVE_OFFERS)
    reserved = Q(state=OfferState.RESERVED, expires_at__lte=now)
    return _counted(kept.filter(reserved | Q(state=OfferState.OPEN, expires_at__lte=now - RESERVED_FOR)))


def _counted(kept: QuerySet[Hold] | QuerySet[Offer]) -> Coalesce:
    return Coalesce(Subquery(kept.order_by().values("slot").annotate(n=Count("pk")).values("n")), 0)


def _visits_between(detainee: Detainee, first: date, last: date, *, account: Account | None) -> list[Visit]:
    """Return the visits that the detained person has, each with whether it is told to the account (``told``)."""
    visits = Visit.objects.filter(detainee=detainee, local_date__range=(first, last))
    told: Combinable = Value(False)
    if account:
        attends = own_attendances(account.pk).filter(live=True, visit=OuterRef("pk"))
        told = ExpressionWrapper(Q(booker=account) | Exists(attends), BooleanField())
    shown = visits.exclude(status=VisitStatus.CANCELLED).annotate(told=told).order_by("local_date", "pk")
    return list(shown.only("week", "local_date", "during", "reference", "slot_id"))


def _own(visit: Visit) -> OwnVisit:
    return OwnVisit(visit.pk, visit.reference, visit.local_date, visit.during.lower, visit.slot_id)


def _is_worth_showing(time: TimeChoice) -> bool:
    """A slot closed or not yet open is no choice; a full one is shown, so that people know it exists."""
    return not {refusal.code for refusal in time.refusals} & {Code.TOO_LATE, Code.NOT_YET_OPEN, Code.STARTED}


def _why_nothing(days: Sequence[DayChoice]) -> tuple[Refusal, ...]:
    """Return each different reason once, in the order of the days."""
    return tuple(dict.fromkeys(refusal for day in days for time in day.times for refusal in time.refusals))


def _next_opening(detainee: Detainee, facts: BookingFacts, now: datetime) -> tuple[date, datetime] | None:
    """Return the first local day whose opening is still to come, and when its slots open."""
    horizon = now.astimezone(facts.zone).date() + timedelta(days=facts.policy.opens_days_before)
    for since in (horizon, horizon + timedelta(days=1)):
        day = _ordinary_slots(detainee).filter(local_date__gte=since).aggregate(first=Min("local_date"))["first"]
        if day is None:
            return None
        opening = opens_at(local_date=day, policy=facts.policy, zone=facts.zone)
        if opening > now:
            return day, opening
    return None
