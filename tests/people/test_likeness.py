"""Two civil statuses that differ by one small thing are worth a question; the order in which they are told is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.people.likeness import seem_the_same
from parloir.people.rules import Identity

NAMES = st.text("abé -’", max_size=6)
DATES = st.sampled_from(["", "1992-01-30", "1992-01-31", "1992-00-00", "1957-12-01", "1957-01-12"])


def somebody(birth_name="LEFÈVRE", first_names=("Zoé", "Marie"), birth_date="1992-01-12"):
    return Identity("issuer", "sub", birth_name, "", tuple(first_names), birth_date, "")


@pytest.mark.parametrize(
    "about",
    [
        {"birth_name": "lefevre"},
        {"birth_name": "LEFEBVRE"},
        {"birth_name": "LEFÈVER"},
        {"birth_name": "LEFÈVR"},
        {"birth_name": "LE FÈVRE"},
        {"first_names": ["Zoe-Marie"]},
        {"first_names": ["Zoé"]},
        {"birth_date": "1992-12-01"},
        {"birth_date": "2002-01-12"},
        {"birth_date": "1992-01-00"},
    ],
)
def test_one_small_difference_is_worth_a_question(about):
    assert seem_the_same(somebody(), somebody(**about))


@pytest.mark.parametrize(
    "about",
    [
        {"birth_name": "LEROY"},
        {"birth_name": "LEFEBVRES"},
        {"birth_name": ""},
        {"first_names": ["Marie"]},
        {"birth_date": "1993-02-12"},
        {"birth_date": ""},
        {"birth_name": "LEFEBVRE", "first_names": ["Zoé"]},
        {"first_names": ["Zoé"], "birth_date": "1992-01-13"},
    ],
)
def test_two_differences_or_a_great_one_are_not(about):
    assert not seem_the_same(somebody(), somebody(**about))


@given(NAMES, st.lists(NAMES, max_size=2), DATES, NAMES, st.lists(NAMES, max_size=2), DATES)
def test_it_does_not_matter_who_is_compared_with_whom(name, first, born, other_name, other_first, other_born):
    one, other = somebody(name, first, born), somebody(other_name, other_first, other_born)

    assert seem_the_same(one, other) is seem_the_same(other, one)
