"""What waits for a human, with its owner and its deadline."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from parloir.review.rules import Cause, Closing, Told


class Entry(models.Model):
    """One thing to decide; it clears itself when its cause disappears.

    ``subject`` and ``owner`` are kinds and ids without foreign key; ``establishment_id`` is whose agents
    see it, None the national administrators alone. No name is kept.
    """

    cause = models.CharField(max_length=20)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    establishment_id = models.BigIntegerField(null=True)
    owner_kind = models.CharField(max_length=20, blank=True)
    owner_id = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField()
    deadline = models.DateTimeField()
    told = models.CharField(max_length=20, default=Told.NOTHING)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=15, blank=True)

    class Meta:
        """One open entry for a cause and a subject."""

        constraints = (
            models.CheckConstraint(condition=Q(cause__in=list(Cause)), name="review_has_a_known_cause"),
            models.CheckConstraint(condition=Q(told__in=list(Told)), name="review_says_what_was_told"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closing="") | Q(closed_at__isnull=False, closing__in=list(Closing)),
                name="only_a_closed_review_says_how",
            ),
            models.UniqueConstraint(
                fields=["cause", "subject_kind", "subject_id"],
                condition=Q(closed_at__isnull=True),
                name="one_open_review_per_cause_and_subject",
            ),
        )
        indexes = (
            models.Index(
                fields=["establishment_id", "deadline"], condition=Q(closed_at__isnull=True), name="open_reviews"
            ),
            models.Index(fields=["subject_kind", "subject_id"], name="reviews_of_a_subject"),
        )
