"""The demand that found no place, as figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.permits.models import Registration
from parloir.visits.models import Draft, UnmetDemand

if TYPE_CHECKING:
    from datetime import date

    from parloir.establishments.models import Establishment
    from parloir.people.models import Account, Detainee

AT_MOST = 2000
"""Rows: a prison of ten wings, four categories and four sizes of party fills a year with fewer."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How many searches of a week (its Monday) found nothing, for one wing, penal category and party size."""

    week: date
    wing: str
    category: str
    party: int
    searches: int


def party_of(account: Account, detainee: Detainee) -> int:
    """Return how many people would come: those already chosen, or else those registered, up to what one visit takes."""
    drafts = Draft.objects.filter(account=account, detainee=detainee).values_list("permit_ids", flat=True)
    registered = Registration.objects.filter(account=account, permit__detainee=detainee)
    chosen = len(drafts.first() or ()) or registered.values("permit__visitor").distinct().count()
    return max(1, min(chosen, detainee.wing.policy.attendees_maximum))


def unmet_demand_of(establishment: Establishment, *, since: date, until: date) -> list[Demand]:
    """Return the searches of a prison that found nothing, in the weeks that begin between two days, both included.

    The latest weeks first, at most :data:`AT_MOST` rows. Small figures can point at somebody: whoever
    publishes them hides those.
    """
    rows = UnmetDemand.objects.filter(wing__establishment=establishment, week__range=(since, until))
    ordered = rows.order_by("-week", "wing__code", "category", "party")
    values = ordered.values_list("week", "wing__code", "category", "party", "searches")
    return [Demand(*row) for row in values[:AT_MOST]]
