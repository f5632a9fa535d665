"""What a closure or another size would touch, before it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from parloir.establishments.models import Establishment
from parloir.timetable.models import Slot
from parloir.timetable.public_holidays import is_public_holiday
from parloir.visits.models import Attendance, Hold, Visit
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Impact:
    """Whom a closure would touch.

    :ivar families: accounts that booked, and visits booked for a family without one.
    :ivar people: who would come, children included.
    :ivar being_booked: places that families hold at this moment.
    """

    visits: int
    families: int
    people: int
    being_booked: int


def impact_of_closing(
    *, wing_id: int, since: date, until: date, session_id: int | None = None, now: datetime
) -> Impact:
    """Count whom closing a wing, or one weekly session, on local days would touch; three statements."""
    slots = slots_closed_by(wing_id=wing_id, since=since, until=until, session_id=session_id, now=now)
    visits = Visit.objects.filter(slot__in=slots, status=VisitStatus.BOOKED)
    counts = visits.aggregate(
        n=Count("pk"),
        accounts=Count("booker", distinct=True),
        without=Count("pk", filter=Q(booker__isnull=True)),
    )
    return Impact(
        visits=counts["n"],
        families=counts["accounts"] + counts["without"],
        people=Attendance.objects.filter(visit__in=visits, live=True).count(),
        being_booked=Hold.objects.filter(slot__in=slots, held=True, expires_at__gt=now).count(),
    )


def slots_closed_by(
    *, wing_id: int, since: date, until: date, session_id: int | None = None, now: datetime
) -> Collection[int]:
    """Return the ids of the slots to come that a closure concerns."""
    slots = Slot.objects.filter(wing=wing_id, local_date__range=(since, until), starts_at__gt=now)
    if session_id is not None:
        slots = slots.filter(session=session_id)
    return list(slots.order_by("pk").values_list("pk", flat=True))


def slots_after(*, session_id: int, last_day: date, now: datetime) -> Collection[int]:
    """Return the ids of a session's slots to come after a local day."""
    slots = Slot.objects.filter(session=session_id, local_date__gt=last_day, starts_at__gt=now)
    return list(slots.order_by("pk").values_list("pk", flat=True))


def slots_on_public_holidays(*, wing_id: int, now: datetime) -> Collection[int]:
    """Return the ids of a wing's slots to come, made from its timetable, on public holidays where it is."""
    insee = Establishment.objects.values_list("insee", flat=True).get(wings=wing_id)
    slots = Slot.objects.filter(wing=wing_id, session__isnull=False, starts_at__gt=now).order_by("pk")
    return [pk for pk, day in slots.values_list("pk", "local_date") if is_public_holiday(day, insee=insee)]


def sold_slots_of_session(*, session_id: int, now: datetime) -> Collection[int]:
    """Return the ids of a session's slots to come in which places are taken, but for those set by hand."""
    slots = Slot.objects.filter(session=session_id, taken__gt=0, set_by_hand=False, starts_at__gt=now)
    return list(slots.order_by("pk").values_list("pk", flat=True))
