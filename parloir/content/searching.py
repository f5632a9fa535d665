"""What a family's words look for: folded, without those that say nothing, with those that say the same. No Django."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LONGEST_QUERY = 200
MOST_CONCEPTS = 10
LONGEST_PHRASE = 4
AS_TYPED, SAME_MEANING, MISSPELT = 1.0, 0.95, 0.6
"""What a word counts when it is the one typed, another for the same thing, or the likeliest one meant."""

FAINT = 0.15
"""What a word is worth that says who or when rather than what: « ma belle-mère », « samedi », « 5 »."""

_WORDS = re.compile(r"[a-z0-9]+")
_FILES = Path(__file__).parent / "words"
_SHORT = 4


@dataclass(frozen=True)
class Concept:
    """One thing that is looked for: the words typed, then those that mean the same."""

    typed: str
    same: tuple[str, ...] = ()
    is_known: bool = False
    weight: float = 1.0


@dataclass(frozen=True)
class Vocabulary:
    """A language's words that say nothing, those that say little, and its groups of words that say the same."""

    silent: frozenset[str]
    faint: frozenset[str]
    groups: dict[str, tuple[str, ...]]


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters without accents."""
    decomposed = unicodedata.normalize(
        "NFKD", text.casefold().replace("œ", "oe").replace("n°", "numero ").replace("1er", "premier")
    )
    return _WORDS.findall("".join(char for char in decomposed if not unicodedata.combining(char)))


def concepts_of(query: str, language: str) -> list[Concept]:
    """Return what a query looks for, at most :data:`MOST_CONCEPTS` things, in the order typed."""
    return concepts_in(words_of(query[:LONGEST_QUERY]), language)


def concepts_in(words: list[str], language: str) -> list[Concept]:
    """Return what folded words look for, at most :data:`MOST_CONCEPTS` things, in their order."""
    known = vocabulary(language)
    found: list[Concept] = []
    while words and len(found) < MOST_CONCEPTS:
        length, concept = _first(words, known)
        if concept and concept.typed not in {other.typed for other in found}:
            found.append(concept)
        words = words[length:]
    return found


def same_as(word: str, language: str) -> tuple[str, ...]:
    """Return the other words for the same thing."""
    return tuple(other for other in vocabulary(language).groups.get(singular(word), ()) if other != word)


@lru_cache
def vocabulary(language: str) -> Vocabulary:
    """Read a language's words, once."""
    document = tomllib.loads((_FILES / f"{language}.toml").read_text(encoding="utf-8"))
    groups: dict[str, tuple[str, ...]] = {}
    for group in document["same"]:
        members = tuple(form for member in group for form in _both_numbers(" ".join(words_of(member))))
        for member in members:
            key = singular(member)
            groups[key] = tuple(dict.fromkeys((*groups.get(key, ()), *members)))
    for kind, things in document["kinds"].items():
        for thing in things:
            word = " ".join(words_of(thing))
            groups[singular(word)] = (*groups.get(singular(word), (word,)), *groups.get(singular(kind), (kind,)))
    silent, faint = (frozenset(w for line in document[kind] for w in words_of(line)) for kind in ("silent", "faint"))
    return Vocabulary(silent=silent, faint=faint, groups=groups)


def _first(words: list[str], known: Vocabulary) -> tuple[int, Concept | None]:
    """Return the longest thing that the first words name, and how many words it takes."""
    for length in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        phrase = " ".join(words[:length])
        if group := known.groups.get(singular(phrase)):
            return length, Concept(phrase, tuple(other for other in group if other != phrase), is_known=True)
    if words[0] in known.silent:
        return 1, None
    is_faint = words[0].isdigit() or words[0] in known.faint or singular(words[0]) in known.faint
    same = tuple(form for form in _both_numbers(singular(words[0])) if form != words[0])
    return 1, Concept(words[0], same if words[0][-1] in "aiousx" else (), weight=FAINT if is_faint else 1.0)


def _both_numbers(word: str) -> tuple[str, ...]:
    """Return a word, and its plural where the database's French stems keep the « s »: « détenu », « détenus »."""
    return (word, f"{word}s") if len(word) > _SHORT and word[-1] in "aiou" else (word,)


def is_same_word(word: str, other: str) -> bool:
    """Tell whether two differ by their plural only."""
    return singular(word) == singular(other)


def singular(phrase: str) -> str:
    """Leave the plural out, as far as looking a word up needs it."""
    return " ".join(word[:-1] if len(word) > _SHORT and word[-1] in "sx" else word for word in phrase.split())
