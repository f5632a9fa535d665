"""Questions, every version of their answers, the words they are made of, and whether they helped."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from parloir.content.rules import DAILY_CEILING, Ease, Section


class Question(models.Model):
    """A question's place in the tree; what it says is in its versions."""

    slug = models.SlugField(max_length=60, unique=True)
    section = models.CharField(max_length=20)
    chapter = models.CharField(max_length=1)
    position = models.PositiveSmallIntegerField()
    related = ArrayField(models.SlugField(max_length=60), default=list)
    sources = ArrayField(models.CharField(max_length=10), default=list)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """The tree is read in one order."""

        ordering = ("section", "chapter", "position")
        constraints = (
            models.CheckConstraint(condition=Q(section__in=list(Section)), name="a_question_is_in_a_section"),
        )


class Version(models.Model):
    """What a question said in one language, from one day on; the current one is what people read."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="versions")
    language = models.CharField(max_length=5)
    number = models.PositiveIntegerField()
    is_current = models.BooleanField()
    from_files = models.BooleanField(default=True)
    title = models.CharField(max_length=160)
    keywords = models.TextField(blank=True)
    body = models.TextField()
    text = models.TextField()
    updated_on = models.DateField()
    written_at = models.DateTimeField()
    search = SearchVectorField()

    class Meta:
        """History is numbered, and one version of it is read."""

        constraints = (
            models.UniqueConstraint(fields=["question", "language", "number"], name="a_version_has_its_number"),
            models.UniqueConstraint(
                fields=["question", "language"], condition=Q(is_current=True), name="one_version_is_read"
            ),
        )
        indexes = (GinIndex(fields=["search"], name="versions_by_their_words", condition=Q(is_current=True)),)


class Word(models.Model):
    """A word that current versions use, without accents: what a misspelt one is compared with."""

    language = models.CharField(max_length=5)
    word = models.CharField(max_length=60)

    class Meta:
        """A word is kept once a language, and found by its resemblance."""

        constraints = (models.UniqueConstraint(fields=["language", "word"], name="a_word_is_kept_once"),)
        indexes = (GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="words_by_resemblance"),)


class Tally(models.Model):
    """How many found an answer helpful on one day: two numbers, and nobody."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="tallies")
    language = models.CharField(max_length=5)
    day = models.DateField()
    helped = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)

    class Meta:
        """One line a question, a language and a day; a flood fills it and counts no more."""

        constraints = (
            models.UniqueConstraint(fields=["question", "language", "day"], name="answers_are_counted_by_day"),
            models.CheckConstraint(
                condition=Q(helped__lte=DAILY_CEILING) & Q(missed__lte=DAILY_CEILING), name="a_flood_is_not_counted"
            ),
        )


class Opinion(models.Model):
    """What somebody wrote of the site: on which day and of which page, and nothing of who.

    ``page`` is the name of an address, never an address: it holds no reference and no id.
    """

    day = models.DateField()
    page = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=5)
    ease = models.CharField(max_length=10)
    words = models.TextField(blank=True)

    class Meta:
        """An opinion says how easy it was."""

        constraints = (
            models.CheckConstraint(condition=Q(ease__in=list(Ease)), name="an_opinion_says_how_easy_it_was"),
        )
        indexes = (models.Index(fields=["day"], name="opinions_by_day"),)
