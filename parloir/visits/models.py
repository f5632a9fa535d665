"""Visits, who attends them, and what else takes or waits for a place: held places, the waiting list, offers."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from parloir.establishments.models import Wing
from parloir.establishments.rules import Channel
from parloir.people.models import Account, Detainee, Visitor
from parloir.people.rules import is_adult
from parloir.permits.models import Permit
from parloir.timetable.models import Slot
from parloir.visits.rules import LIVE_OFFERS, AllowanceKind, CancelledBy, OfferState, VisitStatus, WaitEnd


class Visit(models.Model):
    """One detained person, one slot, one to N attendees, one channel.

    ``during`` and ``local_date`` repeat the slot's so that the database itself can refuse a detained
    person twice at once and count a week without a join. ``week`` is the local Monday. ``version`` counts
    the changes, and ``change_key`` is the last one's submission; ``trip`` is the first visit of those booked
    in one go, itself included. ``sms_agreed_at`` is when an SMS about it was agreed to, if later than it was booked.
    Once ``anonymised_at`` it is nobody's, the detained person's neither: of those who came only how many is kept
    (``party``, of whom ``children``).
    """

    reference = models.CharField(max_length=11, unique=True)
    detainee = models.ForeignKey(Detainee, on_delete=models.PROTECT, null=True, related_name="visits")
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
    sms_agreed_at = models.DateTimeField(null=True)
    accessible = models.BooleanField(default=False)
    trip = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="companions")
    version = models.PositiveIntegerField(default=0)
    idempotency_key = models.CharField(max_length=64)
    change_key = models.CharField(max_length=64, blank=True)
    anonymised_at = models.DateTimeField(null=True)
    party = models.PositiveSmallIntegerField(null=True)
    children = models.PositiveSmallIntegerField(null=True)

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
            models.CheckConstraint(
                condition=Q(
                    anonymised_at__isnull=True, detainee__isnull=False, party__isnull=True, children__isnull=True
                )
                | Q(
                    anonymised_at__isnull=False,
                    detainee__isnull=True,
                    booker__isnull=True,
                    party__isnull=False,
                    children__isnull=False,
                ),
                name="an_anonymous_visit_is_figures_only",
            ),
            models.CheckConstraint(
                condition=Q(sms_agreed_at__isnull=True) | Q(sms_reminder=True), name="only_a_wanted_sms_was_agreed_to"
            ),
            models.UniqueConstraint(
                fields=["booker", "idempotency_key"], nulls_distinct=False, name="a_booking_is_sent_once"
            ),
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
            models.Index(fields=["local_date"], condition=Q(status=VisitStatus.BOOKED), name="booked_visits_by_day"),
            models.Index(fields=["local_date"], condition=Q(anonymised_at__isnull=True), name="visits_to_anonymise"),
        )

    @property
    def visited_id(self) -> int:
        """The detained person's id.

        :raises ValueError: once the visit is nobody's.
        """
        if self.detainee_id is None:
            raise ValueError("an anonymous visit is nobody's")
        return self.detainee_id

    @property
    def visited(self) -> Detainee:
        """The detained person.

        :raises ValueError: once the visit is nobody's.
        """
        if self.detainee is None:
            raise ValueError("an anonymous visit is nobody's")
        return self.detainee

    @property
    def told_detainee(self) -> str:
        """The detained person's name as the account for which the row was loaded may read it; see ``is_named``."""
        return self.visited.short_name if getattr(self, "is_named", False) else _("la personne de ce permis")

    @property
    def coming(self) -> list[Attendance]:
        """Who comes, of attendances loaded before; once it is cancelled, who would have come."""
        cancelled = self.status == VisitStatus.CANCELLED
        return [attendance for attendance in self.attendances.all() if attendance.live or cancelled]


class Attendance(models.Model):
    """One person's part in a visit.

    ``live`` follows the visit; ``debits`` says whether it uses one visit of a limited permit, and stays
    true when a family cancels too late to have it back. ``left_by_themselves``: their own account took them out.
    """

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="attendances")
    permit = models.ForeignKey(Permit, on_delete=models.PROTECT, related_name="attendances")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="attendances")
    during = DateTimeRangeField()
    live = models.BooleanField(default=True)
    debits = models.BooleanField(default=True)
    left_by_themselves = models.BooleanField(default=False)

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

    @property
    def told_name(self) -> str:
        """The visitor's name as the account for which the row was loaded may read it: a child's always.

        Of another adult who has not agreed, what was typed; see :attr:`parloir.permits.models.Permit.told_name`.
        """
        if getattr(self, "is_told", False) or not is_adult(self.visitor.birth_date, self.during.lower.date()):
            return self.visitor.short_name
        return getattr(self, "typed_name", "") or _("Un autre adulte")


class PastUse(models.Model):
    """How many visits of a limited permit were used by visits that are anonymous now: they stay used."""

    permit = models.OneToOneField(Permit, on_delete=models.CASCADE, related_name="past_use")
    visits = models.PositiveIntegerField()


class Allowance(models.Model):
    """An exception that an agent granted to a visit, or places kept beyond capacity: by whom, and why.

    ``reason`` is the agent's own words; it is for staff alone and is erased with the visit.
    """

    kind = models.CharField(max_length=15)
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="allowances")
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, null=True, related_name="allowances")
    places = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500)
    author_kind = models.CharField(max_length=20)
    author_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        """An exception without its reason is none."""

        constraints = (
            models.CheckConstraint(condition=Q(kind__in=list(AllowanceKind)), name="allowance_is_of_a_known_kind"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_allowance_says_why"),
        )


class Draft(models.Model):
    """A booking being made: one for an account and a detained person; what it holds is in :class:`Hold`.

    ``permit_ids`` are the people chosen so far; they are judged anew at each step, so they need no
    foreign key. ``replaces`` is the visit that the draft would change.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="drafts")
    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="drafts")
    replaces = models.ForeignKey(Visit, on_delete=models.CASCADE, null=True, related_name="drafts")
    permit_ids = ArrayField(models.BigIntegerField(), default=list)
    accessible = models.BooleanField(default=False)
    touched_at = models.DateTimeField()

    class Meta:
        """One at a time."""

        constraints = (
            models.UniqueConstraint(fields=["account", "detainee"], name="one_draft_per_account_and_detainee"),
        )


class Hold(models.Model):
    """A slot chosen in a draft. While ``held``, it counts in the slot's counter, expired or not.

    Past ``expires_at`` it is shown free, and the next writer, or the sweeper, gives the place back; the
    choice itself stays. ``accessible`` says that it also counts as an accessible cabin.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="holds")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="holds")
    held = models.BooleanField(default=True)
    accessible = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    extensions = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """A slot is chosen once in a draft."""

        constraints = (models.UniqueConstraint(fields=["draft", "slot"], name="a_slot_is_chosen_once_in_a_draft"),)
        indexes = (
            models.Index(fields=["slot"], condition=Q(held=True), name="held_places_of_a_slot"),
            models.Index(fields=["expires_at"], condition=Q(held=True), name="held_places_by_expiry"),
        )


class WaitingEntry(models.Model):
    """A family waiting for a place: who would come, and which days and hours suit them.

    Days and hours are the prison's own. ``wing`` is where the detained person was when it was last
    judged. ``active_from`` is the local day from which it counts; ``moved`` puts it first, after a
    transfer took the family's visits away.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="waiting_entries")
    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="waiting_entries")
    wing = models.ForeignKey(Wing, on_delete=models.PROTECT, related_name="+")
    permit_ids = ArrayField(models.BigIntegerField())
    first_day = models.DateField()
    last_day = models.DateField()
    weekdays = ArrayField(models.PositiveSmallIntegerField())
    earliest = models.TimeField()
    latest = models.TimeField()
    notice_hours = models.PositiveSmallIntegerField()
    accessible = models.BooleanField(default=False)
    moved = models.BooleanField(default=False)
    active_from = models.DateField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_cause = models.CharField(max_length=15, blank=True)

    class Meta:
        """A family waits once for a detained person."""

        constraints = (
            models.UniqueConstraint(
                fields=["account", "detainee"], condition=Q(ended_at__isnull=True), name="a_family_waits_once"
            ),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="waiting_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(latest__gte=F("earliest")), name="waiting_hours_are_in_order"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_cause="")
                | Q(ended_at__isnull=False, end_cause__in=list(WaitEnd)),
                name="only_an_ended_wait_says_why",
            ),
        )
        indexes = (
            models.Index(fields=["wing", "since"], condition=Q(ended_at__isnull=True), name="waiting_for_a_wing"),
        )

    @property
    def told_detainee(self) -> str:
        """The detained person's name as the account may read it; see :attr:`Visit.told_detainee`."""
        return self.detainee.short_name if getattr(self, "is_named", False) else _("la personne de ce permis")


class Offer(models.Model):
    """A place kept for families who wait: first for nobody yet (``reserved``), then for one of them alone.

    While ``reserved`` or ``open`` it counts in the slot's counter. Those ended are kept, so that a place
    that a family let go is not offered to it again.
    """

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="offers")
    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, null=True, related_name="offers")
    state = models.CharField(max_length=10, default=OfferState.RESERVED)
    accessible = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """One family, one offer at a time; an open offer is somebody's."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=list(OfferState)), name="offer_is_in_a_known_state"),
            models.CheckConstraint(
                condition=Q(state=OfferState.RESERVED, entry__isnull=True)
                | Q(state=OfferState.RELEASED)
                | Q(entry__isnull=False, state__in=[s for s in OfferState if s != OfferState.RESERVED]),
                name="only_a_reserved_place_is_nobodys",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(LIVE_OFFERS), ended_at__isnull=True)
                | (~Q(state__in=list(LIVE_OFFERS)) & Q(ended_at__isnull=False)),
                name="only_an_ended_offer_says_when",
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state=OfferState.OPEN), name="a_family_has_one_offer_at_a_time"
            ),
        )
        indexes = (
            models.Index(fields=["slot"], condition=Q(state__in=list(LIVE_OFFERS)), name="live_offers_of_a_slot"),
            models.Index(fields=["expires_at"], condition=Q(state__in=list(LIVE_OFFERS)), name="live_offers_by_expiry"),
        )


class OpeningAlert(models.Model):
    """A wish to be told when the slots of a local day open: everybody is told together, nobody first."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="opening_alerts")
    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="opening_alerts")
    day = models.DateField()
    asked_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        """Once for a family and a day."""

        constraints = (
            models.UniqueConstraint(fields=["account", "detainee", "day"], name="an_opening_is_asked_for_once"),
        )
        indexes = (models.Index(fields=["opens_at"], condition=Q(told_at__isnull=True), name="openings_to_be_told"),)


class Reminder(models.Model):
    """A reminder whose job was deferred: once for a visit and its slot, so a visit that moves has another."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="+")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="+")
    planned_at = models.DateTimeField()

    class Meta:
        """Once."""

        constraints = (models.UniqueConstraint(fields=["visit", "slot"], name="a_visit_is_reminded_of_once"),)


class WhyNot(models.Model):
    """A short code that lets an agent of one prison read why a family cannot book, for ten minutes."""

    code = models.CharField(max_length=7, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="+")
    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, null=True, related_name="+")
    permit_ids = ArrayField(models.BigIntegerField(), default=list)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class UnmetDemand(models.Model):
    """How many searches found nothing: figures alone, nobody's.

    ``week`` is the local Monday of the search; ``party`` how many people would have come.
    """

    wing = models.ForeignKey(Wing, on_delete=models.CASCADE, related_name="+")
    week = models.DateField()
    category = models.CharField(max_length=20)
    party = models.PositiveSmallIntegerField()
    searches = models.PositiveIntegerField(default=1)

    class Meta:
        """One row counts them all."""

        constraints = (
            models.UniqueConstraint(fields=["wing", "week", "category", "party"], name="unmet_demand_is_one_figure"),
        )
