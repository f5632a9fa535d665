"""Why a family cannot book: every reason, for the calendar, for a slot, and for each person registered.

Reasons are the rules' own, causes that families never read included: whoever shows them chooses the words
(``told_to_family`` or ``told_to_staff``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from parloir.people.rules import latest_birth_date
from parloir.timetable.models import Slot
from parloir.visits.models import WhyNot
from parloir.visits.queries.calendar import calendar_of, days_open_to
from parloir.visits.queries.people import may_book, party_for
from parloir.visits.rules import Code, Refusal, why_not_of_age

if TYPE_CHECKING:
    from collections.abc import Collection

    from parloir.people.models import Account, Detainee
    from parloir.visits.queries.calendar import Calendar, DayChoice
    from parloir.visits.queries.people import Party, PersonChoice

_OF_ONE_HOUR = frozenset({Code.VISITOR_DAILY_MAXIMUM, Code.VISITOR_BUSY})
"""What says nothing while no hour is chosen."""

_THAT_END = frozenset({Code.RESTRICTED, Code.PERMIT_SUSPENDED})
"""What ends after a day that families read."""

_ABOUT_THE_BOOKER = frozenset({Code.BOOKER_TOO_YOUNG, Code.BOOKER_AGE_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Why:
    """Every reason at once; ``together`` are those against the people chosen coming together.

    ``is_open`` says that, whatever stands in the way of some, there is something to choose. ``calendar`` is the whole
    period, judged without permits; of its days, somebody of the account may come on those ``possible``.
    """

    slot: Slot | None
    general: tuple[Refusal, ...]
    together: tuple[Refusal, ...]
    people: tuple[PersonChoice, ...]
    next_opening: datetime | None
    is_open: bool
    calendar: Calendar
    possible: tuple[DayChoice, ...]

    @property
    def possible_from(self) -> date | None:
        """The day from which all that stands in the way is over, where nobody may come before and every end is told."""
        somebody = min((_last_day_of(person.refusals) for person in self.people), default=date.max)
        last = max(_last_day_of(self.general), somebody)
        return last + timedelta(days=1) if not self.possible and date.min < last < date.max else None

    @property
    def beside_the_days(self) -> tuple[Refusal, ...]:
        """What stands in the way beside what each day of the period says itself."""
        of_days = {refusal for day in self.calendar.days for time in day.times for refusal in time.refusals}
        return tuple(refusal for refusal in self.general if refusal not in of_days)

    @property
    def next_day(self) -> DayChoice | None:
        """The first possible day after the slot in question, else the first of all."""
        since = self.slot.local_date if self.slot else None
        later = (day for day in self.possible if since is None or day.day > since)
        return next(later, None) or next(iter(self.possible), None)


def why_not(
    account: Account,
    detainee: Detainee,
    *,
    slot: Slot | None = None,
    permit_ids: Collection[int] = (),
    now: datetime,
) -> Why:
    """Return what stands in an account's way, with a slot or with any; a fixed number of statements.

    The detained person comes from :func:`~parloir.visits.queries.mine.detainee_of`. Without a slot each
    permit is judged on the first day that could be booked, and its weekdays against every day shown.
    """
    calendar = calendar_of(detainee, now=now)
    if slot is not None:
        party = party_for(account, detainee, slot, chosen=permit_ids, now=now)
        return Why(
            slot=slot,
            general=party.slot_refusals,
            together=_together(party) if permit_ids else (),
            people=party.people,
            next_opening=None,
            is_open=not party.slot_refusals,
            calendar=calendar,
            possible=_possible(calendar, detainee, party, now),
        )
    party = party_for(account, detainee, _first_hour(detainee, calendar, now), chosen=permit_ids, now=now)
    age = why_not_of_age(latest_birth_date(account.birth_date))
    young = () if may_book(account, detainee, now=now) else (Refusal(age),)
    return Why(
        slot=None,
        general=(*calendar.refusals, *young),
        together=tuple(r for r in _together(party) if r.code not in _ABOUT_THE_BOOKER) if permit_ids else (),
        people=tuple(_whatever_the_day(person, calendar) for person in party.people),
        next_opening=calendar.next_opening,
        is_open=calendar.is_open and not young,
        calendar=calendar,
        possible=() if young else _possible(calendar, detainee, party, now),
    )


def code_given(account: Account, detainee: Detainee, *, slot: Slot | None, now: datetime) -> WhyNot | None:
    """Return the last code given for this very question, while it is good."""
    codes = WhyNot.objects.filter(account=account, detainee=detainee, slot=slot, expires_at__gt=now)
    return codes.order_by("-asked_at", "-pk").first()


def _last_day_of(refusals: Collection[Refusal]) -> date:
    """Return the last day on which reasons hold: the least of dates for none, the greatest where an end is not told."""
    return max((_last_day(refusal) for refusal in refusals), default=date.min)


def _last_day(refusal: Refusal) -> date:
    if refusal.until is None or refusal.in_general:
        return date.max
    if refusal.code is Code.PERMIT_NOT_YET_VALID:
        return refusal.until - timedelta(days=1)
    return refusal.until if refusal.code in _THAT_END else date.max


def _possible(calendar: Calendar, detainee: Detainee, party: Party, now: datetime) -> tuple[DayChoice, ...]:
    """Return the days on which one of these persons may come, those left out who have no visit left."""
    spent = {pk for person in party.people if _is_spent(person) for pk in person.permit_ids}
    permits = [permit for permit in party.permits if permit.pk not in spent]
    return days_open_to(calendar, detainee, permits, now=now) if permits else ()


def _is_spent(person: PersonChoice) -> bool:
    return any(refusal.code is Code.PERMIT_USED_UP for refusal in person.refusals)


def _together(party: Party) -> tuple[Refusal, ...]:
    """Return what stands against these people together: neither the slot nor any one person."""
    others = {*party.slot_refusals, *(refusal for person in party.people for refusal in person.refusals)}
    return tuple(refusal for refusal in party.refusals if refusal not in others)


def _first_hour(detainee: Detainee, calendar: Calendar, now: datetime) -> Slot:
    """Return an hour of the first day that could be booked: no row, no place, nobody else's hour."""
    zone = detainee.wing.establishment.zone
    closes = timedelta(hours=detainee.wing.policy.closes_hours_before_online)
    day = calendar.days[0].day if calendar.days else (now + closes).astimezone(zone).date()
    start = datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone)
    return Slot(
        pk=0,
        wing_id=detainee.wing_id,
        starts_at=start,
        ends_at=start + timedelta(minutes=1),
        local_date=day,
        capacity=1,
    )


def _whatever_the_day(person: PersonChoice, calendar: Calendar) -> PersonChoice:
    """Keep the reasons that do not depend on the hour; of the permit's weekdays, only if none of them is to be had."""
    suits = {day.day.isoweekday() for day in calendar.days if day.is_open}
    kept = tuple(
        refusal
        for refusal in person.refusals
        if refusal.code not in _OF_ONE_HOUR
        and not (refusal.code is Code.PERMIT_WEEKDAY and (not suits or suits & {*refusal.weekdays}))
    )
    return replace(person, refusals=kept)
