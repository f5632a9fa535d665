"""A feed to tell, on a database that knows a few prisons."""

from __future__ import annotations

import pytest

from tests.register.feed import Feed, make_prisons


@pytest.fixture
def feed(tmp_path):
    make_prisons()
    return Feed(tmp_path)
