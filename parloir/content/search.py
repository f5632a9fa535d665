"""Find the answers to what a family typed: in one statement, two with a word that no answer uses.

Every thing that is looked for counts by how rare it is among the answers, so that « linge » weighs more than
« parloir », and by where it stands: title, keywords, answer. What matches only in part comes last, and a guide after
the question that it sums up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import connection

from parloir.content.models import Word
from parloir.content.rules import STEMMING
from parloir.content.searching import AS_TYPED, MISSPELT, SAME_MEANING, concepts_of, same_as

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parloir.content.searching import Concept

MOST_FOUND = 8
REMEMBERED_SECONDS = 300
_BEGIN, _END = "\x02", "\x03"
"""Marks of a hit in an excerpt: characters that no text holds."""

_READ = """
  SELECT version.id, version.search || '' AS search, version.title, version.text, question.section, question.slug
  FROM content_version version JOIN content_question question ON question.id = version.question_id
  WHERE version.is_current AND version.language = %(language)s AND question.withdrawn_at IS NULL
"""

_MISSPELT = """
WITH typed AS MATERIALIZED (
  SELECT number, word, phraseto_tsquery(%(config)s::regconfig, word) AS wanted
  FROM unnest(%(numbers)s::int[], %(words)s::text[]) AS t(number, word)
)
SELECT typed.number, near.word FROM typed
CROSS JOIN LATERAL (
  SELECT word FROM content_word known
  WHERE known.language = %(language)s AND known.word %% typed.word AND similarity(known.word, typed.word) >= 0.35
  ORDER BY similarity(known.word, typed.word) DESC, known.word LIMIT 2
) near
WHERE NOT EXISTS (
  SELECT FROM content_version version WHERE version.is_current AND version.language = %(language)s
  AND version.search @@ typed.wanted
)
ORDER BY typed.number
"""

_FOUND = f"""
WITH read AS MATERIALIZED ({_READ}), variant AS MATERIALIZED (
  SELECT number, factor, phraseto_tsquery(%(config)s::regconfig, word) AS wanted
  FROM unnest(%(numbers)s::int[], %(words)s::text[], %(factors)s::float[]) AS t(number, word, factor)
), hit AS (
  SELECT read.id, number, max(factor * ts_rank('{{0.08, 0.2, 0.6, 1.0}}', search, wanted)) AS rank
  FROM variant JOIN read ON search @@ wanted GROUP BY read.id, number
), rarity AS (
  SELECT number, ln(1 + (SELECT count(*) FROM read)::float / count(*)) AS worth FROM hit GROUP BY number
), scored AS (
  SELECT hit.id, sum(rank * worth) * (0.3 + 0.7 * sum(worth) / (SELECT sum(worth) FROM rarity))
    * CASE read.section WHEN 'guides' THEN 0.7 ELSE 1 END AS score
  FROM hit JOIN rarity USING (number) JOIN read ON read.id = hit.id GROUP BY hit.id, read.section
  ORDER BY score DESC, hit.id LIMIT %(most)s
)
SELECT section, slug, title, ts_headline(
  %(config)s::regconfig, text, websearch_to_tsquery(%(config)s::regconfig, %(any)s),
  %(options)s
) FROM scored JOIN read USING (id) WHERE score >= 0.12 * (SELECT max(score) FROM scored) ORDER BY score DESC, id
"""  # noqa: S608 (both halves are constants of the module)

_LIKE = f"""
SELECT section, slug, title, left(text, 160) FROM ({_READ}) AS read
WHERE word_similarity(%(typed)s, unaccent(lower(title))) > 0.45
ORDER BY word_similarity(%(typed)s, unaccent(lower(title))) DESC LIMIT 3
"""  # noqa: S608


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt; a hit is a word that was looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True)
class Found:
    """One question that may answer."""

    section: str
    slug: str
    title: str
    excerpt: tuple[Piece, ...]

    @property
    def address(self) -> str:
        """Its page."""
        return f"/aide/{self.section}/{self.slug}/"


def search(query: str, language: str) -> list[Found]:
    """Return the questions that answer best, at most :data:`MOST_FOUND`; none when nothing comes near."""
    concepts = concepts_of(query, language)
    if not concepts:
        return []
    about: dict[str, Any] = {"language": language, "config": STEMMING[language]}
    variants = [*_variants(concepts), *_corrections(concepts, about)]
    numbers, words, factors = (list(column) for column in zip(*variants, strict=True))
    options = f"StartSel={_BEGIN}, StopSel={_END}, MaxWords=28, MinWords=14, MaxFragments=1"
    wanted = " or ".join(f'"{word}"' for word in words)
    found = _rows(
        _FOUND,
        about
        | {
            "numbers": numbers,
            "words": words,
            "factors": factors,
            "any": wanted,
            "most": MOST_FOUND,
            "options": options,
        },
    )
    found = found or _rows(_LIKE, about | {"typed": " ".join(concept.typed for concept in concepts)})
    return [Found(section, slug, title, _pieces(excerpt)) for section, slug, title, excerpt in found]


def _variants(concepts: list[Concept]) -> list[tuple[int, str, float]]:
    return [
        (number, word, AS_TYPED if word == concept.typed else SAME_MEANING)
        for number, concept in enumerate(concepts)
        for word in (concept.typed, *concept.same)
    ]


def _corrections(concepts: list[Concept], about: dict[str, Any]) -> list[tuple[int, str, float]]:
    """Return, for words that no answer uses, the likeliest ones that were meant."""
    unsure = [(number, concept.typed) for number, concept in enumerate(concepts) if not concept.is_known]
    used = _used_words(about["language"]) if unsure else frozenset()
    unsure = [(number, word) for number, word in unsure if word not in used]
    if not unsure:
        return []
    numbers, words = (list(column) for column in zip(*unsure, strict=True))
    near = _rows(_MISSPELT, about | {"numbers": numbers, "words": words})
    meant = [(number, other) for number, word in near for other in (word, *same_as(word, about["language"]))]
    return [(number, word, MISSPELT) for number, word in dict.fromkeys(meant)]


def _used_words(language: str) -> frozenset[str]:
    """Return the words that answers use, read once in five minutes: none of these is misspelt."""
    key = f"words:{language}"
    used: frozenset[str] | None = cache.get(key)
    if used is None:
        used = frozenset(Word.objects.filter(language=language).values_list("word", flat=True))
        cache.set(key, used, REMEMBERED_SECONDS)
    return used


def _rows(statement: str, values: Mapping[str, str | int | list[Any]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _pieces(excerpt: str) -> tuple[Piece, ...]:
    """Cut an excerpt where its hits begin and end."""
    pieces = []
    for number, part in enumerate(excerpt.replace("\n", " · ").split(_BEGIN)):
        hit, _end, rest = part.partition(_END) if number else ("", "", part)
        pieces += [Piece(text, is_hit) for text, is_hit in ((hit, True), (rest, False)) if text]
    return tuple(pieces)
