"""Which questions a sentence is near to, by the ways in which families ask them (``asked_as``). No Django.

A sentence is compared with every way of asking by itself, titles and keywords among them: by the pieces of its words,
its words, and its things, whatever was the word for them. What few ways of asking hold weighs more, and of a question's
ways the nearest alone counts: a long list is no advantage. Words that say nothing to the search of the answers count
here: « où est-il » and « quand sort-il » differ by little else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from parloir.content.documents import read_questions
from parloir.content.searching import concepts_in, singular, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from parloir.content.documents import Text

PIECE = 4
"""The letters of a piece of a word, the blanks around it included: « annul » is seen in « annulation »."""

A_WORDS_PIECES, A_WORD, A_THING = 1.0, 0.5, 2.0
"""What the pieces of a word weigh together, the word itself, and a thing that has several words."""

LEAST = 0.2
"""Under this nearness, two sentences share no more than chance."""

Marks = dict[str, float]


@dataclass(frozen=True)
class Askings:
    """A language's ways of asking: whose each is, what each mark is worth, and which hold it, by how much."""

    slugs: tuple[str, ...]
    worth: Mapping[str, float]
    holders: Mapping[str, tuple[tuple[int, float], ...]]


def nearness(words: list[str], language: str) -> dict[str, float]:
    """Return the questions that folded words are near to, from :data:`LEAST` to 1: the same sentence."""
    return nearness_in(askings(language), words, language)


@lru_cache
def askings(language: str) -> Askings:
    """Read a language's ways of asking, once: a quarter of a second."""
    return compared([(fact.slug, fact.texts[language]) for fact in read_questions()], language)


def compared(texts: Iterable[tuple[str, Text]], language: str) -> Askings:
    """Return the ways of asking of texts, ready to be compared with a sentence."""
    asked = [(slug, words_of(way)) for slug, text in texts for way in (text.title, *text.keywords, *text.asked_as)]
    marks = [_marks(words, language) for _slug, words in asked]
    held = Counter(mark for each in marks for mark in each)
    worth = {mark: math.log(1 + len(asked) / count) for mark, count in held.items()}
    holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, each in enumerate(marks):
        weighed = _weighed(each, worth)
        for mark, value in weighed.items():
            holders[mark].append((number, value / _length(weighed)))
    slugs = tuple(slug for slug, _words in asked)
    return Askings(slugs, worth, {mark: tuple(numbers) for mark, numbers in holders.items()})


def nearness_in(known: Askings, words: Sequence[str], language: str) -> dict[str, float]:
    """Return the same among given ways of asking."""
    weighed = _weighed(_marks(words, language), known.worth)
    length = _length(weighed)
    alike: dict[int, float] = defaultdict(float)
    for mark, value in weighed.items():
        for number, held in known.holders[mark]:
            alike[number] += value * held / length
    near: dict[str, float] = {}
    for number, value in alike.items():
        slug = known.slugs[number]
        if value >= max(LEAST, near.get(slug, 0.0)):
            near[slug] = value
    return near


def _marks(words: Sequence[str], language: str) -> Marks:
    """Return what a sentence is known by, and what each mark weighs in it."""
    marks: Marks = defaultdict(float)
    for word in map(singular, words):
        padded = f" {word} "
        pieces = [padded[start : start + PIECE] for start in range(max(1, len(padded) - PIECE + 1))]
        marks[f"word:{word}"] += A_WORD
        for piece in pieces:
            marks[piece] += A_WORDS_PIECES / math.sqrt(len(pieces))
    for concept in concepts_in(list(words), language):
        if concept.is_known:
            marks[f"thing:{min(concept.typed, *concept.same)}"] += A_THING
    return marks


def _weighed(marks: Marks, worth: Mapping[str, float]) -> Marks:
    return {mark: value * worth[mark] for mark, value in marks.items() if mark in worth}


def _length(marks: Marks) -> float:
    return math.sqrt(sum(value * value for value in marks.values()))
