"""What the journal keeps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Entry(models.Model):
    """One act: by what kind of actor, on what kind of thing, and when; never a name.

    Whom and what it is about stands beside it, in :class:`Link`, so that it can be forgotten while the entry stays as
    it was written. ``detail`` holds codes and numbers, never what names a row of a person.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=20)
    detail = models.JSONField(default=dict)

    class Meta:
        """The way entries are read as a whole."""

        indexes = (models.Index(fields=["at"], name="entries_in_order"),)


class Link(models.Model):
    """One identity of an entry: the id of who acted, of what was acted on, or of what else it was about.

    Deleted when what it names is forgotten: an anonymous visit, an erased account. ``at`` repeats the entry's, so that
    the entries of an account are found in order.
    """

    class Role(models.TextChoices):
        """What the entry says of whom it names."""

        ACTOR = "actor"
        SUBJECT = "subject"
        ABOUT = "about"

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="links")
    role = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    target_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """Found by whom it names; of one role known to the journal."""

        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=["actor", "subject", "about"]), name="journal_link_has_a_known_role"
            ),
        )
        indexes = (models.Index(fields=["kind", "target_id", "at"], name="links_of_an_identity"),)
