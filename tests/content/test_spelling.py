"""What was meant by a word that no answer uses."""

import pytest

from parloir.content.spelling import is_doubtful, mended, sound_of, used_words

USED = used_words(
    ["avocat", "identite", "transfere", "annuler", "reservation", "enfant", "face", "place", "quand"], "fr"
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("lavocat", "avocat"), ("didentite", "identite"), ("transfaire", "transfere"), ("anuler", "annuler"),
     ("anule", "annuler"), ("enfents", "enfant"), ("lavoka", "avocat"), ("plasse", "place"), ("fasse", "face")],
)  # fmt: skip
def test_a_word_glued_or_written_as_it_sounds_is_the_one_meant(typed, meant):
    assert mended([typed], "fr", USED) == [meant]


def test_a_word_that_answers_use_stays_as_it_is():
    assert mended(["enfant", "dans", "16"], "fr", USED) == ["enfant", "dans", "16"]


@pytest.mark.parametrize("typed", ["jai", "cest", "jpeux", "kantt"])
def test_a_word_that_says_nothing_is_never_taken_for_one_that_does(typed):
    (meant,) = mended([typed], "fr", USED)

    assert not is_doubtful(meant, "fr", USED.words)


def test_english_is_not_read_as_french_sounds():
    used = used_words(["lawyer"], "en")

    assert mended(["dlawyer", "lawier"], "en", used) == ["dlawyer", "lawier"]
    assert used.by_sound == {}


def test_endings_that_sound_alike_are_one():
    assert len({sound_of(word) for word in ("envoye", "envoyer", "envoyez", "envoyee", "envoyait")}) == 1
    assert sound_of("juge") == sound_of("juje")
    assert sound_of("prison") != sound_of("frisson")
