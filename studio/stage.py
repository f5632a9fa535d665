"""The demonstration that is filmed: the real one, new each time, with a database of its own, by day."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from parloir.demo import caught, children, postgres, run, runfile

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = "tutorials"
PATIENCE = 300.0
"""Seconds: nobody waits for a recording, and the machine may be busy."""
MORNING = 10
"""The hour of Paris that it is in the films, whenever they are recorded: a family does this by day."""
OTHER_CLOCK = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
"""Gives the programs started with it another hour (Debian's package libfaketime, for any processor)."""


@dataclass(frozen=True)
class Stage:
    """Where the demonstration answers, and what its clock said when it was ready."""

    site: str
    now: datetime


@contextlib.contextmanager
def demonstration(port: int) -> Iterator[Stage]:
    """Start the demonstration as it is the first day, at ten in the morning. Nothing of it stays.

    :raises SystemExit: when it cannot start, or runs already in this folder (it would share the caught messages).
    """
    children.adopt_orphans()
    with runfile.only_one() as alone:
        if not alone:
            raise SystemExit("The demonstration of this folder runs: stop it (Ctrl-C there), then record.")
        run.refuse_used_ports(port)
        postgres.drop(name=DATA)
        ahead = until_morning(datetime.now(tz=UTC))
        with _messages_forgotten(), _other_clock(ahead) as clock, postgres.owning(name=DATA, durable=False) as server:
            env = run.environment(port, server.url)
            run.prepare(env)
            run.LOGS.mkdir(parents=True, exist_ok=True)
            parts = run.parts(port)
            try:
                for part in parts:
                    part.start(env)
                run.wait_until_ready(parts, env, patience=PATIENCE)
                clock.close()
                yield Stage(run.addresses(port)["site"].rstrip("/"), datetime.now(tz=UTC) + ahead)
            finally:
                run.stop(parts)
        postgres.drop(name=DATA)


@contextlib.contextmanager
def _messages_forgotten() -> Iterator[None]:
    """Take away the messages that are caught meanwhile: they are about a database that will be gone."""
    before = set(caught.FOLDER.rglob("*"))
    try:
        yield
    finally:
        for path in set(caught.FOLDER.rglob("*")) - before:
            if path.is_file():
                path.unlink()


def until_morning(now: datetime) -> timedelta:
    """Return how far the morning of this day, in Paris, is from now."""
    here = now.astimezone(ZoneInfo("Europe/Paris"))
    return here.replace(hour=MORNING, minute=0, second=0, microsecond=0) - here


def _other_clock(ahead: timedelta) -> contextlib.ExitStack:
    """Give what is started from now on another clock, which goes on like any, until the answer is closed.

    :raises SystemExit: where the clock cannot be changed.
    """
    if OTHER_CLOCK is None:
        raise SystemExit("The films show a morning: install Debian's package libfaketime, then record.")
    theirs = {
        "LD_PRELOAD": str(OTHER_CLOCK),
        "FAKETIME": f"{ahead.total_seconds():+.0f}",
        # How long things take stays true: only the hour of the day is another.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    os.environ.update(theirs)
    stack = contextlib.ExitStack()
    for name in theirs:
        stack.callback(os.environ.pop, name, None)
    return stack
