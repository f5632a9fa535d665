"""A mobile number is read as people type it."""

from __future__ import annotations

import pytest

from parloir.notifications.numbers import FRENCH, country_of, hidden, may_be_texted, readings
from parloir.notifications.sentences import COUNTRIES


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
    assert [(reading.number, reading.is_mobile) for reading in readings(typed)] == [(number, True)]


@pytest.mark.parametrize(
    "typed", ["", "abc", "12", "01 42 34 56 78", "+33 8 99 70 12 34", "06 12 34 56", "06 12 34 56 78 99 00", "😀", "+"]
)
def test_what_cannot_receive_an_sms_is_no_mobile_number(typed):
    assert [reading for reading in readings(typed) if reading.is_mobile] == []


def test_a_number_is_hidden_but_for_its_end():
    assert [hidden("+33612345678"), hidden("")] == ["•• 78", ""]


@pytest.mark.parametrize(
    ("typed", "countries"),
    [
        ("75 12 34", {"PM": True, "NC": True}),
        ("82 12 34", {"PM": True, "NC": True, "WF": True}),
        ("+687 75 12 34", {"NC": True}),
        ("00 681 82 12 34", {"WF": True}),
        ("40 12 34", {"PM": True, "WF": False}),
        ("89 12 34 56", {"PF": True}),
    ],
)
def test_a_number_of_several_countries_is_read_as_each_and_settled_as_none(typed, countries):
    assert {reading.country: reading.is_mobile for reading in readings(typed)} == countries


def test_no_short_number_is_taken_for_one_country_when_another_has_it_too():
    for start in range(10, 100):
        found = readings(f"{start} 12 34")
        assert len({reading.country for reading in found}) == len(found)
        assert {reading.number[1:4] for reading in found} <= {"508", "687", "681", "689"}


@pytest.mark.parametrize(
    "number", ["+870773111632", "+8816123456789", "+883510012345", "+8821612345678", "+888123456789", "+979123456789"]
)
def test_satellites_and_networks_of_no_country_are_never_texted_whatever_the_list(number):
    assert not may_be_texted(number, countries={"FR", country_of(number)})


def test_only_the_countries_of_the_list_are_texted(settings):
    assert may_be_texted("+33612345678", countries=settings.SMS_COUNTRIES)
    assert may_be_texted("+687751234", countries=settings.SMS_COUNTRIES)
    assert may_be_texted("+212612345678", countries=settings.SMS_COUNTRIES)
    assert not may_be_texted("+12025550123", countries=settings.SMS_COUNTRIES)
    assert not may_be_texted("+33612345678", countries={"BE"})


def test_each_country_of_french_prisons_has_its_name():
    assert set(COUNTRIES) == set(FRENCH)
