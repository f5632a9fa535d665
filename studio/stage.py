"""The demonstration that is filmed: the real one, new each time, with a database of its own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from parloir.demo import caught, children, postgres, run, runfile

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = "tutorials"
PATIENCE = 300.0
"""Seconds: nobody waits for a recording, and the machine may be busy."""


@contextlib.contextmanager
def demonstration(port: int) -> Iterator[str]:
    """Start the demonstration as it is the first day; gives the site's address. Nothing of it stays.

    :raises SystemExit: when it cannot start, or runs already in this folder (it would share the caught messages).
    """
    children.adopt_orphans()
    with runfile.only_one() as alone:
        if not alone:
            raise SystemExit("The demonstration of this folder runs: stop it (Ctrl-C there), then record.")
        run.refuse_used_ports(port)
        postgres.drop(name=DATA)
        with _messages_forgotten(), postgres.owning(name=DATA, durable=False) as server:
            env = run.environment(port, server.url)
            run.prepare(env)
            run.LOGS.mkdir(parents=True, exist_ok=True)
            parts = run.parts(port)
            try:
                for part in parts:
                    part.start(env)
                run.wait_until_ready(parts, env, patience=PATIENCE)
                yield run.addresses(port)["site"].rstrip("/")
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
