"""Read the questions: their tree, one answer, and what is looked for. All of it is public."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from textwrap import shorten
from typing import TYPE_CHECKING

from parloir.content.markdown import rendered
from parloir.content.models import Question, Version
from parloir.content.rules import Section
from parloir.content.sentences import CHAPTERS, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString
    from django_stubs_ext import StrPromise

LONGEST_SUMMARY = 155
"""In characters: what search engines show of a page."""


@dataclass(frozen=True)
class Leaf:
    """A question in the tree: what it asks and where it is answered."""

    slug: str
    section: Section
    chapter: str
    title: str

    @property
    def address(self) -> str:
        """Its page."""
        return f"/aide/{self.section}/{self.slug}/"


@dataclass(frozen=True)
class Chapter:
    """A lettered part of a section."""

    letter: str
    title: StrPromise
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Branch:
    """A section with its chapters; ``number`` is the leaflet's, none for the guides."""

    section: Section
    number: int | None
    title: StrPromise
    chapters: tuple[Chapter, ...]

    @property
    def address(self) -> str:
        """Its page."""
        return f"/aide/{self.section}/"


@dataclass(frozen=True)
class Answer:
    """One question with its answer, and what to read next."""

    leaf: Leaf
    branch: Branch
    chapter: Chapter
    html: SafeString
    summary: str
    updated_on: date
    sources: tuple[str, ...]
    following: Leaf | None
    related: tuple[Leaf, ...]

    @property
    def is_sourced(self) -> bool:
        """Whether something was read for it that is named: its day is then a day of checking, else one of writing."""
        return bool(self.sources) or 'href="http' in self.html


def tree(language: str) -> list[Branch]:
    """Return the sections with their questions, in one statement; a section without questions is left out."""
    by_section = {Section(name): tuple(group) for name, group in groupby(_leaves(language), key=attrgetter("section"))}
    return [_branch(section, by_section[section]) for section in Section if section in by_section]


def leaves_named(slugs: tuple[str, ...], language: str) -> list[Leaf]:
    """Return some questions of the tree, in the order of their names; those withdrawn are left out."""
    known = {leaf.slug: leaf for leaf in _leaves(language)}
    return [known[slug] for slug in slugs if slug in known]


def dated_leaves(language: str) -> list[tuple[Leaf, date]]:
    """Return every question with the day its answer was last checked, in one statement."""
    rows = _current(language).values_list(
        "question__slug", "question__section", "question__chapter", "title", "updated_on"
    )
    return [(Leaf(slug, Section(section), chapter, title), day) for slug, section, chapter, title, day in rows]


def branch_of(section: str, language: str) -> Branch:
    """Return one section.

    :raises Question.DoesNotExist: when there is no such section, or nothing in it.
    """
    for branch in tree(language):
        if branch.section == section:
            return branch
    raise Question.DoesNotExist(section)


def answer_to(section: str, slug: str, language: str) -> Answer:
    """Return a question of a section with its answer, in two statements.

    :raises Question.DoesNotExist: when there is no such question there.
    """
    version = (
        Version.objects.filter(question__slug=slug, question__section=section, language=language, is_current=True)
        .filter(question__withdrawn_at__isnull=True)
        .select_related("question")
        .only("body", "text", "updated_on", "question__related", "question__sources")
        .first()
    )
    if version is None:
        raise Question.DoesNotExist(slug)
    branches = tree(language)
    leaves = [leaf for branch in branches for chapter in branch.chapters for leaf in chapter.leaves]
    by_slug = {leaf.slug: leaf for leaf in leaves}
    leaf = by_slug[slug]
    branch = next(branch for branch in branches if branch.section == section)
    following = next(iter(leaves[leaves.index(leaf) + 1 :]), None)
    near = (by_slug[other] for other in version.question.related if other in by_slug)
    return Answer(
        leaf=leaf,
        branch=branch,
        chapter=next(chapter for chapter in branch.chapters if leaf in chapter.leaves),
        html=rendered(version.body),
        summary=shorten(version.text, LONGEST_SUMMARY, placeholder="…"),
        updated_on=version.updated_on,
        sources=tuple(version.question.sources),
        following=following,
        related=tuple(other for other in near if other != following),
    )


def _leaves(language: str) -> Iterator[Leaf]:
    rows = _current(language).values_list("question__slug", "question__section", "question__chapter", "title")
    return (Leaf(slug, Section(section), chapter, title) for slug, section, chapter, title in rows)


def _current(language: str) -> QuerySet[Version]:
    shown = Version.objects.filter(language=language, is_current=True, question__withdrawn_at__isnull=True)
    return shown.order_by("question__section", "question__chapter", "question__position")


def _branch(section: Section, leaves: tuple[Leaf, ...]) -> Branch:
    number = None if section == Section.GUIDES else list(Section).index(section) + 1
    chapters = tuple(
        Chapter(letter, CHAPTERS[section, letter], tuple(group))
        for letter, group in groupby(leaves, key=attrgetter("chapter"))
    )
    return Branch(section, number, SECTIONS[section], chapters)
