"""A mobile number is read as people type it."""

from __future__ import annotations

import pytest

from parloir.notifications.numbers import as_mobile, hidden


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("0612345678", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("07.56.78.12.34", "+33756781234"),
        ("0692 12 34 56", "+262692123456"),
        ("0690 12 34 56", "+590690123456"),
        ("0694 20 12 34", "+594694201234"),
        ("0696 20 12 34", "+596696201234"),
        ("0639 02 34 56", "+262639023456"),
        ("+687 75 12 34", "+687751234"),
        ("+44 7400 123456", "+447400123456"),
    ],
)
def test_a_mobile_number_is_read_in_every_french_form(typed, number):
    assert as_mobile(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "abc", "12", "01 42 34 56 78", "+33 8 99 70 12 34", "06 12 34 56", "06 12 34 56 78 99 00", "😀", "+"]
)
def test_what_cannot_receive_an_sms_is_no_mobile_number(typed):
    assert as_mobile(typed) == ""


def test_a_number_is_hidden_but_for_its_end():
    assert [hidden("+33612345678"), hidden("")] == ["•• 78", ""]
