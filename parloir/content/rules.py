"""The tree of the help pages, and what may be cited in it. No Django here."""

from __future__ import annotations

from enum import StrEnum


class Section(StrEnum):
    """The four sections of the questions and the practical guides, in their order; values are their addresses."""

    ESTABLISHMENTS = "etablissements"
    PERMITS = "permis"
    VISITS = "visites"
    PORTAL = "portail"
    GUIDES = "guides"


CHAPTERS: dict[Section, str] = {
    Section.ESTABLISHMENTS: "ABCDE",
    Section.PERMITS: "ABC",
    Section.VISITS: "ABCDE",
    Section.PORTAL: "ABCD",
    Section.GUIDES: "A",
}
"""The letters of each section's chapters; ``sentences.py`` says their titles."""

LANGUAGES = ("fr", "en")
"""The languages that every question is written in."""

STEMMING = {"fr": "parloir_fr", "en": "parloir_en"}
"""How the database reads each language's words: the text search configurations that a migration makes."""

ARTICLES = frozenset(
    {"L341-2", "L341-3", "L341-4", "R341-1", "R341-3", "R341-4", "R341-5", "R341-6", "R341-12", "R341-13", "R341-14"}
)
"""The articles of the *code pénitentiaire* that were read at their source: no other may be cited."""

DAILY_CEILING = 1000
"""How many answers « utile ? » of each kind are counted for one question, language and day."""


def language_for(language: str) -> str:
    """Return the language in which a reader of ``language`` is told the questions: French where there is no other."""
    return language if language in LANGUAGES else LANGUAGES[0]


class Ease(StrEnum):
    """How easy somebody found it."""

    EASY = "easy"
    FAIR = "fair"
    HARD = "hard"
    FAILED = "failed"


LONGEST_OPINION = 1000
OPINIONS_A_DAY = 5_000
"""A flood fills the day and is kept no more."""
