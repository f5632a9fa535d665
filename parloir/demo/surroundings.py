"""The database of a command that was given none, under ``DEV``: the demonstration's."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from parloir.demo import postgres, runfile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def database(*, checkout: Path) -> Iterator[None]:
    """Set ``DATABASE_URL``, and ``PORT`` so that addresses agree, for the time of a command.

    The demonstration's own database when it has another than the embedded one; else the embedded one, started
    for the time of the command unless it runs already.

    :raises DatabaseUnavailable: when the embedded server cannot be had.
    """
    known = runfile.read(checkout)
    if known:
        os.environ.setdefault("PORT", str(known.port))
    if known and not known.embedded:
        os.environ["DATABASE_URL"] = known.database_url
        yield
        return
    with postgres.running(name="demo", checkout=checkout) as url:
        os.environ["DATABASE_URL"] = url
        yield
