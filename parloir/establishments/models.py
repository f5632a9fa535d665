"""Prisons, their wings, and what each wing decides about its visits."""

from __future__ import annotations

from dataclasses import fields
from datetime import time
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from parloir.establishments.rules import Consequence, OnlineBooking, Policy


class Establishment(models.Model):
    """One of the State's prisons, as the referential file states it."""

    slug = models.SlugField(max_length=80, unique=True)
    abbreviation = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)
    direction = models.CharField(max_length=40)
    online_booking = models.CharField(max_length=20, default=OnlineBooking.OPEN)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=10, blank=True)
    postal_city = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    insee = models.CharField(max_length=5, blank=True)
    time_zone = models.CharField(max_length=40)
    phone = models.CharField(max_length=20, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    position_is = models.CharField(max_length=20, blank=True)
    capacity = models.PositiveIntegerField(null=True)
    detainees = models.PositiveIntegerField(null=True)

    class Meta:
        """Names are how people look for a prison."""

        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(online_booking__in=list(OnlineBooking)), name="establishment_says_whether_it_books_online"
            ),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which all the times of this prison are read."""
        return ZoneInfo(self.time_zone)


class Wing(models.Model):
    """A part of an establishment with its own regime, days and rules."""

    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="wings")
    code = models.CharField(max_length=20)

    class Meta:
        """A wing's code is unique in its prison."""

        ordering = ("establishment_id", "code")
        constraints = (
            models.UniqueConstraint(fields=["establishment", "code"], name="a_wing_code_is_unique_in_its_prison"),
        )


def _default_weekdays() -> list[int]:
    return list(Policy.visit_weekdays)


def _default_offer_minutes() -> list[int]:
    return list(Policy.offer_minutes)


class BookingPolicy(models.Model):
    """The :class:`~parloir.establishments.rules.Policy` of one wing: the same fields, the same defaults."""

    wing = models.OneToOneField(Wing, on_delete=models.CASCADE, related_name="policy")
    opens_days_before = models.PositiveSmallIntegerField(default=Policy.opens_days_before)
    opens_days_before_staff = models.PositiveSmallIntegerField(default=Policy.opens_days_before_staff)
    opens_at = models.TimeField(default=time(8))
    closes_hours_before_online = models.PositiveSmallIntegerField(default=Policy.closes_hours_before_online)
    closes_hours_before_kiosk = models.PositiveSmallIntegerField(default=Policy.closes_hours_before_kiosk)
    closes_hours_before_telephone = models.PositiveSmallIntegerField(default=Policy.closes_hours_before_telephone)
    closes_hours_before_staff = models.PositiveSmallIntegerField(default=Policy.closes_hours_before_staff)
    change_hours_before_online = models.PositiveSmallIntegerField(default=Policy.change_hours_before_online)
    refund_hours_before = models.PositiveSmallIntegerField(default=Policy.refund_hours_before)
    weekly_maximum_prevenu = models.PositiveSmallIntegerField(null=True, default=Policy.weekly_maximum_prevenu)
    weekly_maximum_condamne = models.PositiveSmallIntegerField(null=True, default=Policy.weekly_maximum_condamne)
    daily_maximum_detainee = models.PositiveSmallIntegerField(default=Policy.daily_maximum_detainee)
    daily_maximum_visitor = models.PositiveSmallIntegerField(default=Policy.daily_maximum_visitor)
    duration_minutes = models.PositiveSmallIntegerField(default=Policy.duration_minutes)
    attendees_maximum = models.PositiveSmallIntegerField(default=Policy.attendees_maximum)
    adults_maximum = models.PositiveSmallIntegerField(default=Policy.adults_maximum)
    infants_count = models.BooleanField(default=Policy.infants_count)
    visit_weekdays = ArrayField(models.PositiveSmallIntegerField(), default=_default_weekdays)
    sessions_per_day = models.PositiveSmallIntegerField(default=Policy.sessions_per_day)
    arrive_minutes_before = models.PositiveSmallIntegerField(default=Policy.arrive_minutes_before)
    lateness_tolerance_minutes = models.PositiveSmallIntegerField(default=Policy.lateness_tolerance_minutes)
    driving_licence_accepted = models.BooleanField(default=Policy.driving_licence_accepted)
    family_record_book_for_children = models.BooleanField(default=Policy.family_record_book_for_children)
    closed_on_public_holidays = models.BooleanField(default=Policy.closed_on_public_holidays)
    hold_minutes = models.PositiveSmallIntegerField(default=Policy.hold_minutes)
    hold_extensions = models.PositiveSmallIntegerField(default=Policy.hold_extensions)
    recent_visit_days = models.PositiveSmallIntegerField(default=Policy.recent_visit_days)
    offer_minutes = ArrayField(models.PositiveSmallIntegerField(), size=4, default=_default_offer_minutes)
    on_hospital = models.CharField(max_length=10, default=Policy.on_hospital)
    on_disciplinary = models.CharField(max_length=10, default=Policy.on_disciplinary)
    on_restriction = models.CharField(max_length=10, default=Policy.on_restriction)

    class Meta:
        """A policy that nobody could book under is a mistake, not a choice."""

        constraints = (
            models.CheckConstraint(condition=Q(attendees_maximum__gte=1), name="a_visit_has_room_for_someone"),
            models.CheckConstraint(
                condition=Q(adults_maximum__gte=1) & Q(adults_maximum__lte=F("attendees_maximum")),
                name="adults_are_among_the_attendees",
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes__gte=5) & Q(duration_minutes__lte=600),
                name="a_visit_lasts_five_minutes_to_ten_hours",
            ),
            models.CheckConstraint(
                condition=Q(hold_minutes__gte=1) & Q(hold_minutes__lte=60), name="a_place_is_held_a_minute_to_an_hour"
            ),
            models.CheckConstraint(
                condition=Q(on_hospital__in=list(Consequence))
                & Q(on_disciplinary__in=list(Consequence))
                & Q(on_restriction__in=list(Consequence)),
                name="a_hindered_visit_is_cancelled_or_reviewed",
            ),
            models.CheckConstraint(condition=Q(offer_minutes__len=4), name="an_offer_has_its_four_durations"),
        )

    def as_rules(self) -> Policy:
        """Return the policy as the pure rules read it."""
        values = {field.name: getattr(self, field.name) for field in fields(Policy)}
        return Policy(
            **{
                **values,
                "visit_weekdays": tuple(self.visit_weekdays),
                "offer_minutes": tuple(self.offer_minutes),
                "on_hospital": Consequence(self.on_hospital),
                "on_disciplinary": Consequence(self.on_disciplinary),
                "on_restriction": Consequence(self.on_restriction),
            }
        )


class InformationSheet(models.Model):
    """What only the prison itself knows of how it receives families. What is empty is shown as “Non renseigné”.

    Its managers write it, in French; ``checked_on`` is when they last read it all again.
    """

    establishment = models.OneToOneField(Establishment, on_delete=models.CASCADE, related_name="sheet")
    telephone_hours = models.TextField(blank=True)
    has_kiosk = models.BooleanField(null=True)
    kiosk_place = models.TextField(blank=True)
    public_transport = models.TextField(blank=True)
    court = models.TextField(blank=True)
    probation_service = models.TextField(blank=True)
    family_reception = models.TextField(blank=True)
    children = models.TextField(blank=True)
    linen = models.TextField(blank=True)
    objects_allowed = models.TextField(blank=True)
    accessibility = models.TextField(blank=True)
    activities = models.TextField(blank=True)
    history = models.TextField(blank=True)
    checked_on = models.DateField(null=True)


class Alert(models.Model):
    """Something that families must know at once, in one prison or, without one, everywhere.

    Texts are by language; French is always there. ``ends_at`` is the first instant at which it is no longer shown;
    null is until it is withdrawn. An alert is never erased: families have read it.
    """

    establishment = models.ForeignKey(Establishment, on_delete=models.CASCADE, null=True, related_name="alerts")
    texts = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """A text that nobody can read, or a time that never comes, is a mistake."""

        constraints = (
            models.CheckConstraint(condition=Q(texts__has_key="fr"), name="an_alert_is_written_in_french"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="an_alert_ends_after_it_starts"
            ),
        )
        indexes = (models.Index(fields=["starts_at"], name="alerts_to_show", condition=Q(withdrawn_at__isnull=True)),)
