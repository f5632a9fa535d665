from __future__ import annotations

from functools import partial

import pytest
import time_machine


@pytest.fixture
def time_machine_at():
    """Travel to an instant; time goes on from there."""
    return partial(time_machine.travel, tick=True)
