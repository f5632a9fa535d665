"""What was meant by a word that no answer uses: an apostrophe left out, or a word written as it sounds. No Django."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.content.searching import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 3
"""Words under this length are taken as they are."""

_GLUED = re.compile(r"(?:qu|[cdjlmnst])(?=[aeiouyh])|j")
"""What French cuts off before a vowel, typed without its apostrophe: « jarrive », « didentité », « jpeux »."""

_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"ss", "S"),
        (r"(.)\1", r"\1"),
        (r"gu(?=[eiy])", "G"),
        (r"g(?=[eiy])", "j"),
        (r"sc(?=[eiy])|c(?=[eiy])|ti(?=o)", "S"),
        (r"(?<!e)aux$", "al"),
        (r"(?:es|ent|ez|er|ee|ees|et|ait|ais|aient|ai)$", "e"),
        (r"(?<=[a-z]{2})(?:[sxtdp]|e)+$", ""),
        (r"ch", "§"),
        (r"qu|q|ck|c", "k"),
        (r"h", ""),
        (r"eau|au", "o"),
        (r"oi", "oua"),
        (r"[ae]in|ain|im(?=[bp])|yn|ym", "in"),
        (r"e[nm](?![aeiouyn])|am(?=[bp])", "an"),
        (r"om(?=[bp])", "on"),
        (r"ai|ei|oe", "e"),
        (r"y", "i"),
        (r"[zS]", "s"),
        (r"G", "g"),
        (r"(.)\1", r"\1"),
    )
]


@dataclass(frozen=True)
class Used:
    """The words that the answers of a language use, and those of each sound, the likeliest first."""

    words: frozenset[str]
    by_sound: dict[str, str]


def sound_of(word: str) -> str:
    """Return about how a French word without accents is said, its ending apart: « transfaire » for « transféré »."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def used_words(words: Iterable[str], language: str) -> Used:
    """Return words with their sounds; of one sound, one with others of its meaning goes first, then the shortest."""
    known = vocabulary(language)
    spoken = defaultdict(list)
    for word in (*words, *known.silent) if language == "fr" else ():
        spoken[sound_of(word)].append(word)
    likeliest = {
        sound: min(same, key=lambda word: (word in known.silent, word not in known.groups, len(word), word))
        for sound, same in spoken.items()
    }
    return Used(frozenset(words), likeliest)


def is_doubtful(word: str, language: str, used: frozenset[str]) -> bool:
    """Tell whether a word may be misspelt: it says something, and no answer uses it."""
    known = vocabulary(language)
    says = word not in known.silent and word not in known.faint and not word.isdigit()
    return says and len(word) >= SHORTEST and word not in used


def mended(words: list[str], language: str, used: Used) -> list[str]:
    """Return the words of a query with those that answers use in place of those that sound the same or are glued."""
    return [_meant(word, language, used) if is_doubtful(word, language, used.words) else word for word in words]


def _meant(word: str, language: str, used: Used) -> str:
    if language != "fr":
        return word
    glued = _GLUED.match(word)
    rest = word[glued.end() :] if glued else ""
    if rest and (rest in vocabulary(language).silent or rest in used.words):
        return rest
    spoken = [word, rest] if len(rest) > SHORTEST else [word]
    return next((used.by_sound[sound_of(one)] for one in spoken if sound_of(one) in used.by_sound), word)
