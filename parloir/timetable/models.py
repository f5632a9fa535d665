"""The weekly rule of visits and the dated slots made from it."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from parloir.establishments.models import Wing
from parloir.establishments.rules import VisitKind


class _DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class Session(models.Model):
    """One weekly session of a wing: capacity is counted in visits (cabins or tables).

    ``accessible_capacity`` of these cabins can be reached in a wheelchair.
    Times are local to the prison. ``valid_until`` is the last day included; null is for ever.
    ``fictional`` marks the demonstration's plausible hours, which are nobody's real ones.
    """

    wing = models.ForeignKey(Wing, on_delete=models.CASCADE, related_name="sessions")
    kind = models.CharField(max_length=20, default=VisitKind.ORDINARY)
    weekday = models.PositiveSmallIntegerField()
    starts_at = models.TimeField()
    duration_minutes = models.PositiveSmallIntegerField()
    capacity = models.PositiveSmallIntegerField()
    accessible_capacity = models.PositiveSmallIntegerField(default=0)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    fictional = models.BooleanField(default=False)

    class Meta:
        """A session happens once a week, at one time, in one place."""

        constraints = (
            models.CheckConstraint(condition=Q(weekday__gte=1) & Q(weekday__lte=7), name="session_is_on_a_weekday"),
            models.CheckConstraint(condition=Q(kind__in=list(VisitKind)), name="session_is_of_a_known_kind"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="session_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(accessible_capacity__lte=F("capacity")), name="accessible_cabins_are_among_the_cabins"
            ),
            ExclusionConstraint(
                name="a_session_is_not_listed_twice",
                expressions=[
                    ("wing", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("weekday", RangeOperators.EQUAL),
                    ("starts_at", RangeOperators.EQUAL),
                    (_DateRange(F("valid_from"), F("valid_until"), Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        )


class Closure(models.Model):
    """Days on which a wing, or one of its weekly sessions, receives nobody; both ends are included, local.

    ``reopened_at`` ends it: a closure is never erased, since families were told of it.
    """

    wing = models.ForeignKey(Wing, on_delete=models.CASCADE, related_name="closures")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, related_name="closures")
    since = models.DateField()
    until = models.DateField()
    closed_at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        """Days in order, and how they are looked up."""

        constraints = (models.CheckConstraint(condition=Q(until__gte=F("since")), name="closure_ends_after_it_begins"),)
        indexes = (models.Index(fields=["wing", "until"], name="closures_of_a_wing"),)


class Slot(models.Model):
    """A dated session with its counters, in visits. Only ``visits.operations`` changes them once sold.

    ``taken`` counts visits, held places and offers; ``accessible_taken`` those of them that need an
    accessible cabin. ``overbooked`` is how many places beyond capacity were allowed, each with a reason.
    ``set_by_hand`` is a slot whose places somebody decided: it keeps them as long as its session happens.
    """

    wing = models.ForeignKey(Wing, on_delete=models.PROTECT, related_name="slots")
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, related_name="slots")
    kind = models.CharField(max_length=20, default=VisitKind.ORDINARY)
    local_date = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    overbooked = models.PositiveSmallIntegerField(default=0)
    accessible_capacity = models.PositiveSmallIntegerField(default=0)
    accessible_taken = models.PositiveSmallIntegerField(default=0)
    set_by_hand = models.BooleanField(default=False, db_default=False)
    fictional = models.BooleanField(default=False)

    class Meta:
        """A place that does not exist cannot be sold."""

        constraints = (
            models.UniqueConstraint(fields=["wing", "kind", "starts_at"], name="one_slot_per_wing_kind_and_start"),
            # Told as "full", so it says nothing else: that no counter is below zero is its column's own check.
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity") + F("overbooked")), name="a_slot_is_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(accessible_taken__gte=0) & Q(accessible_taken__lte=F("accessible_capacity")),
                name="an_accessible_cabin_is_never_oversold",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_slot_ends_after_it_starts"),
        )
        indexes = (models.Index(fields=["wing", "local_date"], name="slots_of_a_wing_by_day"),)
