"""Start the tests' own PostgreSQL before Django reads its settings; the workers of a parallel run share it.

With ``DATABASE_URL`` set, the tests run on that server instead; its role needs CREATEDB. The demonstration's
data is never touched. The long tests (``soak``) run only when asked for with ``-m``.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest import Config, Parser  # noqa: PT013

os.environ.setdefault("DEV", "1")
_closing = ExitStack()
SIMULTANEOUS_RUNS = 5


def _start_database() -> str:
    """Return the address of a server that no other run of the tests uses."""
    from parloir.demo import postgres

    for number in range(1, SIMULTANEOUS_RUNS):
        try:
            name = f"tests-{number}"
            return _closing.enter_context(postgres.owning(name=name, durable=False, patience=0)).url
        except postgres.DatabaseInUse:
            continue
    raise pytest.UsageError(f"{SIMULTANEOUS_RUNS - 1} runs of the tests are going on already: wait for one to end.")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: Config, parser: Parser, args: list[str]
) -> Generator[None, object, object]:
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _start_database()
    return (yield)


def pytest_configure(config: Config) -> None:
    if not config.option.markexpr:
        config.option.markexpr = "not soak"


def pytest_unconfigure() -> None:
    _closing.close()
