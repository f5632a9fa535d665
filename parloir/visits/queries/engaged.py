"""What of their other visits stands in the way of those who could come, hour by hour, before any hour is chosen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject, Lower, Upper

from parloir.visits.models import Attendance, PastUse
from parloir.visits.queries.mine import own_attendances

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from parloir.people.models import Account
    from parloir.permits.models import Permit
    from parloir.visits.rules import PersonFacts


class _Visit(NamedTuple):
    """A visit that one of those who could come attends already; ``day`` is local to its prison."""

    visitor_id: int
    detainee_id: int
    starts_at: datetime
    ends_at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class Engaged:
    """The visits that those who could come attend, and how many are used of their limited permits."""

    visits: tuple[_Visit, ...]
    used: Mapping[int, int]

    def people_at(
        self, people: tuple[PersonFacts, ...], *, detainee_id: int, day: date, starts_at: datetime, ends_at: datetime
    ) -> tuple[PersonFacts, ...]:
        """Return people with what stands in the way of their coming to a detained person at an hour of a local day."""
        if not self.visits and not self.used:
            return people
        busy = {v.visitor_id for v in self.visits if v.starts_at < ends_at and starts_at < v.ends_at}
        met = Counter(v.visitor_id for v in self.visits if v.detainee_id == detainee_id and v.day == day)
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


def with_engagements(
    permits: QuerySet[Permit], *, account: Account | None, since: date, but_visit_id: int = 0
) -> QuerySet[Permit]:
    """Add to permits which visits those whom they name attend from a day on, one left out, and how many are used.

    That is what the ``account`` may see: its visits. Where another adult goes is theirs. Without an account, all of
    them: for finding an hour, never for showing what stands in the way of each.
    """
    theirs = Attendance.objects.filter(visitor=OuterRef("visitor"), live=True, visit__local_date__gte=since)
    if account:
        own = own_attendances(account.pk).filter(pk=OuterRef("pk"))
        theirs = theirs.filter(Q(visit__booker=account) | Exists(own))
    debits = Attendance.objects.filter(permit=OuterRef("pk"), debits=True).exclude(visit=but_visit_id)
    counted = debits.order_by().values("permit").annotate(n=Count("pk")).values("n")
    past = PastUse.objects.filter(permit=OuterRef("pk")).values("visits")
    return permits.annotate(
        engagements=ArraySubquery(
            theirs.exclude(visit=but_visit_id).values(
                json=JSONObject(
                    detainee=F("visit__detainee"),
                    start=Lower("during"),
                    end=Upper("during"),
                    day=F("visit__local_date"),
                )
            )
        ),
        used=Coalesce(Subquery(counted), 0) + Coalesce(Subquery(past), 0),
    )


def engaged_of(permits: Iterable[Permit]) -> Engaged:
    """Return what was loaded with permits; of another adult who has not agreed not how often they came."""
    visits = {
        _Visit(
            permit.visitor_id,
            visit["detainee"],
            datetime.fromisoformat(visit["start"]),
            datetime.fromisoformat(visit["end"]),
            date.fromisoformat(visit["day"]),
        )
        for permit in permits
        for visit in getattr(permit, "engagements", ())
    }
    used = {permit.pk: getattr(permit, "used", 0) for permit in permits if getattr(permit, "is_told", True)}
    return Engaged(tuple(visits), {pk: number for pk, number in used.items() if number})
