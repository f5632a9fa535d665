"""From what is typed to what is looked for."""

from parloir.content.searching import MOST_CONCEPTS, Concept, concepts_of, vocabulary, words_of


def test_words_are_folded():
    assert words_of("L’Éte, à l'Hôpital : 16 ANS sœur") == ["l", "ete", "a", "l", "hopital", "16", "ans", "soeur"]


def test_words_that_say_nothing_are_left_out():
    assert concepts_of("comment je peux faire pour tatouer", "fr") == [Concept("tatouer")]


def test_a_word_brings_those_that_mean_the_same():
    concept = concepts_of("gosses", "fr")[0]

    assert concept.is_known
    assert "enfant" in concept.same


def test_the_longest_phrase_is_one_thing():
    assert [concept.typed for concept in concepts_of("le parloir double svp", "fr")] == ["parloir double"]


def test_what_is_said_twice_is_looked_for_once():
    assert len(concepts_of("linge linge linge", "fr")) == 1


def test_a_query_looks_for_a_bounded_number_of_things():
    assert len(concepts_of(" ".join(f"mot{n}" for n in range(100)), "fr")) == MOST_CONCEPTS


def test_every_language_has_its_words():
    for language in ("fr", "en"):
        known = vocabulary(language)
        assert known.silent
        assert known.groups
