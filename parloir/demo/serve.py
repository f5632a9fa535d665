"""Serve a WSGI application with granian, its workers tied to it: none survives it, however it ends.

python -m parloir.demo.serve MODULE:NAME HOST PORT WORKERS THREADS
"""

from __future__ import annotations

import importlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces

from parloir.demo.children import die_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _load(parent: int, target: str) -> Callable[..., Any]:
    """Return the application, in a worker's process."""
    die_with(parent)
    module, _, name = target.partition(":")
    application: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return application


def main() -> None:
    """Serve until told to stop."""
    target, host, port, workers, threads = sys.argv[1:]
    Granian(
        target,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=int(threads),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve(target_loader=partial(_load, os.getpid()))


if __name__ == "__main__":
    main()
