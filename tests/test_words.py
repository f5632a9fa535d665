"""One word a thing: the words that the glossary struck out do not come back.

The rules are the table of ``docs/glossary.md``; what families read is every sentence of the catalogues (screens,
messages, posters), the answers of the help and what the tutorials say.
"""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from parloir.content.documents import read_questions
from parloir.foundation import catalogue

ROOT = Path(__file__).parents[1]
LANGUAGES = ("fr", "fr-x-facile", "en", "ar")

STANDS = {
    "fr": [
        (r"^(Ils modifient|Modifiez) ou annule", "the words of the ministry’s leaflet, on the papers that carry it on"),
        (r"^\| Créneau \|", "the word explained, for those who hear it from an agent or read it on a sign"),
        (r"réneaux? (est|sont) complets?", "the one thing of which « créneau » is said: that it is full"),
        (r"[Pp]ortail Grand Public", "the name of the service in its legal act of 2 December 2019"),
    ],
    "en": [
        (r"contact the establishment|[Tt]he establishment", "an e-mail’s first words may not say “prison”"),
        (r"establishment for minors|public health establishment|EPM", "a kind of prison, by its legal name"),
    ],
    "ar": [],
    "fr-x-facile": [],
}
"""Where a struck word must stand: the sentence, and why."""


def rules() -> list[tuple[str, str, str]]:
    """Return language, word to use and struck word of each line of the table."""
    found = []
    for line in (ROOT / "docs/glossary.md").read_text().partition("## One word a thing")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[1] in LANGUAGES and cells[3]:
            found += [(cells[1], cells[2], struck.strip()) for struck in cells[3].split(",")]
    return found


def said(language: str) -> dict[str, str]:
    """Return all that families read in a language, under where it is written."""
    sentences: dict[str, str] = {}
    source = catalogue.sentences() if language == "fr" else catalogue.read(language)
    for message in source:
        if message.id:
            forms = message.id if language == "fr" else message.string
            place = message.locations[0][0] if message.locations else "catalogue"
            sentences |= {f"{place}: {form}": form for form in catalogue.texts_of(forms)}
    for question in read_questions():
        if text := question.texts.get(language):
            sentences |= {f"{question.slug}: {line}": line for line in [text.title, *text.body.splitlines()]}
    for path in sorted((ROOT / "parloir/content/tutorials").glob("*.toml")):
        sentences |= {f"{path.name}: {line}": line for line in spoken(tomllib.loads(path.read_text()), language)}
    return sentences


def spoken(value: object, language: str) -> list[str]:
    """Return all that a tutorial says in a language, however deep."""
    if isinstance(value, dict):
        here = [value[language]] if language in value else []
        deeper = [spoken(each, language) for key, each in value.items() if key not in {"fr", "en", "ar"}]
        return [*chain.from_iterable([one] if isinstance(one, str) else one for one in here), *chain(*deeper)]
    return [*chain(*(spoken(each, language) for each in value))] if isinstance(value, list) else []


def pattern(struck: str) -> re.Pattern[str]:
    """Match a struck word, whole, at its beginning large or small, its links between words breaking or not."""
    ending = r"\w*" if struck.endswith("*") else ""
    words = r"\s+".join(map(re.escape, struck.rstrip("*").split()))
    return re.compile(rf"(?<!\w){words}{ending}(?!\w)", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_that_the_glossary_struck_out_does_not_come_back(language):
    sentences = said(language)
    stands = [re.compile(where) for where, _why in STANDS[language]]

    back = {
        (struck, place)
        for rule_language, _word, struck in rules()
        if rule_language == language
        for place, sentence in sentences.items()
        if pattern(struck).search(plain(sentence)) and not any(where.search(sentence) for where in stands)
    }

    assert back == set()


def plain(sentence: str) -> str:
    """Leave out what is not read: addresses of links, names of what is filled in."""
    return re.sub(r"%\(\w+\)[sd]|\]\([^)]*\)|href=\"[^\"]*\"|https?://\S+", "", sentence)


def test_each_exception_is_still_needed():
    for language, exceptions in STANDS.items():
        sentences = said(language).values()
        struck = [pattern(word) for rule_language, _word, word in rules() if rule_language == language]
        for where, why in exceptions:
            held = [s for s in sentences if re.search(where, s) and any(p.search(plain(s)) for p in struck)]
            assert held, (where, why)


def test_the_words_to_use_are_used():
    for language, words in {"fr": ["rang", "service parloir", "Mes permis"], "en": ["rank", "visits office"]}.items():
        everything = "\n".join(said(language).values())
        assert [word for word in words if word not in everything] == []
        assert {rule_language for rule_language, _word, _struck in rules()} == set(LANGUAGES)
