"""Put off what is to be told of a visit: the one place that says in which order such messages leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procrastinate.contrib.django import app

if TYPE_CHECKING:
    from parloir.visits.models import Visit


def tell(task: str, visit: Visit, **about: int) -> None:
    """Have a job tell of a visit, after all that was put off before about it or its trip.

    Runs inside the caller's transaction.
    """
    lock = lock_of_messages(visit_id=visit.pk, trip_id=visit.trip_id)
    app.configure_task(task, lock=lock).defer(visit_id=visit.pk, **about)


def lock_of_messages(*, visit_id: int, trip_id: int | None) -> str:
    """Return the lock under which all that is told of a visit, or of the trip it belongs to, is told in order."""
    return f"visit-{trip_id or visit_id}"
