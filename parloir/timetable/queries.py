"""Read the timetable and its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.timetable.models import Session, Slot

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


def sessions_of(wing_id: int, *, on: date) -> QuerySet[Session]:
    """Return the weekly sessions of a wing that are in force on a day, in the order of the week."""
    return (
        Session.objects.filter(wing_id=wing_id, valid_from__lte=on)
        .exclude(valid_until__lt=on)
        .order_by("weekday", "starts_at", "kind")
    )


def slots_of(wing_id: int, *, first: date, last: date) -> QuerySet[Slot]:
    """Return the slots of a wing between two local days, both included, in their order.

    A slot whose capacity is 0 was withdrawn from the timetable after visits had been booked and cancelled.
    """
    return Slot.objects.filter(wing_id=wing_id, local_date__range=(first, last)).order_by("starts_at", "kind")


def fictional_rows_exist() -> bool:
    """Tell whether the demonstration's invented hours are in this database."""
    return Session.objects.filter(fictional=True).exists() or Slot.objects.filter(fictional=True).exists()
