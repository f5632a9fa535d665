"""Take old visits out of the trips they belong to, so that those left do not lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.notifications.operations import rename_message
from parloir.visits.models import Visit

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


def free_of_busy_trips(visits: Collection[Visit]) -> list[Visit]:
    """Lock what is left of the trips of some locked visits; returns the visits whose whole trip is in hand.

    What another writer has in hand is not waited for: it may be waiting for one of these.
    """
    left = _left_of_trips_of(visits)
    locked = set(left.order_by("pk").select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True))
    busy = {trip_id for pk, trip_id in left.values_list("pk", "trip_id") if pk not in locked}
    return [visit for visit in visits if visit.trip_id not in busy]


def leave_trips(visits: Collection[Visit]) -> None:
    """Take these visits out of their trips; what is left of a trip goes by the name of its first visit.

    So does its confirmation, which is of those left too.
    """
    ids = [visit.pk for visit in visits]
    firsts: dict[int | None, int] = {}
    for pk, trip_id in _left_of_trips_of(visits).order_by("pk").values_list("pk", "trip_id"):
        firsts.setdefault(trip_id, pk)
    Visit.objects.filter(pk__in=ids).update(trip=None)
    for former, first in firsts.items():
        if former in ids:
            Visit.objects.filter(trip=former).update(trip=first)
            rename_message(f"visit-{former}-booked", f"visit-{first}-booked")


def _left_of_trips_of(visits: Collection[Visit]) -> QuerySet[Visit]:
    trips = {visit.trip_id for visit in visits if visit.trip_id is not None}
    return Visit.objects.filter(trip__in=trips).exclude(pk__in=[visit.pk for visit in visits])
