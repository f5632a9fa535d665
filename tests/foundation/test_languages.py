"""The languages of the site: what each is a manner of, and what a page says of texts in another."""

import pytest
from django.template import engines
from django.utils.translation import override

from parloir.foundation import languages


def said(template, language, **context):
    with override(language):
        return engines["django"].from_string(template).render(context)


def test_a_manner_of_a_language_is_that_language_in_messages():
    assert [code for code, _name in languages.of_messages()] == ["fr", "en", "ar"]
    with override("fr-x-facile"):
        assert languages.current() == "fr"


@pytest.mark.parametrize(
    ("language", "marks"), [("fr", ""), ("fr-x-facile", ""), ("en", ' lang="fr"'), ("ar", ' lang="fr" dir="ltr"')]
)
def test_a_french_text_says_that_it_is_french_and_runs_as_french_does(language, marks):
    assert said("<p{% in_french %}>Dijon</p>", language) == f"<p{marks}>Dijon</p>"


def test_a_reference_is_not_turned_round_amid_a_right_to_left_text():
    assert said("{{ it|left_to_right }}", "ar", it="PAR-2345-67") == "\u2066PAR-2345-67\u2069"
    assert said("{{ it|left_to_right }}", "en", it="PAR-2345-67") == "PAR-2345-67"


def test_drawings_beside_the_words_are_for_the_plain_manner_alone():
    assert "#calendar" in said('{% plain_pictogram "calendar" %}', "fr-x-facile")
    assert said('{% plain_pictogram "calendar" %}', "fr") == ""


def test_what_the_plain_manner_does_not_say_otherwise_is_said_in_french():
    assert said('{% translate "Oui, annuler le rendez-vous" %}', "fr-x-facile") == "Oui, j’annule"
    assert said('{% translate "Délégué à la protection des données" %}', "fr-x-facile") == (
        "Délégué à la protection des données"
    )
