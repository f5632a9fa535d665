"""References of visits: drawn from an alphabet without look-alikes, read however they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.visits.rules import ALPHABET, as_reference, new_reference


@given(st.integers())
def test_a_reference_is_read_however_it_is_typed(seed):
    reference = new_reference()

    assert set(reference[4:8] + reference[9:]) <= set(ALPHABET)
    for typed in (reference, reference.lower(), reference.replace("-", ""), f" {reference.replace('-', ' ')} "):
        assert as_reference(typed) == reference


@pytest.mark.parametrize(
    "typed", ["", "PAR", "PAR-AAAA-AA", "PAR-2345-6", "PAR-2345-678", "XXX-2345-67", "PAR-0123-45"]
)
def test_what_is_not_a_reference_is_not_read_as_one(typed):
    assert as_reference(typed) is None
