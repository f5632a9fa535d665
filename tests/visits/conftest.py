"""Fixtures of the tests of visits."""

from __future__ import annotations

import pytest
import time_machine

from tests.factories import NOW
from tests.mailbox import mailbox  # noqa: F401 - a fixture
from tests.telephone import telephone  # noqa: F401 - a fixture
from tests.visits.waiting_families import one, owner, two  # noqa: F401 - fixtures


@pytest.fixture
def _now_stands_still():
    """The tasks read the clock: it is stopped at the moment at which tests happen."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def say(pytestconfig):
    """Return what writes a figure on the terminal, captured or not: what a long test has to report."""
    terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    return terminal.write_line if terminal else lambda line: None
