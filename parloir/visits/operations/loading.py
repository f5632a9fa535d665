"""What every writer reads first, under the detained person's lock: the first of the order of locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef

from parloir.permits.models import Permit, Registration
from parloir.permits.rules import Holding
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.queries.facts import detainees_with_restrictions
from parloir.visits.rules import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from parloir.people.models import Account, Detainee
    from parloir.visits.operations.booking import Party


@dataclass(frozen=True, slots=True)
class PermitAsked:
    """A permit that would come, loaded with its visitor; ``is_own`` is the booker's."""

    row: Permit
    is_own: bool


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


def permits_asked_for(detainee: Detainee, permit_ids: Collection[int], *, party: Party) -> list[PermitAsked]:
    """Return the permits that exist for this detained person, by visitor: of a relative, only those registered."""
    permits = Permit.objects.filter(pk__in=permit_ids, detainee=detainee).select_related("visitor")
    if party.agent is not None:
        return [PermitAsked(permit, is_own=False) for permit in permits.order_by("visitor_id", "pk")]
    mine = permits.filter(registrations__account=party.booker).annotate(holding=F("registrations__holding"))
    return [
        PermitAsked(permit, is_own=permit.holding == Holding.OWN)  # type: ignore[attr-defined, unused-ignore]
        for permit in mine.order_by("visitor_id", "pk")
    ]
