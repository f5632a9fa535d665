"""Put off what is to be told of a visit: the one place that says in which order such messages leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from procrastinate.contrib.django import app

from parloir.visits.models import Visit
from parloir.visits.queries.mine import own_attendances
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def tell_again_in_full(*, account_id: int, confirmed_at: datetime, now: datetime) -> int:
    """Have an account told in full of each visit and trip to come that it booked or that its own person attends.

    Its address has just been confirmed: until then it read neither who comes nor where. Returns of how many.
    """
    attends = own_attendances(account_id).filter(visit=OuterRef("pk"), live=True)
    to_come = Visit.objects.filter(status=VisitStatus.BOOKED, during__startswith__gt=now)
    told = {visit.trip_id or visit.pk: visit for visit in to_come.filter(Q(booker=account_id) | Exists(attends))}
    for first_id in sorted(told):
        app.configure_task("visits.tell_in_full", lock=lock_of_messages(visit_id=first_id, trip_id=None)).defer(
            visit_id=first_id, account_id=account_id, confirmed_at=confirmed_at.isoformat()
        )
    return len(told)


def tell(task: str, visit: Visit, **about: int) -> None:
    """Have a job tell of a visit, after all that was put off before about it or its trip.

    Runs inside the caller's transaction.
    """
    lock = lock_of_messages(visit_id=visit.pk, trip_id=visit.trip_id)
    app.configure_task(task, lock=lock).defer(visit_id=visit.pk, **about)


def lock_of_messages(*, visit_id: int, trip_id: int | None) -> str:
    """Return the lock under which all that is told of a visit, or of the trip it belongs to, is told in order."""
    return f"visit-{trip_id or visit_id}"
