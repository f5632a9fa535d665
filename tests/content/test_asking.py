"""A sentence is near to the questions that families ask in such words."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from parloir.content.asking import compared, nearness, nearness_in
from parloir.content.documents import Text, read_questions
from parloir.content.search import search
from parloir.content.searching import words_of

FRENCH = [(fact.slug, fact.texts["fr"]) for fact in read_questions()]


def asked(title, *ways):
    return Text(title=title, keywords=(), body="", updated_on=date(2026, 11, 26), asked_as=ways)


def near(texts, sentence):
    return nearness_in(compared(texts, "fr"), words_of(sentence), "fr")


def test_the_same_sentence_is_as_near_as_can_be():
    assert nearness(words_of("J’ai paumé mon permis !"), "fr")["permis-perdu"] == pytest.approx(1)


def test_the_nearest_way_counts_alone_so_that_a_long_list_is_no_advantage():
    few = [("few", asked("gâteau au parloir")), ("other", asked("linge propre"))]
    many = [("many", asked("gâteau au travail", "gâteau à la maison", "gâteau au chocolat"))]

    found = near(few + many, "gâteau au parloir")

    assert max(found, key=found.get) == "few"


def test_little_words_tell_two_questions_apart():
    texts = [("where", asked("où est-il")), ("when", asked("quand sort-il"))]

    assert list(near(texts, "il est où")) == ["where"]


def test_a_thing_is_the_same_whatever_its_word():
    assert list(near([("linge", asked("laver ses fringues")), ("argent", asked("un mandat"))], "habits")) == ["linge"]


def test_a_plural_is_as_near():
    texts = [("linge", asked("vêtement sale")), ("argent", asked("un mandat"))]

    assert near(texts, "vêtements sales") == near(texts, "vêtement sale")


def test_every_french_question_says_how_families_ask_it_and_no_sentence_leads_to_two():
    most = 65  # 35 held one way of talking; grandmothers, teenagers and foreign speakers came next
    assert [slug for slug, text in FRENCH if not 10 <= len(text.asked_as) <= most] == []
    ways = Counter(" ".join(words_of(way)) for _slug, text in FRENCH for way in text.asked_as)
    assert [way for way, times in ways.items() if times > 1 or len(way) > 80] == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("je veux plus y aller", "annuler-un-rendez-vous"), ("daltonien", "accessibilite-du-portail"),
     ("mon mec est au placard", "obtenir-un-permis"), ("les keufs ont embarqué mon frère", "ou-est-mon-proche"),
     ("lui envoyé du bif", "argent-colis-courrier")],
)  # fmt: skip
def test_what_no_answer_says_is_found_by_how_families_say_it(questions, typed, meant):
    assert meant in [found.slug for found in search(typed, "fr")][:3]
