"""Read the timetable and its slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.establishments.rules import VisitKind
from parloir.timetable.models import Closure, Session, Slot
from parloir.timetable.rules import WeekLine, week_lines

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, time

    from django.db.models import QuerySet


def sessions_of(wing_id: int, *, on: date) -> QuerySet[Session]:
    """Return the weekly sessions of a wing that are in force on a day, in the order of the week."""
    return (
        Session.objects.filter(wing_id=wing_id, valid_from__lte=on)
        .exclude(valid_until__lt=on)
        .order_by("weekday", "starts_at", "kind")
    )


def week_of(wing_ids: Collection[int], *, on: date) -> dict[int, list[WeekLine]]:
    """Return the visiting hours of wings as they are on a day, by wing: ordinary visits only."""
    by_wing: dict[int, list[tuple[int, time, bool]]] = {}
    rows = Session.objects.filter(wing__in=wing_ids, kind=VisitKind.ORDINARY, valid_from__lte=on)
    for row in rows.exclude(valid_until__lt=on):
        by_wing.setdefault(row.wing_id, []).append((row.weekday, row.starts_at, row.fictional))
    return {wing_id: week_lines(sessions) for wing_id, sessions in by_wing.items()}


def closures_to_come(wing_ids: Collection[int], *, since: date, most: int = 20) -> list[Closure]:
    """Return the next closures of wings that still hold on a day or after it, the soonest first."""
    rows = Closure.objects.filter(wing__in=wing_ids, until__gte=since, reopened_at__isnull=True)
    return list(rows.select_related("session").order_by("since", "wing_id")[:most])


def slots_of(wing_id: int, *, first: date, last: date) -> QuerySet[Slot]:
    """Return the slots of a wing between two local days, both included, in their order.

    A slot whose capacity is 0 was withdrawn from the timetable after visits had been booked and cancelled.
    """
    return Slot.objects.filter(wing_id=wing_id, local_date__range=(first, last)).order_by("starts_at", "kind")


def fictional_rows_exist() -> bool:
    """Tell whether the demonstration's invented hours are in this database."""
    return Session.objects.filter(fictional=True).exists() or Slot.objects.filter(fictional=True).exists()
