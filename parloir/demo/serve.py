"""Serve a WSGI application as the site is served, the processes tied to this one: none survives it, however it ends.

python -m parloir.demo.serve MODULE:NAME HOST PORT PROCESSES THREADS
"""

from __future__ import annotations

import importlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from parloir.config.serve import serve
from parloir.demo.children import die_with

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def _load(parent: int, target: str) -> WSGIApplication:
    """Return the application, in a process that serves it."""
    die_with(parent)
    module, _, name = target.partition(":")
    application: WSGIApplication = getattr(importlib.import_module(module), name)
    return application


def main() -> None:
    """Serve until told to stop."""
    target, host, port, processes, threads = sys.argv[1:]
    load = partial(_load, os.getpid(), target)
    serve(load, host=host, port=int(port), processes=int(processes), threads=int(threads))


if __name__ == "__main__":
    main()
