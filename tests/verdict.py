"""What fails a run at its end, wherever it was found: with pytest-xdist the workers hand it over."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_ASKED: dict[str, Callable[[], list[str]]] = {}
_FOUND: dict[str, list[str]] = defaultdict(list)


def ask_at_the_end(title: str, found: Callable[[], list[str]]) -> None:
    """Have every process of the run say at its end what it found; any line fails the run, under this title."""
    _ASKED[title] = found


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has found."""
    for title, lines in getattr(node, "workeroutput", {}).get("verdict", {}).items():
        _FOUND[title] += lines


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    for title, found in _ASKED.items():
        _FOUND[title] += found()
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["verdict"] = dict(_FOUND)
    elif any(_FOUND.values()) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for title, lines in _FOUND.items():
        if lines:
            terminalreporter.section(title, red=True)
            for line in dict.fromkeys(lines):
                terminalreporter.line(line)
