"""Who could come to what a family wants: nothing is held where nobody could, and who usually comes is chosen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Subquery

from parloir.establishments.rules import Channel
from parloir.permits.models import Permit
from parloir.permits.queries import permit_is_told
from parloir.permits.rules import Holding
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations.loading import PeopleAsked
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.queries.drafts import held_by_permit
from parloir.visits.queries.facts import booking_facts, slot_facts, usage_around
from parloir.visits.rules import (
    Refusal,
    VisitStatus,
    monday_of,
    of_the_days,
    reasons_nobody_could_come,
    reasons_to_refuse_holding,
    reasons_to_refuse_party,
    reasons_to_refuse_person,
    reasons_to_refuse_slot,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.timetable.models import Slot
    from parloir.visits.models import Draft, Hold
    from parloir.visits.rules import BookingFacts, PersonFacts


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everybody whom an account may bring to a detained person.

    ``came`` are the visitors of the visit that this one is like: the one that it would change (``is_change``), else the
    last that the account booked; ``cabin`` says that it was in an accessible one.
    """

    people: PeopleAsked
    came: frozenset[int]
    cabin: bool
    is_change: bool

    @property
    def usual(self) -> frozenset[int]:
        """The visitors to begin with: those who came, else the booker alone."""
        registered = {permit.visitor_id for permit in self.people.permits}
        return (self.came & registered) or (frozenset() if self.is_change else self.people.own)


def candidates_of(account: Account, detainee: Detainee, *, replaces: Visit | None) -> Candidates:
    """Return those whom an account has registered for a detained person, in one statement."""
    last = Visit.objects.filter(booker=account, detainee=detainee).exclude(status=VisitStatus.CANCELLED)
    like = Visit.objects.filter(pk=replaces.pk) if replaces else last.order_by("-booked_at", "-pk")
    came = Attendance.objects.filter(visit=Subquery(like.values("pk")[:1]), live=True)
    registered = Permit.objects.filter(detainee=detainee, registrations__account=account).annotate(
        holding=F("registrations__holding"),
        is_told=permit_is_told(),
        came=ArraySubquery(came.values("visitor")),
        cabin=Subquery(like.values("accessible")[:1]),
    )
    permits: list[Any] = list(registered.select_related("visitor").order_by("visitor_id", "pk"))
    own = frozenset(permit.visitor_id for permit in permits if permit.holding == Holding.OWN)
    return Candidates(
        people=PeopleAsked(permits=tuple(permits), own=own, unregistered=0, twice=()),
        came=frozenset(visitor for permit in permits for visitor in permit.came),
        cabin=any(permit.cabin for permit in permits),
        is_change=replaces is not None,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Slots wanted together, that somebody could come to.

    ``able`` is a permit of each who may, by visitor; ``too_often`` says, by permit, for whom too many places are held.
    """

    slots: tuple[BookingFacts, ...]
    candidates: Candidates
    able: Mapping[int, int]
    too_often: Mapping[int, Refusal]

    def first_chosen(self) -> list[int]:
        """Return whose permits a draft begins with: those who usually come and may, or the only one who may."""
        if len(self.able) == 1 and not self.candidates.is_change:
            return list(self.able.values())
        return sorted(permit for visitor, permit in self.able.items() if visitor in self.candidates.usual)

    def has_cabins(self) -> bool:
        """Whether an accessible cabin is left in each slot."""
        return all(facts.slot.accessible_free > 0 for facts in self.slots)

    def against_holding_for(self, permit_ids: Collection[int]) -> list[Refusal]:
        """Return for whom of those named by these permits too many places would be held."""
        visitors = self._named(permit_ids)
        people = (person for person in self.slots[0].people if person.visitor_id in visitors)
        return [self.too_often[person.permit_id] for person in people if person.permit_id in self.too_often]

    def is_settled(self, permit_ids: Collection[int], *, are_known: bool) -> bool:
        """Tell whether nothing is left to ask of who comes: they may, together, and no choice is theirs to make.

        That is when they were chosen before (``are_known``), when they come to the visit that changes, or when nobody
        else may.
        """
        visitors = self._named(permit_ids)
        keeps = visitors == self.candidates.came if self.candidates.is_change else len(self.able) == 1
        if not visitors or not (are_known or keeps) or not visitors <= self.able.keys():
            return False
        return not any(
            reasons_to_refuse_party(replace(facts, people=tuple(p for p in facts.people if p.visitor_id in visitors)))
            for facts in self.slots
        )

    def _named(self, permit_ids: Collection[int]) -> set[int]:
        return {permit.visitor_id for permit in self.candidates.people.permits if permit.pk in permit_ids}


def judge_wanted(
    detainee: Detainee,
    slots: Sequence[Slot],
    *,
    draft: Draft,
    candidates: Candidates,
    held: Mapping[int, Hold],
    now: datetime,
) -> Wanted:
    """Judge slots wanted together, the earlier ones of the same trip counted, and who could come to them.

    :raises VisitRefused: with the reasons of every slot, and those for which nobody could come, each once, and its day
        if not all have it.
    """
    judged = list(_judged(detainee, slots, draft=draft, candidates=candidates, held=held, now=now))
    against = [(facts.slot.local_date, refusal) for facts in judged for refusal in reasons_to_refuse_slot(facts)]
    refusals = [*of_the_days(against, days=len(slots)), *reasons_nobody_could_come(judged)]
    if refusals:
        raise VisitRefused(refusals)
    too_often = _held_too_often(judged[0].people, draft=draft, more=len(slots), now=now)
    alone = [p for p in judged[0].people if not reasons_nobody_could_come([_with(facts, p) for facts in judged])]
    if all(person.permit_id in too_often for person in alone):
        raise VisitRefused([too_often[person.permit_id] for person in alone])
    may = {p.visitor_id for p in judged[0].people if p.permit_id not in too_often and _may_come(judged, p)}
    able = {p.visitor_id: p.pk for p in reversed(candidates.people.permits) if p.visitor_id in may}
    return Wanted(tuple(judged), candidates, able, too_often)


def _judged(
    detainee: Detainee,
    slots: Sequence[Slot],
    *,
    draft: Draft,
    candidates: Candidates,
    held: Mapping[int, Hold],
    now: datetime,
) -> Sequence[BookingFacts]:
    """Return what decides on each slot, everybody who could come being there."""
    weeks, days, spent = Counter[date](), Counter[date](), Counter[int]()
    judged = []
    for slot in slots:
        but = draft.replaces_id or 0
        permits = candidates.people.permits
        usage = usage_around(slot, detainee_id=detainee.pk, permits=permits, but_visit_id=but, now=now)
        week = monday_of(slot.local_date)
        usage = replace(usage, week=usage.week + weeks[week], day=usage.day + days[slot.local_date])
        weeks[week] += 1
        days[slot.local_date] += 1
        hold = held.get(slot.pk)
        own = int(hold is not None and hold.expires_at > now)
        place = slot_facts(slot, usage, own=own, own_accessible=own * int(hold is not None and hold.accessible))
        people = candidates.people.by_best_permit(place, usage, spent=spent)
        spent.update(person.permit_id for person in people)
        judged.append(
            booking_facts(
                detainee,
                place,
                usage=usage,
                people=people,
                booker=draft.account,
                channel=Channel.ONLINE,
                now=now,
            )
        )
    return judged


def _with(facts: BookingFacts, person: PersonFacts) -> BookingFacts:
    return replace(facts, people=tuple(other for other in facts.people if other.visitor_id == person.visitor_id))


def _may_come(slots: Sequence[BookingFacts], person: PersonFacts) -> bool:
    """Tell whether somebody may come to every slot, with somebody else if they need to."""
    theirs = [(facts, them) for facts in slots for them in facts.people if them.visitor_id == person.visitor_id]
    return not any(reasons_to_refuse_person(facts, them) for facts, them in theirs)


def _held_too_often(people: Collection[PersonFacts], *, draft: Draft, more: int, now: datetime) -> dict[int, Refusal]:
    """Return for whom, by permit, more places are held already than may be."""
    held = held_by_permit([person.permit_id for person in people], but_draft_id=draft.pk or 0, now=now)
    refusals = reasons_to_refuse_holding(held_by_account=0, held_by_permit=held, more=more)
    return {refusal.permit_id: refusal for refusal in refusals if refusal.permit_id}
