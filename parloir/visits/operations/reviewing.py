"""Decide on visits that wait for a human, or let the time decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from parloir.foundation.one_by_one import one_by_one
from parloir.journal.operations import SERVICE, Act, record
from parloir.review.operations import clear_reviews, close_overdue, decide_reviews, open_review
from parloir.review.queries import overdue_subject_ids, what_waits
from parloir.review.rules import Cause, Subject, Told, deadline_for
from parloir.visits.models import Visit
from parloir.visits.operations.cancelling import end_visits
from parloir.visits.operations.ending import judge_again
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.reviewed import CAUSES, subject_of, tell_kept
from parloir.visits.rules import REVIEWED, CancelledBy, Code, Refusal, VisitStatus, reasons_to_refuse_cancelling

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.journal.operations import Actor

_AT_ONCE = 200
"""How many overdue entries one sweep decides; the next minute goes on."""


def keep_reviewed_visit(*, visit_id: int, actor: Actor, now: datetime) -> Visit:
    """Keep a visit that waited, whatever stands in its way; its family is told that it is confirmed.

    The decision stands until the register tells of something new.

    :raises VisitRefused: when it has begun, is no longer booked, or waits for nothing.
    :raises Visit.DoesNotExist: when there is none.
    """
    with told_as_reasons(), transaction.atomic():
        visit = _waiting_visit(visit_id, now=now)
        decide_reviews(subjects=[subject_of(visit)], actor=actor, now=now)
        record(actor=actor, acts=[Act("visit.kept", "visit", visit.pk)], at=now)
        tell_kept(visit)
    return visit


def cancel_reviewed_visit(*, visit_id: int, actor: Actor, now: datetime) -> Visit:
    """Cancel a visit that waited, because somebody in the prison has decided so.

    :raises VisitRefused: when it has begun, is no longer booked, or waits for nothing.
    :raises Visit.DoesNotExist: when there is none.
    """
    with told_as_reasons(), transaction.atomic():
        visit = _waiting_visit(visit_id, now=now)
        cause = _cause_of(visit)
        end_visits({visit: cause}, by=CancelledBy.STAFF, give_back=True, actor=actor, now=now)
    return visit


def decide_overdue_reviews(*, now: datetime) -> int:
    """Cancel the visits on which nobody decided in time, and return how many; each is a transaction of its own.

    One whose cause has passed meanwhile is confirmed instead.

    :raises ExceptionGroup: when some could not be decided; the others are.
    """
    overdue = overdue_subject_ids(subject_kind="visit", causes=CAUSES, now=now)
    return one_by_one(overdue[:_AT_ONCE], lambda visit_id: _decide_overdue(visit_id, now=now))


@transaction.atomic
def close_calls_past_use(*, now: datetime) -> int:
    """Close what asked to call a family about a visit whose hour has come, and return how many."""
    late = overdue_subject_ids(subject_kind="visit", causes=[Cause.NOBODY_TOLD], now=now)
    begun = Visit.objects.filter(pk__in=late[:_AT_ONCE], during__startswith__lte=now).values_list("pk", flat=True)
    subjects = [Subject("visit", pk) for pk in begun]
    return len(clear_reviews(subjects=subjects, causes=[Cause.NOBODY_TOLD], now=now))


@transaction.atomic
def note_that_nobody_was_told(*, visit_id: int, now: datetime) -> None:
    """Ask the prison to call a family that no message about a cancellation could reach; once, and not too late."""
    visit = Visit.objects.select_related("slot__wing").filter(pk=visit_id, status=VisitStatus.CANCELLED).first()
    if visit is None or now >= visit.slot.starts_at:
        return
    already = what_waits(subject_kind="visit", subject_ids=[visit.pk], causes=[Cause.NOBODY_TOLD])
    if already:
        return
    open_review(
        cause=Cause.NOBODY_TOLD,
        subject=subject_of(visit),
        establishment_id=visit.slot.wing.establishment_id,
        deadline=deadline_for(now=now, latest=visit.slot.starts_at),
        told=Told.NOTHING,
        now=now,
    )


def _decide_overdue(visit_id: int, *, now: datetime) -> bool:
    detainee_id = Visit.objects.filter(pk=visit_id).values_list("detainee_id", flat=True).first()
    if detainee_id is not None:
        # A transaction of its own: places that it frees come last in the order of locks.
        judge_again(detainee_ids=[detainee_id], now=now)
    with transaction.atomic():
        visit = _booked_visits(now=now).filter(pk=visit_id).first()
        if visit is None:
            # It began, ended meanwhile, or is no longer there: nothing is left to decide.
            clear_reviews(subjects=[Subject("visit", visit_id)], causes=CAUSES, now=now)
            return False
        if not _waits(visit):
            return False
        cause = _cause_of(visit)
        close_overdue(subject=subject_of(visit), now=now)
        end_visits({visit: cause}, by=CancelledBy.SERVICE, give_back=True, actor=SERVICE, now=now)
    return True


def _booked_visits(*, now: datetime) -> QuerySet[Visit]:
    return (
        Visit.objects.select_related("slot")
        .select_for_update(of=("self",), no_key=True)
        .filter(status=VisitStatus.BOOKED, during__startswith__gt=now)
    )


def _waiting_visit(visit_id: int, *, now: datetime) -> Visit:
    """Lock a visit that waits.

    :raises VisitRefused: when it no longer does.
    """
    visit = Visit.objects.select_related("slot").select_for_update(of=("self",), no_key=True).get(pk=visit_id)
    is_booked = visit.status == VisitStatus.BOOKED
    refusals = reasons_to_refuse_cancelling(starts_at=visit.slot.starts_at, now=now, is_booked=is_booked)
    if not refusals and not _waits(visit):
        refusals = [Refusal(Code.NOT_UNDER_REVIEW)]
    if refusals:
        raise VisitRefused(refusals)
    return visit


def _waits(visit: Visit) -> bool:
    return bool(what_waits(subject_kind="visit", subject_ids=[visit.pk], causes=CAUSES))


def _cause_of(visit: Visit) -> str:
    """Return the code of what the visit waits for, the most pressing first."""
    waiting = what_waits(subject_kind="visit", subject_ids=[visit.pk], causes=CAUSES)
    codes = {cause: code for code, cause in REVIEWED.items()}
    return str(codes[waiting[0].cause])
