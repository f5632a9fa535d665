"""What of their other visits stands in the way of those who could come, hour by hour, before any hour is chosen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q

from parloir.visits.models import Attendance, PastUse
from parloir.visits.queries.mine import own_attendances

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from parloir.people.models import Account, Detainee
    from parloir.permits.models import Permit
    from parloir.visits.rules import PersonFacts


class _Elsewhere(NamedTuple):
    """A visit that one of those who could come attends already; ``day`` is local to its prison."""

    visitor_id: int
    starts_at: datetime
    ends_at: datetime
    detainee_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Engaged:
    """The visits that those who could come to a detained person attend, and those used of their limited permits."""

    detainee_id: int
    visits: tuple[_Elsewhere, ...]
    used: Mapping[int, int]

    def people_at(
        self, people: tuple[PersonFacts, ...], day: date, starts_at: datetime, ends_at: datetime
    ) -> tuple[PersonFacts, ...]:
        """Return people with what stands in the way of their coming at an hour of a local day."""
        if not self.visits and not self.used:
            return people
        busy = {v.visitor_id for v in self.visits if v.starts_at < ends_at and starts_at < v.ends_at}
        met = Counter(v.visitor_id for v in self.visits if v.detainee_id == self.detainee_id and v.day == day)
        return tuple(
            replace(
                person,
                busy=person.visitor_id in busy,
                visits_that_day=met[person.visitor_id or 0],
                visits_left=None
                if person.visits_left is None
                else person.visits_left - self.used.get(person.permit_id, 0),
            )
            for person in people
        )


def engaged_on(
    days: tuple[date, date],
    detainee: Detainee,
    permits: Collection[Permit],
    *,
    account: Account | None,
    in_full: bool = False,
    but_visit_id: int = 0,
) -> Engaged:
    """Return what those whom permits name already attend from one day to another, one visit left out.

    That is, unless ``in_full``, what the ``account`` that reads it may see: its visits, and the use of permits of which
    it is told. Where another adult goes is theirs. One statement, three where a permit is limited.
    """
    if not permits or not (account or in_full):
        return Engaged(detainee.pk, (), {})
    visitors = {permit.visitor_id for permit in permits}
    first, last = days[0] - timedelta(days=1), days[1] + timedelta(days=1)
    theirs = Attendance.objects.filter(visitor__in=visitors, live=True, visit__local_date__range=(first, last))
    if account and not in_full:
        own = own_attendances(account.pk).filter(pk=OuterRef("pk"))
        theirs = theirs.filter(Q(visit__booker=account) | Exists(own))
        permits = [permit for permit in permits if getattr(permit, "is_told", True)]
    rows = theirs.exclude(visit=but_visit_id).values_list("visitor", "during", "visit__detainee", "visit__local_date")
    visits = tuple(
        _Elsewhere(visitor, during.lower, during.upper, detainee_id, day) for visitor, during, detainee_id, day in rows
    )
    return Engaged(detainee.pk, visits, visits_used(permits, but_visit_id=but_visit_id))


def visits_used(permits: Collection[Permit], *, but_visit_id: int = 0) -> dict[int, int]:
    """Count the visits used or booked of limited permits, one visit left out; no statement where none is limited."""
    limited = [permit.pk for permit in permits if permit.visits_allowed is not None]
    if not limited:
        return {}
    debits = Attendance.objects.filter(permit__in=limited, debits=True).exclude(visit=but_visit_id)
    anonymous = PastUse.objects.filter(permit__in=limited).values_list("permit", "visits")
    return Counter(dict(debits.values_list("permit").annotate(n=Count("pk")))) + Counter(dict(anonymous))
