"""What families type finds what answers it. The open and locked queries were written before the search.

Seen once, blind: 45 of the 50 locked (90 %), then, the misses mended, 36 of 40 new ones (``second``, 90 %). On
26 November 2026, a hundred shorter and worse spelt ones: 45 of the 50 ``third_open`` before anything was mended, and of
the 50 ``third_locked`` 40 before, 41 after (82 %); then 31 of 40 new ones (``fourth``, 78 %). Once
questions had ways of asking: 69 of 80 new ones (``fifth``, 86 %), then, with more of them, 75 of 80 (``sixth``, 94 %).
Their misses are mended.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from parloir.content.documents import read_questions
from parloir.content.search import search

HERE = Path(__file__).parent
WANTED = 0.95
"""The share of queries whose answer must be among the first three."""


def queries(name):
    with (HERE / f"queries_{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["language"], row["query"], row["expected"].split("|")) for row in csv.DictReader(file)]


def missed(name):
    return [
        (query, first)
        for language, query, expected in queries(name)
        if not set(first := slugs(query, language)[:3]) & set(expected)
    ]


@pytest.mark.parametrize("name", ["open", "locked", "second", "third_open", "third_locked", "fourth", "fifth", "sixth"])
def test_what_families_type_is_answered_in_the_first_three(questions, name):
    lost = missed(name)

    assert len(lost) <= (1 - WANTED) * len(queries(name)), lost


def slugs(query, language="fr"):
    return [found.slug for found in search(query, language)]


def test_an_excerpt_shows_where_the_words_are(questions):
    found = search("livret de famille", "fr")

    hits = {piece.text.lower() for one in found for piece in one.excerpt if piece.is_hit}
    assert {"livret", "famille"} <= hits


def test_accents_capitals_and_plurals_do_not_matter(questions):
    assert slugs("PREVENUS") == slugs("prévenu")
    assert slugs("hôpital")[0] == slugs("hopital")[0] == "hopital"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("vetment", "linge"), ("franceconect", "sans-franceconnect"), ("hygiafone", "parloir-hygiaphone"),
     ("justificatiff", "justificatif")],
)  # fmt: skip
def test_a_misspelt_word_finds_the_likeliest_one(questions, typed, meant):
    assert meant in slugs(typed)[:3]


@pytest.mark.parametrize(
    "nothing", ["", " ", "est-ce que je peux", "????", "'; DROP TABLE content_version; --\x00", "zzzzqqqq xxkkww"]
)
def test_what_says_nothing_finds_nothing_and_breaks_nothing(questions, nothing):
    assert len(search(nothing, "fr")) <= (8 if "TABLE" in nothing else 0)


def test_a_very_long_query_is_cut(questions, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(search("linge permis retard " * 5_000, "fr")) <= 8


def test_operators_are_words_like_others(questions):
    assert slugs('linge & | ! <-> :* "') == slugs("linge")


def test_each_language_is_searched_by_itself(questions):
    assert slugs("laundry", "en")[0] == "linge"
    assert all("visit" not in found.title.lower().split() for found in search("linge", "fr"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jai peur qu il se suicide", "peur-de-suicide"),
        ("il va se tuer", "peur-de-suicide"),
        ("mon frere veut mourir", "peur-de-suicide"),
        ("il est malade", "malade-en-prison"),
        ("il est pas soigné dans sa prison", "malade-en-prison"),
        ("il est frappé", "violences-en-prison"),
        ("on le tabasse", "violences-en-prison"),
        ("des détenus le menacent", "violences-en-prison"),
        ("sa grand mere est décédée", "deces-dans-la-famille"),
        ("aller à l enterrement de son père", "deces-dans-la-famille"),
        ("mon fils est mort en prison", "deces-en-detention"),
    ],
)
def test_what_cannot_wait_is_the_first_answer_by_any_wording(questions, typed, meant):
    assert slugs(typed)[0] == meant


@pytest.mark.parametrize("slug", ["peur-de-suicide", "malade-en-prison", "violences-en-prison"])
def test_what_cannot_wait_begins_with_the_prisons_number_then_15_and_114(slug):
    body = next(fact for fact in read_questions() if fact.slug == slug).texts["fr"].body

    numbers = ["(/etablissements/)", "2016", "tel:15", "114", "Ce que vous pouvez dire"]
    assert [word for word in numbers if word not in body] == []
    assert body.index(numbers[0]) < body.index("tel:15") < 450
