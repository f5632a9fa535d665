from __future__ import annotations

from functools import partial

import pytest
import time_machine

from tests.identity.source import Source, serving


@pytest.fixture
def time_machine_at():
    """Travel to an instant; time goes on from there."""
    return partial(time_machine.travel, tick=True)


@pytest.fixture
def source():
    with serving(Source()) as source:
        yield source
