"""People the service knows: relatives with an account, visitors named on permits, detained persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from parloir.establishments.models import Wing
from parloir.establishments.rules import PenalCategory
from parloir.people.rules import PartOfDay, Presence, Reconciliation, RestrictionKind, SuitingTimes, short_name

if TYPE_CHECKING:
    from datetime import datetime


class Account(models.Model):
    """A relative's personal space, keyed by the identity provider's (issuer, sub).

    ``language`` is that of messages: the screen's at the last sign-in, until the person chooses one
    (``language_chosen``).
    ``folded_name`` is the birth name as it is compared, however it is written (:func:`~parloir.people.queries.sought`).
    ``reconciliation`` says whether another space has the same civil status, and what the person answered.
    ``erased_at`` is set between an erasure and its end, while the last messages leave: nothing of the civil
    status is left then, and ``sub`` is a mark that only the same identity finds again.
    ``suiting_weekdays`` (1 is Monday; none are all) and ``suiting_part`` are the times that a
    calendar proposes first.
    """

    issuer = models.CharField(max_length=200)
    sub = models.CharField(max_length=255)
    birth_name = models.CharField(max_length=100)
    folded_name = models.CharField(max_length=100, blank=True, default="", db_default="")
    use_name = models.CharField(max_length=100, blank=True)
    first_names = ArrayField(models.CharField(max_length=100))
    birth_date = models.CharField(max_length=10)
    language = models.CharField(max_length=5, default="fr")
    language_chosen = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    reconciliation = models.CharField(max_length=10, blank=True)
    erased_at = models.DateTimeField(null=True)
    suiting_weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, db_default=[])
    suiting_part = models.CharField(max_length=10, blank=True, default="", db_default="")

    class Meta:
        """One space per identity."""

        constraints = (
            models.UniqueConstraint(fields=["issuer", "sub"], name="one_account_per_identity"),
            models.CheckConstraint(
                condition=Q(reconciliation__in=list(Reconciliation)), name="account_is_reconciled_in_a_known_way"
            ),
            models.CheckConstraint(
                condition=Q(suiting_part__in=list(PartOfDay)), name="account_suiting_part_is_a_part_of_the_day"
            ),
            models.CheckConstraint(
                condition=Q(suiting_weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]),
                name="account_suiting_weekdays_are_days_of_a_week",
            ),
        )
        indexes = (
            models.Index(fields=["folded_name"], name="accounts_by_folded_name"),
            models.Index(fields=["birth_date"], name="accounts_by_birth_date"),
            models.Index(fields=["erased_at"], condition=Q(erased_at__isnull=False), name="accounts_to_forget"),
        )

    @property
    def short_name(self) -> str:
        """The person's name as screens show it to those who may read it."""
        return short_name(first_names=self.first_names, birth_name=self.birth_name, use_name=self.use_name)

    @property
    def suiting(self) -> SuitingTimes:
        """The times that suit this person best."""
        return SuitingTimes(frozenset(self.suiting_weekdays), PartOfDay(self.suiting_part))


class SignIn(models.Model):
    """One opened session: what its cookie names, and the id_token that closes it at FranceConnect.

    ``proven_at`` is when the person last proved who they are because we asked them to, at FranceConnect's own form
    and not by its open session; None when we did not ask.
    """

    key = models.CharField(max_length=43, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_ins")
    id_token = models.BinaryField()
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    proven_at = models.DateTimeField(null=True)


class Device(models.Model):
    """A browser in which a person has signed in. ``mark`` cannot be read back, nor compared between accounts."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices")
    mark = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        """Known once."""

        constraints = (models.UniqueConstraint(fields=["account", "mark"], name="a_device_is_known_once"),)


class Visitor(models.Model):
    """The person named on permits, under the register's stable key."""

    register_id = models.CharField(max_length=100, unique=True)
    birth_name = models.CharField(max_length=100)
    use_name = models.CharField(max_length=100, blank=True)
    first_names = ArrayField(models.CharField(max_length=100))
    birth_date = models.DateField()

    @property
    def short_name(self) -> str:
        """The person's name as screens show it to those who may read it."""
        return short_name(first_names=self.first_names, birth_name=self.birth_name, use_name=self.use_name)


class Detainee(models.Model):
    """A detained person as the register tells it, with the clocks of the lines that told it.

    ``line_*`` is the clock of detainee lines, ``movement_*`` of movements; ``transferred_at`` is the
    ``at`` of the last accepted transfer, ``released_at`` that of the last release: it is kept after a
    new committal, because it closes the permits told before it. ``disclose_from`` is the local date from
    which families may learn of the present wing, :data:`~parloir.people.rules.NO_END` for never; until then
    nothing shows it to them.
    """

    committal_number = models.CharField(max_length=100, unique=True)
    birth_name = models.CharField(max_length=100)
    use_name = models.CharField(max_length=100, blank=True)
    first_names = ArrayField(models.CharField(max_length=100))
    birth_date = models.DateField()
    category = models.CharField(max_length=20)
    wing = models.ForeignKey(Wing, on_delete=models.PROTECT, related_name="+")
    presence = models.CharField(max_length=15, default=Presence.PRESENT)
    disclose_from = models.DateField(null=True)
    line_at = models.DateTimeField()
    line_digest = models.CharField(max_length=32)
    movement_at = models.DateTimeField(null=True)
    movement_digest = models.CharField(max_length=32, blank=True)
    transferred_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        """The register's words, and no other."""

        constraints = (
            models.CheckConstraint(condition=Q(category__in=list(PenalCategory)), name="detainee_has_a_penal_category"),
            models.CheckConstraint(condition=Q(presence__in=list(Presence)), name="detainee_is_somewhere_known"),
        )

    @property
    def told_name(self) -> str:
        """The name as the account for which the row was loaded may read it.

        A query that knows who reads says so by ``is_named``; without it nobody is named.
        """
        return self.short_name if getattr(self, "is_named", False) else _("la personne de ce permis")

    def is_disclosed(self, *, now: datetime) -> bool:
        """Whether families may learn of the present wing: from a local day of its prison on."""
        return self.disclose_from is None or now.astimezone(self.wing.establishment.zone).date() >= self.disclose_from

    @property
    def short_name(self) -> str:
        """The person's name as screens show it to those who may read it."""
        return short_name(first_names=self.first_names, birth_name=self.birth_name, use_name=self.use_name)


class FormerNumber(models.Model):
    """A committal number that a transfer replaced: an alias for lines older than the change.

    Once replaced a number is free: another person may hold it later, and lose it in turn.
    """

    committal_number = models.CharField(max_length=100)
    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="former_numbers")
    replaced_at = models.DateTimeField()

    class Meta:
        """At one moment a number stops naming one person."""

        constraints = (
            models.UniqueConstraint(
                fields=["committal_number", "replaced_at"], name="a_number_is_replaced_once_at_a_time"
            ),
        )


class Restriction(models.Model):
    """A period in which a detained person receives no visit; both ends are included, local to the prison.

    ``until`` is :data:`~parloir.people.rules.NO_END` for one without end.

    A restriction whose ``until`` precedes its ``since`` forbids nothing: it lifts, or forbids in
    advance, an older line of the same key.
    """

    detainee = models.ForeignKey(Detainee, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(max_length=20)
    since = models.DateField()
    until = models.DateField()
    line_at = models.DateTimeField()
    line_digest = models.CharField(max_length=32)

    class Meta:
        """The register's key of a restriction."""

        constraints = (
            models.UniqueConstraint(fields=["detainee", "kind", "since"], name="one_restriction_per_kind_and_start"),
            models.CheckConstraint(condition=Q(kind__in=list(RestrictionKind)), name="restriction_is_of_a_known_kind"),
        )
