"""Have people come to visits already booked by another of their permits, where the one written no longer serves."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from parloir.establishments.rules import Channel, VisitKind
from parloir.journal.operations import REGISTER, Act, record
from parloir.permits.models import Permit, Registration
from parloir.visits.models import Attendance, PastUse
from parloir.visits.queries.facts import NO_USAGE, person_facts
from parloir.visits.rules import PartyBooked, permits_that_serve, reasons_against_permit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from parloir.visits.models import Visit
    from parloir.visits.rules import PersonFacts


@dataclass(frozen=True, slots=True)
class PermitsOfVisits:
    """The permits by which people come, or could come, to locked visits: of each attendance the one written first."""

    by_attendance: Mapping[int, Sequence[Permit]]

    def that_serve(self, visits: Sequence[Visit], *, left: Mapping[int, int]) -> dict[Visit, tuple[PersonFacts, ...]]:
        """Return by which people come to some of these visits, the soonest first; see the rule of that name."""
        parties = [
            PartyBooked(
                day=visit.local_date,
                kind=VisitKind(visit.slot.kind),
                people=tuple(
                    tuple(person_facts(permit, NO_USAGE) for permit in self.by_attendance[attendance.pk])
                    for attendance in _coming(visit)
                ),
            )
            for visit in visits
        ]
        return dict(zip(visits, permits_that_serve(parties, left=left), strict=True))

    def visits_left(self, staying: Collection[Visit], *, ending: Collection[Visit]) -> dict[int, int]:
        """Return what limited permits have left, those ``staying`` not counted and those ``ending`` given back."""
        permits = {permit for theirs in self.by_attendance.values() for permit in theirs}
        allowed = {permit.pk: permit.visits_allowed for permit in permits if permit.visits_allowed is not None}
        if not allowed:
            return {}
        debits = Attendance.objects.filter(permit__in=allowed, debits=True).exclude(visit__in=ending)
        others = debits.exclude(visit__in=staying, live=True)
        used = Counter(dict(others.values_list("permit_id").annotate(n=Count("pk"))))
        used.update(dict(PastUse.objects.filter(permit__in=allowed).values_list("permit_id", "visits")))
        return {pk: number - used[pk] for pk, number in allowed.items()}

    def exchange(self, served: Mapping[Visit, Sequence[PersonFacts]], *, now: datetime) -> None:
        """Write by which permits people now come to locked visits. They come as before: nobody is told anything."""
        exchanged = []
        for visit, people in served.items():
            for attendance, person in zip(_coming(visit), people, strict=True):
                if attendance.permit_id != person.permit_id:
                    permits = self.by_attendance[attendance.pk]
                    attendance.permit = next(permit for permit in permits if permit.pk == person.permit_id)
                    exchanged.append(attendance)
        if exchanged:
            exchange_permits(exchanged)
            visits = Counter(attendance.visit_id for attendance in exchanged)
            acts = [Act("visit.permit_exchanged", "visit", pk, {"people": n}) for pk, n in sorted(visits.items())]
            record(actor=REGISTER, acts=acts, at=now)


def permits_of_visits(visits: Collection[Visit]) -> PermitsOfVisits:
    """Return the permits of those who come to locked visits, whose attendances are loaded.

    The others that a person has are only looked for where one written may not serve: as in booking, those that the
    booker has registered, and any of an agent's visit.
    """
    coming = [(visit, attendance) for visit in visits for attendance in _coming(visit)]
    looking = [(visit, attendance) for visit, attendance in coming if _may_not_serve(attendance.permit, visit)]
    others = _others_of(looking) if looking else {}
    return PermitsOfVisits(
        {attendance.pk: [attendance.permit, *others.get(attendance.pk, ())] for _, attendance in coming}
    )


def exchange_permits(attendances: Iterable[Attendance]) -> None:
    """Write the other permit by which somebody now comes: it is debited in place of the former.

    Where they came by it once before, that line is theirs no more: a person is one line of a visit.
    """
    changed = list(attendances)
    for attendance in changed:
        Attendance.objects.filter(visit=attendance.visit_id, permit=attendance.permit_id).delete()
    Attendance.objects.bulk_update(changed, ["permit"])


def _coming(visit: Visit) -> list[Attendance]:
    return [attendance for attendance in visit.attendances.all() if attendance.live]


def _may_not_serve(permit: Permit, visit: Visit) -> bool:
    facts = person_facts(permit, NO_USAGE)
    against = reasons_against_permit(facts, day=visit.local_date, kind=VisitKind(visit.slot.kind))
    return facts.visits_left is not None or any(True for _ in against)


def _others_of(looking: Sequence[tuple[Visit, Attendance]]) -> dict[int, list[Permit]]:
    """Return by attendance the other permits of the same person for the same detained person, that may be used."""
    permits = Permit.objects.filter(
        visitor__in={attendance.permit.visitor_id for _, attendance in looking},
        detainee__in={visit.visited_id for visit, _ in looking},
    )
    theirs: dict[tuple[int, int], list[Permit]] = defaultdict(list)
    for permit in permits.select_related("visitor").order_by("pk"):
        theirs[permit.visitor_id, permit.detainee_id].append(permit)
    bookers = {visit.booker_id for visit, _ in looking}
    registered = set(
        Registration.objects.filter(account__in=bookers - {None}, permit__in=permits).values_list("account", "permit")
    )
    return {
        attendance.pk: [
            permit
            for permit in theirs[attendance.permit.visitor_id, visit.visited_id]
            if permit.pk != attendance.permit_id
            and (Channel(visit.channel).is_staff or (visit.booker_id, permit.pk) in registered)
        ]
        for visit, attendance in looking
    }
