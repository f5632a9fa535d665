"""However many threads a process has, half of them are never outside."""

from __future__ import annotations

import os

import pytest

from parloir.config.serve import _front


@pytest.mark.parametrize(("threads", "places"), [(16, "8"), (5, "2"), (1, "1")])
def test_half_of_the_threads_may_wait_for_another_machine(monkeypatch, threads, places):
    monkeypatch.setenv("OUTBOUND_PLACES", "to be put back")
    monkeypatch.delenv("OUTBOUND_PLACES")

    _front(lambda: None, "", threads=threads, seconds_for_a_body=1)

    assert os.environ["OUTBOUND_PLACES"] == places


def test_the_operators_own_number_stays(monkeypatch):
    monkeypatch.setenv("OUTBOUND_PLACES", "3")

    _front(lambda: None, "", threads=16, seconds_for_a_body=1)

    assert os.environ["OUTBOUND_PLACES"] == "3"
