"""Who may come to a slot, each with what stands in the way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel
from parloir.people.rules import ALONE_AGE, has_age, is_adult, latest_birth_date
from parloir.permits.rules import Holding
from parloir.visits.queries.facts import booking_facts, people_facts, slot_facts, usage_around
from parloir.visits.queries.mine import permits_for
from parloir.visits.rules import (
    Refusal,
    reasons_to_refuse,
    reasons_to_refuse_person,
    reasons_to_refuse_slot,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.permits.models import Permit
    from parloir.timetable.models import Slot


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """One registered person: adult or child that day, and why they cannot come if they cannot.

    ``permit`` is the one that serves them best that day; ``permit_ids`` are all of theirs, by any of which they
    are known.
    """

    permit: Permit
    permit_ids: frozenset[int]
    is_own: bool
    is_adult: bool
    refusals: tuple[Refusal, ...]

    def is_among(self, permit_ids: Collection[int]) -> bool:
        """Whether one of these permits names them."""
        return not self.permit_ids.isdisjoint(permit_ids)


@dataclass(frozen=True, slots=True)
class Party:
    """The people registered for a detained person and a slot, judged; and the party chosen among them.

    ``permits`` are all that the account has registered for that detained person, whomever each serves best.
    """

    people: tuple[PersonChoice, ...]
    slot_refusals: tuple[Refusal, ...]
    refusals: tuple[Refusal, ...]
    permits: tuple[Permit, ...] = ()


def may_book(account: Account, detainee: Detainee, *, now: datetime) -> bool:
    """Tell whether an account is old enough to book for a detained person, now or within the open days.

    A minor books only if their own permit lets them come alone from 16.
    """
    wing = detainee.wing
    last = now.astimezone(wing.establishment.zone).date() + timedelta(days=wing.policy.opens_days_before)
    if is_adult(latest_birth_date(account.birth_date), last):
        return True
    own = permits_for(account, detainee).filter(registrations__holding=Holding.OWN, alone_from_16=True)
    return any(has_age(permit.visitor.birth_date, ALONE_AGE, last) for permit in own)


def party_for(
    account: Account,
    detainee: Detainee,
    slot: Slot,
    *,
    chosen: Collection[int] = (),
    keeps_place: bool = False,
    but_visit_id: int = 0,
    keeps: Collection[int] = (),
    now: datetime,
) -> Party:
    """Judge every registered person for a slot, and those chosen together, as booking will.

    ``keeps_place`` says that a place is held there already; ``but_visit_id`` is a visit to be changed, and
    ``keeps`` the permits by which people come to it.
    """
    permits = {permit.pk: permit for permit in permits_for(account, detainee)}
    usage = usage_around(slot, detainee_id=detainee.pk, permits=permits.values(), but_visit_id=but_visit_id, now=now)
    place = slot_facts(slot, usage, own=int(keeps_place), own_accessible=int(keeps_place))
    own = {permit.visitor_id for permit in permits.values() if permit.mine[0].holding == Holding.OWN}  # type: ignore[attr-defined]
    theirs: dict[int, set[int]] = defaultdict(set)
    for permit in permits.values():
        theirs[permit.visitor_id].add(permit.pk)
    persons = people_facts(permits.values(), place, usage, own=own, keeps=keeps)
    facts = booking_facts(
        detainee,
        place,
        usage=usage,
        people=tuple(p for p in persons if not theirs[permits[p.permit_id].visitor_id].isdisjoint(chosen)),
        unregistered=len(set(chosen) - permits.keys()),
        booker=account,
        channel=Channel.ONLINE,
        now=now,
    )
    people = tuple(
        PersonChoice(
            permit=(permit := permits[person.permit_id]),
            permit_ids=frozenset(theirs[permit.visitor_id]),
            is_own=person.is_booker,
            is_adult=is_adult(person.birth_date, slot.local_date),
            refusals=tuple(reasons_to_refuse_person(facts, person)),
        )
        for person in persons
    )
    return Party(people, tuple(reasons_to_refuse_slot(facts)), tuple(reasons_to_refuse(facts)), tuple(permits.values()))
