"""The languages that people read and are written to; ``docs/languages.md`` says how to add one.

``settings.LANGUAGES`` lists the screens' languages. A code like ``fr-x-facile`` is a manner of French: a sentence
that it does not say otherwise is said in French, and messages follow the language that it is a manner of.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language

PLAIN = "fr-x-facile"
"""« Langage simplifié »: short sentences and drawings on the main journey. Not FALC, which its readers must review."""

UNREVIEWED = frozenset({"ar"})
"""Languages that no speaker has read over yet: every page says so, and leads to the same page in French."""


def current() -> str:
    """Return the language of this page, a manner of a language being told as that language."""
    return spoken(get_language() or settings.LANGUAGE_CODE)


def spoken(language: str) -> str:
    """Return the language that a code is a manner of: ``fr`` for ``fr-x-facile``."""
    return language.partition("-")[0]


def of_messages() -> list[tuple[str, str]]:
    """Return the languages that messages are written in, each with its name for itself."""
    return [(code, name) for code, name in settings.LANGUAGES if code == spoken(code)]
