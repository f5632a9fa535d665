"""What every writer reads first, under the detained person's lock: the first of the order of locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef

from parloir.permits.models import Permit, Registration
from parloir.permits.queries import permit_is_told
from parloir.permits.rules import Holding
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.queries.facts import NO_USAGE, detainees_with_restrictions, people_facts
from parloir.visits.rules import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.visits.operations.booking import Party
    from parloir.visits.queries.facts import Usage
    from parloir.visits.rules import PersonFacts, SlotFacts


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """Those who would come, with every permit that may serve each of them, loaded with its visitor.

    ``own`` are the visitors who are the booker; ``unregistered`` counts the permits asked for that are not there
    to be used, and ``twice`` are those that name somebody asked for already.
    """

    permits: tuple[Permit, ...]
    own: frozenset[int]
    unregistered: int
    twice: tuple[int, ...]

    def by_best_permit(
        self, slot: SlotFacts, usage: Usage = NO_USAGE, *, keeps: Collection[int] = (), spent: Mapping[int, int] = {}
    ) -> tuple[PersonFacts, ...]:
        """Return each of them once, by the permit that serves them best in a slot.

        ``keeps`` are permits with which they come already, ``spent`` the visits promised beside, by permit.
        """
        return people_facts(self.permits, slot, usage, own=self.own, keeps=keeps, spent=spent)

    def permits_of(self, people: Collection[PersonFacts]) -> list[Permit]:
        """Return the permits by which these people come."""
        chosen = {person.permit_id for person in people}
        return [permit for permit in self.permits if permit.pk in chosen]


def locked_detainee(detainee_id: int, *, now: datetime, of: Account | None = None) -> Detainee:
    """Lock a detained person, with all that the rules need; of an account that has registered a permit, if named.

    :raises VisitRefused: when there is none, as for a page that is no longer true.
    """
    chosen = (
        detainees_with_restrictions(since=now.date() - timedelta(days=1))
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=detainee_id)
    )
    if of is not None:
        chosen = chosen.filter(Exists(Registration.objects.filter(account=of, permit__detainee=OuterRef("pk"))))
    detainee = chosen.first()
    if detainee is None:
        raise VisitRefused([Refusal(Code.TRY_AGAIN)])
    return detainee


def people_asked_for(detainee: Detainee, permit_ids: Collection[int], *, party: Party) -> PeopleAsked:
    """Return the people whom these permits of a detained person name: of a relative, only those registered.

    A person is known by any of their permits: one that was renewed since serves too.
    """
    permits = Permit.objects.filter(detainee=detainee)
    if party.agent is None:
        permits = permits.filter(registrations__account=party.booker).annotate(
            holding=F("registrations__holding"), is_told=permit_is_told()
        )
    named = permits.filter(pk__in=permit_ids).values("visitor")
    found = list(permits.filter(visitor__in=named).select_related("visitor").order_by("visitor_id", "pk"))
    asked = [permit for permit in found if permit.pk in permit_ids]
    first = {permit.visitor_id: permit.pk for permit in reversed(asked)}
    return PeopleAsked(
        permits=tuple(found),
        own=frozenset(permit.visitor_id for permit in found if getattr(permit, "holding", "") == Holding.OWN),
        unregistered=len(set(permit_ids)) - len(asked),
        twice=tuple(permit.pk for permit in asked if first[permit.visitor_id] != permit.pk),
    )
