"""Find the answers to what a family typed: in one statement, two with a word that no answer uses.

Every thing that is looked for counts by how rare it is among the answers, so that « linge » weighs more than
« parloir », and by where it stands: title, keywords, answer. To that is added how
near the ways are in which families ask (``asking.py``). What matches only in part comes last, and a guide after the
question that it sums up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import connection

from parloir.content.asking import nearness
from parloir.content.models import Word
from parloir.content.rules import STEMMING
from parloir.content.searching import (
    AS_TYPED,
    LONGEST_QUERY,
    MISSPELT,
    SAME_MEANING,
    concepts_in,
    is_same_word,
    same_as,
    vocabulary,
    words_of,
)
from parloir.content.spelling import Used, is_doubtful, mended, used_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parloir.content.searching import Concept

MOST_FOUND = 8
PLACES = [0.08, 0.2, 0.9, 1.0]
"""What a word counts by where it stands: the answer (the first; the second is not used), keywords, title."""

ASKED = 0.6
"""What everything typed counts in a question that families ask in the very same words: what a title does, which is 0.61
in ``ts_rank``. It falls with the square of the nearness: only what is near is told from the rest."""

ENOUGH = 0.7
"""How near a sentence must be that holds no word to look for: « je veux plus y aller »."""

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
  SELECT word, phraseto_tsquery(%(config)s::regconfig, word) AS wanted FROM unnest(%(words)s::text[]) AS t(word)
)
SELECT typed.word, near.word FROM typed
CROSS JOIN LATERAL (
  SELECT word FROM content_word known
  WHERE known.language = %(language)s AND known.word %% typed.word AND similarity(known.word, typed.word) >= 0.35
  AND known.word <> ALL(%(silent)s)
  ORDER BY similarity(known.word, typed.word) DESC, known.word LIMIT 2
) near
WHERE NOT EXISTS (
  SELECT FROM content_version version WHERE version.is_current AND version.language = %(language)s
  AND version.search @@ typed.wanted
)
ORDER BY typed.word, similarity(near.word, typed.word) DESC, near.word
"""

_FOUND = f"""
WITH read AS MATERIALIZED ({_READ}), variant AS MATERIALIZED (
  SELECT number, factor, weight, phraseto_tsquery(%(config)s::regconfig, word) AS wanted
  FROM unnest(%(numbers)s::int[], %(words)s::text[], %(factors)s::float[], %(weights)s::float[])
    AS t(number, word, factor, weight)
), hit AS (
  SELECT read.id, number, max(weight) AS weight, max(factor * ts_rank(%(places)s::real[], search, wanted)) AS rank
  FROM variant JOIN read ON search @@ wanted GROUP BY read.id, number
), rarity AS (
  SELECT number, max(weight) * ln(1 + (SELECT count(*) FROM read)::float / count(*)) AS worth FROM hit GROUP BY number
), typed AS (
  SELECT sum(coalesce(worth, sought.weight * ln(1 + (SELECT count(*) FROM read)))) AS worth
  FROM (SELECT number, max(weight) AS weight FROM variant GROUP BY number) AS sought LEFT JOIN rarity USING (number)
), part AS (
  SELECT id, sum(rank * worth) * (0.3 + 0.7 * sum(worth) / (SELECT sum(worth) FROM rarity)) AS score
  FROM hit JOIN rarity USING (number) GROUP BY id
  UNION ALL
  SELECT id, %(asked)s * nearness * coalesce((SELECT worth FROM typed), 1)
  FROM unnest(%(near)s::text[], %(nearness)s::float[]) AS near(slug, nearness) JOIN read USING (slug)
), scored AS (
  SELECT id, sum(score) * CASE section WHEN 'guides' THEN 0.7 ELSE 1 END AS score
  FROM part JOIN read USING (id) GROUP BY id, section ORDER BY score DESC, id LIMIT %(most)s
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
    about: dict[str, Any] = {"language": language, "config": STEMMING[language]}
    typed = _spelt(words_of(query[:LONGEST_QUERY]), language)
    concepts = concepts_in(typed, language)
    near_to = nearness(typed, language)
    if not concepts and max(near_to.values(), default=0) < ENOUGH:
        return []
    near = _near(concepts, about)
    if near:
        concepts = concepts_in([near[word][0] if word in near else word for word in typed], language)
    variants = list(_variants(concepts, near, language))
    numbers, words, factors, weights = ([variant[column] for variant in variants] for column in range(4))
    options = f"StartSel={_BEGIN}, StopSel={_END}, MaxWords=28, MinWords=14, MaxFragments=1"
    asked = {"near": list(near_to), "nearness": [value**2 for value in near_to.values()], "asked": ASKED}
    wanted = {"numbers": numbers, "words": words, "factors": factors, "weights": weights, "places": PLACES}
    shown = {"any": " or ".join(f'"{word}"' for word in words), "most": MOST_FOUND, "options": options}
    found = _rows(_FOUND, about | wanted | asked | shown)
    found = found or _rows(_LIKE, about | {"typed": " ".join(concept.typed for concept in concepts)})
    return [Found(section, slug, title, _pieces(excerpt)) for section, slug, title, excerpt in found]


def _spelt(words: list[str], language: str) -> list[str]:
    """Return the words with those that answers use in place of those glued together or written as they sound."""
    if not any(is_doubtful(word, language, frozenset()) and not same_as(word, language) for word in words):
        return words
    return mended(words, language, _used(language))


def _variants(
    concepts: list[Concept], near: dict[str, list[str]], language: str
) -> Iterator[tuple[int, str, float, float]]:
    """Return every word to look for with the number of its thing, what it counts and what the thing weighs."""
    guesses = {best: others for best, *others in near.values()}
    for number, concept in enumerate(concepts):
        is_guess = any(word in guesses for word in concept.typed.split())
        yield number, concept.typed, MISSPELT if is_guess else AS_TYPED, concept.weight
        for word in concept.same:
            meaning = AS_TYPED if is_same_word(word, concept.typed) else SAME_MEANING
            yield number, word, MISSPELT if is_guess else meaning, concept.weight
        for other in guesses.get(concept.typed, ()):
            for word in (other, *same_as(other, language)):
                yield number, word, MISSPELT, concept.weight


def _near(concepts: list[Concept], about: dict[str, Any]) -> dict[str, list[str]]:
    """Return, for words that no answer uses, the likeliest ones that were meant."""
    language = about["language"]
    unsure = [concept.typed for concept in concepts if not concept.is_known]
    unsure = unsure and [word for word in unsure if is_doubtful(word, language, _used(language).words)]
    if not unsure:
        return {}
    near: dict[str, list[str]] = {}
    for word, other in _rows(_MISSPELT, about | {"words": unsure, "silent": list(vocabulary(language).silent)}):
        near.setdefault(word, []).append(other)
    return near


def _used(language: str) -> Used:
    """Return the words that answers use, read once in five minutes: none of these is misspelt."""
    key = f"words:{language}"
    used: Used | None = cache.get(key)
    if used is None:
        used = used_words(list(Word.objects.filter(language=language).values_list("word", flat=True)), language)
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
