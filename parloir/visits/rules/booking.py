"""May this visit be? Every reason against it at once, each rule in one function.

Sources: code pénitentiaire L341-2, L341-3, R341-1, R341-3, R341-4, R341-13; what a prison sets for
itself is in its :class:`~parloir.establishments.rules.Policy`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from parloir.establishments.rules import OnlineBooking, VisitKind
from parloir.people.rules import ALONE_AGE, NO_DOUBT_BEFORE, NO_END, Presence, has_age, is_adult
from parloir.visits.rules.codes import AllowanceKind, Code, Refusal
from parloir.visits.rules.permits import each_person_once, reasons_against_permit, reasons_against_visits_left
from parloir.visits.rules.times import closes_at, opens_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from parloir.establishments.rules import Channel, Policy
    from parloir.visits.rules.facts import BookingFacts, PersonFacts

DISCIPLINARY_WEEKLY_MAXIMUM = 1
"""Visits a week in a disciplinary cell (R341-3)."""

INFANT_AGE = 3


def reasons_to_refuse(facts: BookingFacts) -> list[Refusal]:
    """Return every reason that stands in the way of booking a visit; none means that it may be."""
    return [
        *reasons_to_refuse_slot(facts),
        *reasons_to_refuse_party(facts),
        *(refusal for person in facts.people for refusal in reasons_to_refuse_person(facts, person)),
    ]


def reasons_to_refuse_slot(facts: BookingFacts) -> list[Refusal]:
    """Return what stands in the way whoever comes: the place, the moment, the detained person, the numbers."""
    if facts.keeps_slot:
        return [*_about_the_places(facts), *_about_the_detainee(facts)]
    return [
        *_about_the_window(facts),
        *_about_the_places(facts),
        *_about_the_detainee(facts),
        *_about_the_numbers(facts),
    ]


def reasons_to_refuse_party(facts: BookingFacts) -> list[Refusal]:
    """Return what stands in the way of these people's coming together, wherever and whenever."""
    return list(_about_the_party(facts))


def reasons_to_refuse_person(facts: BookingFacts, person: PersonFacts) -> list[Refusal]:
    """Return what stands in the way of one person's coming, whoever else comes."""
    refusals = list(_about_the_permit(person, facts))
    refusals += reasons_against_visits_left(person)
    if _is_quota_exceeded(facts, person.visits_that_day, facts.policy.daily_maximum_visitor):
        refusals.append(
            Refusal(Code.VISITOR_DAILY_MAXIMUM, person.permit_id, number=facts.policy.daily_maximum_visitor)
        )
    elif person.busy:
        refusals.append(Refusal(Code.VISITOR_BUSY, person.permit_id))
    return [_as_told(refusal, person) for refusal in refusals]


def reasons_nobody_could_come(slots: Sequence[BookingFacts]) -> list[Refusal]:
    """Return why no visit could be had in slots wanted together, whoever of these people comes; nothing if one could.

    One person at a time is enough to look at: of a party that may come, an adult, or a minor whose permit says so,
    could come without the others. Of those who need an adult nothing is told but that, and only where there is none.
    """
    against: dict[int, list[tuple[date, Refusal]]] = {}
    need_adult = set[int]()
    for facts in slots:
        for person in each_person_once(facts.people, day=facts.slot.local_date, kind=facts.slot.kind):
            alone = replace(facts, people=(person,), unregistered=0, twice=())
            reasons = [*reasons_to_refuse_party(alone), *reasons_to_refuse_person(alone, person)]
            who = person.visitor_id or -person.permit_id
            against.setdefault(who, []).extend((facts.slot.local_date, reason) for reason in reasons)
            need_adult |= {who for reason in reasons if reason.code is Code.MINOR_NEEDS_ADULT}
    if not all(against.values()):
        return []
    if against and need_adult == against.keys():
        return [Refusal(Code.NO_ADULT)]
    told = [reason for who, reasons in against.items() if who not in need_adult for reason in reasons]
    return of_the_days(told, days=len(slots))


def of_the_days(refusals: Sequence[tuple[date, Refusal]], *, days: int) -> list[Refusal]:
    """Return each reason once, with the day it is about when only some of several days have it."""
    by_reason: dict[Refusal, list[date]] = {}
    for day, refusal in refusals:
        on = by_reason.setdefault(refusal, [])
        if day not in on:
            on.append(day)
    return [
        named
        for refusal, on in by_reason.items()
        for named in ([refusal] if len(on) == days else [replace(refusal, day=day) for day in on])
    ]


def reasons_to_end(facts: BookingFacts) -> list[Refusal]:
    """Return why a visit already booked can no longer be, now that the register says otherwise.

    Windows, capacity and numbers are not judged again: they were right when it was booked. What
    exceeds a weekly maximum is judged over the week, not visit by visit.
    """
    return [
        *_about_the_detainee(facts),
        *(refusal for person in facts.people for refusal in _about_the_permit(person, facts)),
        *_minors_without_an_adult(facts),
    ]


def reasons_to_refuse_cancelling(*, starts_at: datetime, now: datetime, is_booked: bool) -> list[Refusal]:
    """Return why a visit cannot be cancelled: only its start puts an end to that right."""
    if not is_booked:
        return [Refusal(Code.NOT_BOOKED)]
    return [Refusal(Code.STARTED)] if now >= starts_at else []


def reasons_to_refuse_changing(
    *,
    starts_at: datetime,
    is_booked: bool,
    policy: Policy,
    channel: Channel,
    now: datetime,
    under_review: bool = False,
) -> list[Refusal]:
    """Return why a booked visit cannot be changed any more; an agent may until it starts.

    ``under_review``: somebody in the prison is to say whether it can be; until then its family does not change it.
    """
    refusals = reasons_to_refuse_cancelling(starts_at=starts_at, now=now, is_booked=is_booked)
    hours = policy.change_hours_before_online
    if not refusals and not channel.is_staff and starts_at.astimezone(UTC) - now < timedelta(hours=hours):
        refusals.append(Refusal(Code.CHANGE_TOO_LATE, number=hours))
    if not refusals and not channel.is_staff and under_review:
        refusals.append(Refusal(Code.UNDER_REVIEW))
    return refusals


def weekly_maximum(facts: BookingFacts) -> int | None:
    """Return how many visits the detained person may have in the week of the slot; None is unlimited."""
    maximum = facts.policy.weekly_maximum(facts.detainee.category)
    if facts.detainee.presence is Presence.DISCIPLINARY:
        return DISCIPLINARY_WEEKLY_MAXIMUM if maximum is None else min(DISCIPLINARY_WEEKLY_MAXIMUM, maximum)
    return maximum


def latest_beyond[Item](upcoming: Sequence[Item], *, counted: int, maximum: int | None) -> Sequence[Item]:
    """Return which of the upcoming ones, soonest first, exceed a maximum: the latest of them.

    ``counted`` is how many count towards it in all, those already over included.
    """
    excess = 0 if maximum is None else max(0, counted - maximum)
    return upcoming[max(0, len(upcoming) - excess) :]


def _about_the_window(facts: BookingFacts) -> Iterator[Refusal]:
    """The moment: what is sold on this channel, when its booking opens and closes."""
    if not facts.channel.is_staff:
        if facts.online_booking is not OnlineBooking.OPEN:
            yield Refusal(Code.NO_ONLINE_BOOKING)
        if facts.slot.kind is not VisitKind.ORDINARY:
            yield Refusal(Code.NOT_SOLD_ONLINE)
    opening = opens_at(local_date=facts.slot.local_date, policy=facts.policy, zone=facts.zone, channel=facts.channel)
    if facts.now < opening:
        yield Refusal(Code.NOT_YET_OPEN, opens=opening)
    if facts.now >= facts.slot.starts_at:
        yield Refusal(Code.STARTED)
    elif AllowanceKind.LATENESS not in facts.allowed and facts.now > closes_at(
        starts_at=facts.slot.starts_at, policy=facts.policy, channel=facts.channel
    ):
        yield Refusal(Code.TOO_LATE, number=facts.policy.closes_hours_before(facts.channel))


def _about_the_places(facts: BookingFacts) -> Iterator[Refusal]:
    """Whether the session happens, and has a place and, if one is needed, an accessible cabin."""
    if facts.slot.closed:
        yield Refusal(Code.CLOSED)
    elif facts.slot.free < 1 and AllowanceKind.OVERBOOKING not in facts.allowed:
        yield Refusal(Code.FULL)
    elif facts.wants_accessible and facts.slot.accessible_free < 1:
        yield Refusal(Code.ACCESSIBLE_FULL)


def _about_the_detainee(facts: BookingFacts) -> Iterator[Refusal]:
    """Where the detained person is, and whether anything forbids visits that day."""
    detainee, day = facts.detainee, facts.slot.local_date
    if detainee.presence is Presence.RELEASED:
        yield Refusal(Code.RELEASED)
    if detainee.presence is Presence.HOSPITAL:
        yield Refusal(Code.HOSPITAL)
    if detainee.wing_id != facts.slot.wing_id:
        yield Refusal(Code.MOVED)
    if detainee.disclose_from and not facts.channel.is_staff and _local_day(facts) < detainee.disclose_from:
        yield Refusal(Code.NOT_DISCLOSED)
    for restriction in detainee.restrictions:
        if restriction.since <= day <= restriction.until:
            yield Refusal(Code.RESTRICTED, until=restriction.until if restriction.until < NO_END else None)


def _about_the_numbers(facts: BookingFacts) -> Iterator[Refusal]:
    """The maximum of visits a week and a day, over every channel and prison."""
    maximum, detainee = weekly_maximum(facts), facts.detainee
    if maximum is not None and detainee.visits_that_week >= maximum:
        ordinary = facts.policy.weekly_maximum(detainee.category)
        if ordinary is None or detainee.visits_that_week < ordinary:
            yield Refusal(Code.DISCIPLINARY_MAXIMUM, number=maximum)
        elif AllowanceKind.QUOTA not in facts.allowed:
            yield Refusal(Code.WEEKLY_MAXIMUM, number=maximum)
    if _is_quota_exceeded(facts, detainee.visits_that_day, facts.policy.daily_maximum_detainee):
        yield Refusal(Code.DAILY_MAXIMUM, number=facts.policy.daily_maximum_detainee)
    elif detainee.busy:
        yield Refusal(Code.DETAINEE_BUSY)


def _is_quota_exceeded(facts: BookingFacts, counted: int, maximum: int) -> bool:
    """Whether a daily maximum is met and no agent has allowed to exceed it."""
    return counted >= maximum and AllowanceKind.QUOTA not in facts.allowed


def _about_the_party(facts: BookingFacts) -> Iterator[Refusal]:
    """Who comes together: how many, how many adults, and nobody's child alone."""
    policy, day = facts.policy, facts.slot.local_date
    if facts.unregistered:
        yield Refusal(Code.NOT_REGISTERED)
    for permit_id in facts.twice:
        yield Refusal(Code.SAME_PERSON, permit_id)
    if not facts.people and not facts.unregistered:
        yield Refusal(Code.NOBODY)
    counted = [p for p in facts.people if policy.infants_count or has_age(p.birth_date, INFANT_AGE, day)]
    if len(counted) > policy.attendees_maximum:
        yield Refusal(Code.TOO_MANY, number=policy.attendees_maximum)
    if sum(is_adult(person.birth_date, day) for person in facts.people) > policy.adults_maximum:
        yield Refusal(Code.TOO_MANY_ADULTS, number=policy.adults_maximum)
    yield from _minors_without_an_adult(facts)
    if facts.booker_birth_date and not is_adult(facts.booker_birth_date, day) and not _may_book_young(facts):
        yield Refusal(why_not_of_age(facts.booker_birth_date))


def why_not_of_age(born: date) -> Code:
    """Return why somebody is not held for an adult: nobody is called a minor for want of a birth date."""
    return Code.BOOKER_AGE_UNKNOWN if born == NO_DOUBT_BEFORE else Code.BOOKER_TOO_YOUNG


def _minors_without_an_adult(facts: BookingFacts) -> Iterator[Refusal]:
    """Under 18, with an adult permit holder of the same detained person; from 16 alone if the permit says so."""
    day = facts.slot.local_date
    if any(is_adult(person.birth_date, day) for person in facts.people):
        return
    for person in facts.people:
        if not _may_come_alone(person, day):
            yield Refusal(Code.MINOR_NEEDS_ADULT, person.permit_id)


def _may_come_alone(person: PersonFacts, day: date) -> bool:
    return person.alone_from_16 and has_age(person.birth_date, ALONE_AGE, day)


def _may_book_young(facts: BookingFacts) -> bool:
    """A minor books only for a visit that their own permit lets them make alone."""
    return any(person.is_booker and _may_come_alone(person, facts.slot.local_date) for person in facts.people)


def _about_the_permit(person: PersonFacts, facts: BookingFacts) -> Iterator[Refusal]:
    """The permit itself, on the day of the visit."""
    against = reasons_against_permit(person, day=facts.slot.local_date, kind=facts.slot.kind)
    return (_as_told(refusal, person) for refusal in against)


def _as_told(refusal: Refusal, person: PersonFacts) -> Refusal:
    return refusal if person.is_told else replace(refusal, in_general=True)


def _local_day(facts: BookingFacts) -> date:
    return facts.now.astimezone(facts.zone).date()
