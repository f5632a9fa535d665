"""From what is typed to what is looked for."""

from parloir.content.searching import FAINT, MOST_CONCEPTS, Concept, concepts_of, vocabulary, words_of


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


def test_a_word_that_says_who_or_when_weighs_little():
    weights = {concept.typed: concept.weight for concept in concepts_of("ma belle mere samedi 5 uvf", "fr")}

    assert weights == {"belle": FAINT, "mere": FAINT, "samedi": FAINT, "5": FAINT, "uvf": 1.0}


def test_a_short_word_in_s_or_x_is_no_plural():
    assert "payer" not in concepts_of("pris", "fr")[0].same


def test_a_thing_brings_its_kind_and_not_the_other_way():
    (shoes,) = concepts_of("baskets", "fr")
    (linen,) = concepts_of("linge", "fr")

    assert "linge" in shoes.same
    assert "basket" not in linen.same
