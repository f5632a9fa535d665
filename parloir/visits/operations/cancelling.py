"""Cancel a visit at the family's wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from procrastinate.contrib.django import app

from parloir.journal.operations import Act, Actor, record
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.rules import CancelledBy, VisitStatus, reasons_to_refuse_cancelling, visit_is_given_back

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from parloir.people.models import Account


def cancel_visit(*, booker: Account, visit_id: int, now: datetime) -> Visit:
    """Cancel a visit that this account booked; its place is free at once. Cancelled already, nothing happens.

    Inside the policy's last hours a limited permit does not get its visit back.

    :raises VisitRefused: when it has begun, or is over.
    """
    with told_as_reasons(), transaction.atomic():
        visit = (
            Visit.objects.select_related("slot__wing__policy")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=visit_id, booker=booker)
        )
        if visit.status == VisitStatus.CANCELLED and visit.cancelled_by == CancelledBy.FAMILY:
            return visit
        starts_at = visit.slot.starts_at
        refusals = reasons_to_refuse_cancelling(
            starts_at=starts_at, now=now, is_booked=visit.status == VisitStatus.BOOKED
        )
        if refusals:
            raise VisitRefused(refusals)
        given_back = visit_is_given_back(starts_at=starts_at, policy=visit.slot.wing.policy.as_rules(), now=now)
        end_visits({visit: ""}, by=CancelledBy.FAMILY, give_back=given_back, actor=Actor("account", booker.pk), now=now)
    return visit


def end_visits(causes: dict[Visit, str], *, by: CancelledBy, give_back: bool, actor: Actor, now: datetime) -> None:
    """Cancel locked visits, each with its cause: places freed, families told, one journal line each.

    ``give_back`` returns the visit to limited permits. Runs inside the caller's transaction.
    """
    visits = sorted(causes, key=lambda visit: visit.pk)
    for visit in visits:
        visit.status, visit.cancelled_by = VisitStatus.CANCELLED, by
        visit.cancelled_at, visit.cancel_cause = now, causes[visit]
    Visit.objects.bulk_update(visits, ["status", "cancelled_by", "cancelled_at", "cancel_cause"])
    gone = Attendance.objects.filter(visit__in=visits)
    gone.update(live=False, debits=False) if give_back else gone.update(live=False)
    for visit in visits:
        app.configure_task("visits.tell_cancelled", lock=f"visit-{visit.pk}").defer(visit_id=visit.pk)
    acts = [
        Act("visit.cancelled", "visit", v.pk, {"by": by, "cause": causes[v], "given_back": int(give_back)})
        for v in visits
    ]
    record(actor=actor, acts=acts, at=now)
    free_places([visit.slot_id for visit in visits])


def free_places(slot_ids: Collection[int]) -> None:
    """Give back one place for each id, in the order of slots: what is freed can be sold at once."""
    for slot_id in sorted(slot_ids):
        Slot.objects.filter(pk=slot_id).update(taken=F("taken") - 1)
