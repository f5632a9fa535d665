"""Dates as people type them: day first in every language, in digits or in words."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from parloir.foundation.characters import plain
from parloir.foundation.forms import BirthDateField, ThreePartDateWidget
from parloir.foundation.reading import split_date, whole_date


@pytest.mark.parametrize(
    ("boxes", "born"),
    [
        (["1er", "mai", "1990"], date(1990, 5, 1)),
        (["1er", "Mai.", "1990"], date(1990, 5, 1)),
        (["05.", "12.", "1990"], date(1990, 12, 5)),
        (["14", "juillet", "1990"], date(1990, 7, 14)),
        (["14", "JUIL", "1990"], date(1990, 7, 14)),
        (["3", "fev", "1990"], date(1990, 2, 3)),
        (["3", "août", "1990"], date(1990, 8, 3)),
        (["2nd", "March", "1990"], date(1990, 3, 2)),
        (["٥", "١٢", "١٩٩٠"], date(1990, 12, 5)),
        (["٥", "ديسمبر", "١٩٩٠"], date(1990, 12, 5)),
        (["5", "أوت", "1990"], date(1990, 8, 5)),
        (["\u200e14", "7\u200f", " 1990\ufeff"], date(1990, 7, 14)),
    ],
)
def test_three_boxes_are_read_as_they_are_said(boxes, born):
    assert BirthDateField().clean(boxes) == born


@pytest.mark.parametrize("language", ["fr", "en", "ar", "fr-x-facile"])
@pytest.mark.parametrize(
    "typed",
    ["05/12/2026", "5.12.2026", "5-12-2026", "05 12 2026", "05122026", "5 décembre 2026", "samedi 5 décembre 2026",
     "2026-12-05", "٠٥/١٢/٢٠٢٦", "5 December 2026"],
)  # fmt: skip
def test_a_whole_date_is_day_first_in_every_language(typed, language):
    with translation.override(language):
        assert whole_date(typed) == date(2026, 12, 5)


@pytest.mark.parametrize(
    "typed", ["", "5/12", "5/12/26", "13/13/2026", "31/2/2026", "0001-01-01", "5/12/99999", "5" * 5000, "a b c"]
)
def test_what_is_no_date_is_not_guessed(typed):
    assert whole_date(typed) is None


def test_a_whole_date_pasted_in_the_first_box_fills_the_three():
    typed = {"born_jour": "14/07/1990", "born_mois": "", "born_annee": ""}

    assert ThreePartDateWidget().value_from_datadict(typed, {}, "born") == ["14", "07", "1990"]


@pytest.mark.parametrize(
    ("day", "boxes"),
    [
        ("14/07/1990", ["14", "07", "1990"]),
        ("31/02/1990", ["31", "02", "1990"]),
        ("14/07/90", ["14/07/90", "", ""]),
        ("140790", ["140790", "", ""]),
        ("le 14 juillet 1990", ["14", "juillet", "1990"]),
        ("14", ["14", "8", "1985"]),
        ("1er", ["1er", "8", "1985"]),
        ("", ["", "8", "1985"]),
    ],
)
def test_a_whole_date_in_the_first_box_is_not_read_with_the_month_and_year_typed_before(day, boxes):
    typed = {"born_jour": day, "born_mois": "8", "born_annee": "1985"}

    assert ThreePartDateWidget().value_from_datadict(typed, {}, "born") == boxes


@given(st.text(max_size=60))
def test_nothing_typed_as_a_date_is_an_error(typed):
    whole_date(typed)
    split_date(typed)
    assert plain(plain(typed)) == plain(typed)
