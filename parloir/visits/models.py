"""A visit and who attends it."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from parloir.establishments.rules import Channel
from parloir.people.models import Account, Detainee, Visitor
from parloir.permits.models import Permit
from parloir.timetable.models import Slot
from parloir.visits.rules import CancelledBy, VisitStatus


class Visit(models.Model):
    """One detained person, one slot, one to N attendees, one channel.

    ``during`` and ``local_date`` repeat the slot's so that the database itself can refuse a detained
    person twice at once and count a week without a join. ``week`` is the local Monday.
    """

    reference = models.CharField(max_length=11, unique=True)
    detainee = models.ForeignKey(Detainee, on_delete=models.PROTECT, related_name="visits")
    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="visits")
    booker = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, related_name="visits")
    channel = models.CharField(max_length=10)
    status = models.CharField(max_length=10, default=VisitStatus.BOOKED)
    during = DateTimeRangeField()
    local_date = models.DateField()
    week = models.DateField()
    booked_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    cancel_cause = models.CharField(max_length=40, blank=True)
    sms_reminder = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=64)

    class Meta:
        """What can never be, whoever writes."""

        constraints = (
            models.CheckConstraint(condition=Q(status__in=list(VisitStatus)), name="visit_has_a_known_status"),
            models.CheckConstraint(condition=Q(channel__in=list(Channel)), name="visit_came_through_a_known_channel"),
            models.CheckConstraint(
                condition=Q(
                    status=VisitStatus.CANCELLED, cancelled_at__isnull=False, cancelled_by__in=list(CancelledBy)
                )
                | (~Q(status=VisitStatus.CANCELLED) & Q(cancelled_at__isnull=True, cancelled_by="", cancel_cause="")),
                name="only_a_cancelled_visit_says_by_whom",
            ),
            models.UniqueConstraint(fields=["booker", "idempotency_key"], name="a_booking_is_sent_once"),
            ExclusionConstraint(
                name="a_detainee_is_not_visited_twice_at_once",
                expressions=[("detainee", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=~Q(status=VisitStatus.CANCELLED),
            ),
        )
        indexes = (
            models.Index(fields=["detainee", "week"], name="visits_of_a_detainee_by_week"),
            models.Index(fields=["slot"], condition=~Q(status=VisitStatus.CANCELLED), name="live_visits_of_a_slot"),
            models.Index(fields=["booker", "-local_date"], name="visits_of_a_booker"),
        )


class Attendance(models.Model):
    """One person's part in a visit.

    ``live`` follows the visit; ``debits`` says whether it uses one visit of a limited permit, and stays
    true when a family cancels too late to have it back.
    """

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="attendances")
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="attendances")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="attendances")
    during = DateTimeRangeField()
    live = models.BooleanField(default=True)
    debits = models.BooleanField(default=True)

    class Meta:
        """What can never be, whoever writes."""

        constraints = (
            models.UniqueConstraint(fields=["visit", "permit"], name="a_permit_attends_a_visit_once"),
            ExclusionConstraint(
                name="a_visitor_is_not_twice_at_once",
                expressions=[("visitor", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(live=True),
            ),
        )
