"""What the journal keeps."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One act: who did what to what, and when. Never a name: only kinds, ids and codes."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        """The ways an entry is looked up."""

        indexes = (
            models.Index(fields=["subject_kind", "subject_id", "at"], name="entries_of_a_subject"),
            models.Index(fields=["at"], name="entries_in_order"),
            models.Index(
                fields=["actor_id", "at"], condition=models.Q(actor_kind="account"), name="entries_by_an_account"
            ),
        )
