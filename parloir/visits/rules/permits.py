"""What a permit says of a day, and which of a person's permits serves them best. No Django here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from parloir.establishments.rules import VisitKind
from parloir.permits.rules import PermitStatus
from parloir.visits.rules.codes import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from parloir.visits.rules.facts import PersonFacts

_SOONEST_MENDED = (
    Code.PERMIT_NOT_YET_VALID,
    Code.PERMIT_WEEKDAY,
    Code.PERMIT_USED_UP,
    Code.PERMIT_SUSPENDED,
    Code.PERMIT_EXPIRED,
    Code.PERMIT_SEPARATED,
    Code.PERMIT_WITHDRAWN,
    Code.PERMIT_CLOSED,
)
"""What stands against a permit, what another day may mend first: of permits none of which is good, the one told of."""


def reasons_against_permit(person: PersonFacts, *, day: date, kind: VisitKind) -> Iterator[Refusal]:
    """Say why a permit is not good on a day; one with separation is for the separated kind alone (R341-13)."""
    permit_id = person.permit_id
    if person.closed:
        yield Refusal(Code.PERMIT_CLOSED, permit_id)
    if person.status is PermitStatus.WITHDRAWN:
        yield Refusal(Code.PERMIT_WITHDRAWN, permit_id)
    if person.status is PermitStatus.SUSPENDED and (person.suspended_until is None or day <= person.suspended_until):
        yield Refusal(Code.PERMIT_SUSPENDED, permit_id, until=person.suspended_until)
    if day < person.valid_from:
        yield Refusal(Code.PERMIT_NOT_YET_VALID, permit_id, until=person.valid_from)
    if person.valid_until and day > person.valid_until:
        yield Refusal(Code.PERMIT_EXPIRED, permit_id, until=person.valid_until)
    if person.weekdays is not None and day.isoweekday() not in person.weekdays:
        yield Refusal(Code.PERMIT_WEEKDAY, permit_id, weekdays=person.weekdays)
    if person.separated and kind is not VisitKind.SEPARATED:
        yield Refusal(Code.PERMIT_SEPARATED, permit_id)


def reasons_against_visits_left(person: PersonFacts) -> Iterator[Refusal]:
    """Say that a limited permit has no visit left."""
    if person.visits_left is not None and person.visits_left < 1:
        yield Refusal(Code.PERMIT_USED_UP, person.permit_id)


def each_person_once(
    permits: Iterable[PersonFacts], *, day: date, kind: VisitKind, keeps: Collection[int] = ()
) -> tuple[PersonFacts, ...]:
    """Return each person once, by the permit that serves them best on a day, in the order given.

    A renewed permit beside the old one is one person: the permit that is good that day is taken, of several the
    least limited. One with which they come already (``keeps``, permits) is kept as long as it is good. A permit
    whose visitor is not known is a person by itself.
    """
    persons: dict[tuple[str, int], list[PersonFacts]] = {}
    for permit in permits:
        key = ("permit", permit.permit_id) if permit.visitor_id is None else ("visitor", permit.visitor_id)
        persons.setdefault(key, []).append(permit)
    return tuple(
        min(theirs, key=lambda permit: _preference(permit, day=day, kind=kind, keeps=keeps))
        for theirs in persons.values()
    )


def _preference(permit: PersonFacts, *, day: date, kind: VisitKind, keeps: Collection[int]) -> tuple[object, ...]:
    """Return what orders a person's permits, the best first."""
    against = _reasons_against(permit, day=day, kind=kind)
    last_day = permit.valid_until or date.max
    return (
        max((_SOONEST_MENDED.index(refusal.code) + 1 for refusal in against), default=0),
        permit.permit_id not in keeps,
        not permit.alone_from_16,
        permit.visits_left is not None,
        -(permit.visits_left or 0),
        -(7 if permit.weekdays is None else len(permit.weekdays)),
        -last_day.toordinal(),
        -permit.permit_id,
    )


def _reasons_against(permit: PersonFacts, *, day: date, kind: VisitKind) -> list[Refusal]:
    return [*reasons_against_permit(permit, day=day, kind=kind), *reasons_against_visits_left(permit)]


@dataclass(frozen=True, slots=True)
class PartyBooked:
    """Who comes to a visit already booked: of each person the permit that is written, then the others they have."""

    day: date
    kind: VisitKind
    people: tuple[tuple[PersonFacts, ...], ...]


def permits_that_serve(visits: Sequence[PartyBooked], *, left: Mapping[int, int]) -> list[tuple[PersonFacts, ...]]:
    """Return by which permits people come to visits already booked, the soonest first.

    ``left`` is how many visits limited permits have, none of these visits counted. Everybody keeps their permit as
    long as it serves, so that nobody loses theirs to a visit that another permit could have served; the others come
    by the best of what they have. Whoever has none that serves is returned by the one written, with the visits left
    of it, and what those beside them would have used is there for later visits.
    """
    spare = dict(left)
    kept = [[_use(own, visit, spare) for own, *_ in visit.people] for visit in visits]
    return [_use_others(visit, used, spare) for visit, used in zip(visits, kept, strict=True)]


def _use(permit: PersonFacts, visit: PartyBooked, spare: dict[int, int]) -> PersonFacts | None:
    """Take a visit of a permit, unless it does not serve."""
    permit = replace(permit, visits_left=spare.get(permit.permit_id))
    if _reasons_against(permit, day=visit.day, kind=visit.kind):
        return None
    if permit.visits_left is not None:
        spare[permit.permit_id] -= 1
    return permit


def _use_others(
    visit: PartyBooked, kept: Sequence[PersonFacts | None], spare: dict[int, int]
) -> tuple[PersonFacts, ...]:
    """Take a visit of another permit of those whose own does not serve."""
    chosen, used = [], [permit for permit in kept if permit]
    for (own, *others), mine in zip(visit.people, kept, strict=True):
        counted = [replace(permit, visits_left=spare.get(permit.permit_id)) for permit in others]
        best = each_person_once(counted, day=visit.day, kind=visit.kind) if mine is None else ()
        other = _use(best[0], visit, spare) if best else None
        if other is not None:
            used.append(other)
        chosen.append(mine or other or replace(own, visits_left=spare.get(own.permit_id)))
    if len(used) < len(chosen):
        for permit in used:
            if permit.visits_left is not None:
                spare[permit.permit_id] += 1
    return tuple(chosen)
