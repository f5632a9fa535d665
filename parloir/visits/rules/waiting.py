"""Who is offered a freed place, and for how long it is kept for them. No Django here.

The order, as families read it: first those whose visits a transfer took away; then those whose relative
has had no visit lately; then those who have waited longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel
from parloir.notifications.nights import end_of_night, is_night, leaves_at
from parloir.visits.rules.booking import reasons_nobody_could_come, reasons_to_refuse, reasons_to_refuse_slot
from parloir.visits.rules.codes import Code, Refusal
from parloir.visits.rules.times import closes_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime, time
    from zoneinfo import ZoneInfo

    from parloir.establishments.rules import Policy
    from parloir.visits.rules.facts import BookingFacts

WAITING_PERIOD_DAYS = 60
"""How many days at most a family may wait for, the first and the last included."""

OFFER_STEPS = (timedelta(days=7), timedelta(days=3), timedelta(hours=36))
"""How far away a visit must be for each of the policy's ``offer_minutes``; nearer than all, the last one holds."""

SHORTEST_OFFER = timedelta(minutes=20)
"""An offer that could not be read and answered in time is not made."""

OFFER_LEFT_BY_MORNING = timedelta(hours=1)
"""An offer that lapses sooner after a night (before 9:00) is told at night: it could not be answered."""

OFFER_AFTER_NIGHT = timedelta(hours=1, minutes=30)
"""How long after a night (until 9:30) an offer made then is kept at least, when it waits for the morning."""

OFFERABLE_MINUTES = 30
"""How long before it closes a place may still be kept for those who wait; then it is everybody's."""

RESERVED_FOR = timedelta(minutes=10)
"""How long a place waits to be passed on: for its family to be found, or once its own time is over.

Then it is everybody's, should the worker be away: it is shown free, and the next writer frees it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Which visits suit a family. Days and hours are the prison's own; both ends are included."""

    first_day: date
    last_day: date
    weekdays: tuple[int, ...]
    earliest: time
    latest: time
    notice_hours: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A family in the list: since when, and the last day with a visit to its relative, past or booked."""

    entry_id: int
    since: datetime
    active_from: date
    moved: bool = False
    last_visit: date | None = None


def waiting_order(families: Iterable[Waiting], *, today: date, recent_days: int) -> list[Waiting]:
    """Return the families whose turn can come, in the order in which a place is offered to them."""
    recent = today - timedelta(days=recent_days)

    def turn(family: Waiting) -> tuple[bool, bool, datetime, int]:
        visited = family.last_visit is not None and family.last_visit >= recent
        return not family.moved, visited, family.since, family.entry_id

    return sorted((family for family in families if family.active_from <= today), key=turn)


def suits(terms: Terms, *, starts_at: datetime, local: datetime, now: datetime) -> bool:
    """Tell whether a slot, whose start is also given as ``local`` time, is one such as a family waits for."""
    return (
        terms.first_day <= local.date() <= terms.last_day
        and local.isoweekday() in terms.weekdays
        and terms.earliest <= local.time() <= terms.latest
        and starts_at.astimezone(UTC) - now >= timedelta(hours=terms.notice_hours)
    )


def days_of(terms: Terms) -> list[date]:
    """Return the local days that a family waits for."""
    period = (terms.first_day + timedelta(days=n) for n in range((terms.last_day - terms.first_day).days + 1))
    return [day for day in period if day.isoweekday() in terms.weekdays]


def compete(one: Terms, other: Terms) -> bool:
    """Tell whether two families may wait for one place: some day and some hour suit both."""
    first, last = max(one.first_day, other.first_day), min(one.last_day, other.last_day)
    days = min((last - first).days + 1, 7)
    shared = set(one.weekdays) & set(other.weekdays)
    return (
        one.earliest <= other.latest
        and other.earliest <= one.latest
        and any((first + timedelta(days=n)).isoweekday() in shared for n in range(days))
    )


def offer_expires_at(
    *, starts_at: datetime, notice_hours: int, policy: Policy, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """Return until when a place offered now is kept: shorter as the visit comes near; None when it is too late.

    One made at night that lasts until the morning is kept until 9:30, since it is told after 8:00. Never beyond the
    closing of online booking, nor the notice that the family needs.
    """
    start = starts_at.astimezone(UTC)
    kept = policy.offer_minutes[sum(start - now < step for step in OFFER_STEPS)]
    last = min(
        closes_at(starts_at=starts_at, policy=policy, channel=Channel.ONLINE), start - timedelta(hours=notice_hours)
    )
    expires_at = min(now + timedelta(minutes=kept), last)
    if is_night(now, zone) and expires_at >= end_of_night(now, zone) + OFFER_LEFT_BY_MORNING:
        expires_at = min(max(expires_at, _told_in_the_morning(now, zone)), last)
    return expires_at if expires_at - now >= SHORTEST_OFFER else None


def offer_waits_until(key: int, *, expires_at: datetime, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when an offer is told; None when at once: by day, or when it lapses too early to wait for the morning."""
    if not is_night(now, zone) or expires_at < _told_in_the_morning(now, zone):
        return None
    return leaves_at(key, now=now, zone=zone)


def _told_in_the_morning(now: datetime, zone: ZoneInfo) -> datetime:
    return (end_of_night(now, zone) + OFFER_AFTER_NIGHT).astimezone(UTC)


def reasons_to_refuse_waiting(facts: BookingFacts, *, last_day: date, today: date) -> list[Refusal]:
    """Return why a family cannot wait: what no other day would mend, the slot's day being its first.

    What passes, such as a hospital stay or a week that is full, keeps nobody from waiting, nor does a limited
    permit that a cancelled visit may yet refill.
    """
    period = last_day - facts.slot.local_date
    refusals = [refusal for refusal in reasons_to_refuse(facts) if refusal.code in _WHATEVER_THE_DAY]
    if not timedelta(0) <= period < timedelta(days=WAITING_PERIOD_DAYS) or facts.slot.local_date < today:
        refusals.append(Refusal(Code.WAITING_PERIOD, number=WAITING_PERIOD_DAYS))
    return refusals


def reasons_no_day_serves(days: Sequence[BookingFacts]) -> list[Refusal]:
    """Return why a family could come on none of the days it would wait for, each reason once; nothing if on one."""
    if not days:
        return [Refusal(Code.WAITING_NO_DAY)]
    each = [[refusal for refusal in reasons_to_refuse(day) if refusal.code in _OF_ITS_DAY] for day in days]
    return list(dict.fromkeys(refusal for against in each for refusal in against)) if all(each) else []


def reasons_no_day_is_to_be_had(days: Iterable[BookingFacts]) -> list[Refusal]:
    """Return why nobody of a family may come on any of some days, whatever the places; nothing if somebody may."""
    each = [reasons_nobody_could_come([day]) or _restricted(day) for day in days]
    return list(dict.fromkeys(refusal for against in each for refusal in against)) if all(each) else []


def _restricted(facts: BookingFacts) -> list[Refusal]:
    return [refusal for refusal in reasons_to_refuse_slot(facts) if refusal.code is Code.RESTRICTED]


_OF_ITS_DAY = frozenset(
    {
        Code.RESTRICTED,
        Code.PERMIT_SUSPENDED,
        Code.PERMIT_NOT_YET_VALID,
        Code.PERMIT_EXPIRED,
        Code.PERMIT_WEEKDAY,
    }
)
"""What another day may mend, and no freed place does."""

_WHATEVER_THE_DAY = frozenset(
    {
        Code.NO_ONLINE_BOOKING,
        Code.NOT_DISCLOSED,
        Code.RELEASED,
        Code.NOT_REGISTERED,
        Code.NOBODY,
        Code.SAME_PERSON,
        Code.TOO_MANY,
        Code.TOO_MANY_ADULTS,
        Code.MINOR_NEEDS_ADULT,
        Code.BOOKER_TOO_YOUNG,
        Code.BOOKER_AGE_UNKNOWN,
        Code.PERMIT_CLOSED,
        Code.PERMIT_WITHDRAWN,
        Code.PERMIT_EXPIRED,
        Code.PERMIT_SEPARATED,
    }
)
