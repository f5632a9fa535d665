"""Permits, their registration in accounts, and the attempts at it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from parloir.people.models import Account, Detainee, Visitor
from parloir.permits.rules import Authority, Holding, PermitStatus, Relationship, Standing


class Permit(models.Model):
    """One visitor's leave to visit one detained person, as the register tells it.

    ``closed_at`` is set by the detained person's release: closed until a newer permit line.
    """

    number = models.CharField(max_length=100, unique=True)
    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="permits")
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="permits")
    status = models.CharField(max_length=10)
    suspended_until = models.DateField(null=True)
    issued_by = models.CharField(max_length=20)
    relationship = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    visits_allowed = models.PositiveIntegerField(null=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), null=True)
    separated = models.BooleanField()
    alone_from_16 = models.BooleanField()
    closed_at = models.DateTimeField(null=True)
    line_at = models.DateTimeField()
    line_digest = models.CharField(max_length=32)

    class Meta:
        """The register's words, and no other."""

        constraints = (
            models.CheckConstraint(condition=Q(status__in=list(PermitStatus)), name="permit_has_a_known_status"),
            models.CheckConstraint(condition=Q(issued_by__in=list(Authority)), name="permit_has_a_known_authority"),
            models.CheckConstraint(
                condition=Q(relationship__in=list(Relationship)), name="permit_states_a_relationship"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="permit_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(suspended_until__isnull=True) | Q(status=PermitStatus.SUSPENDED),
                name="only_a_suspended_permit_says_until_when",
            ),
            models.CheckConstraint(
                condition=Q(visits_allowed__isnull=True) | Q(visits_allowed__gte=1),
                name="a_limited_permit_allows_a_visit",
            ),
        )

    @property
    def standing(self) -> Standing:
        """What decides of its state."""
        return Standing(
            status=PermitStatus(self.status),
            suspended_until=self.suspended_until,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            closed=self.closed_at is not None,
        )

    @property
    def told_name(self) -> str:
        """The holder's name as the account for which the row was loaded may read it.

        A query that knows who reads says so by ``is_told`` and ``typed_name``: of another adult who has not agreed,
        what was typed; without them, nothing.
        """
        if getattr(self, "is_told", False):
            return self.visitor.short_name
        return getattr(self, "typed_name", "") or _("Un autre adulte")


class Registration(models.Model):
    """A permit registered in an account: its own, a child's, or another adult's.

    ``warned_until`` is the last day of the permit that the account was warned of; a later one is another warning.
    ``agreed_at`` is when another adult said that they agree: until then the account reads of them what it typed,
    ``typed_name``, and nothing that the register says.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="registrations")
    permit = models.ForeignKey(Permit, on_delete=models.CASCADE, related_name="registrations")
    holding = models.CharField(max_length=10)
    registered_at = models.DateTimeField()
    warned_until = models.DateField(null=True)
    agreed_at = models.DateTimeField(null=True)
    typed_name = models.CharField(max_length=210, blank=True)

    class Meta:
        """Once per account."""

        constraints = (
            models.UniqueConstraint(fields=["account", "permit"], name="a_permit_is_registered_once_per_account"),
            models.CheckConstraint(condition=Q(holding__in=list(Holding)), name="registration_says_whose_permit_it_is"),
        )

    @property
    def is_told(self) -> bool:
        """Whether the account may read what the register says of this permit; of another adult's, once they agree."""
        return self.holding != Holding.ADULT or self.agreed_at is not None


class Barred(models.Model):
    """An account that may no longer register any permit of a person, who, or staff, took one out of it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """Once per account and person."""

        constraints = (
            models.UniqueConstraint(fields=["account", "visitor"], name="an_account_is_barred_once_per_person"),
        )


class Attempt(models.Model):
    """A try at registering a permit, counted before any data is read.

    ``address`` is the mark of the network address, ``network`` that of the IPv6 network around it, ``pair`` that of the
    identity and the number typed together: they can be counted, not read back. ``unheard`` counts the tries that were
    not heard since.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=64)
    network = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    failed = models.BooleanField(default=True)
    pair = models.CharField(max_length=64, blank=True)
    unheard = models.PositiveIntegerField(default=0)

    class Meta:
        """The four counts that limit attempts."""

        indexes = (
            models.Index(fields=["account", "at"], name="attempts_of_an_account"),
            models.Index(fields=["address", "at"], name="attempts_from_an_address"),
            models.Index(fields=["network", "at"], name="attempts_from_a_network"),
            models.Index(fields=["pair", "at"], name="attempts_at_a_permit"),
        )
