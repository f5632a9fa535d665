"""Serve the site: ``python -m parloir.config.serve --host 127.0.0.1 --port 8000 --processes 2 --threads 16``."""

from __future__ import annotations

import argparse
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from parloir.foundation.front import SECONDS_FOR_A_BODY, Front

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

THREADS = 16
"""How many requests a process answers at once: half of them at most wait for FranceConnect (decision 0021)."""
SECONDS_FOR_HEADERS = 15
"""Also how long a connection may stay open and ask nothing."""
LARGEST_HEADERS = 65_536
"""Bytes that a connection may make us hold before its request begins."""
MOST_CONNECTIONS = 512
"""A process holds so many, and the system keeps those beyond waiting: each costs a file descriptor and, at worst, the
largest body and headers."""


def serve(
    load: Callable[[], WSGIApplication],
    *,
    host: str,
    port: int,
    processes: int,
    threads: int,
    seconds_for_a_body: float = SECONDS_FOR_A_BODY,
) -> None:
    """Serve an application behind the front until told to stop.

    :param load: returns the application, in each of the processes; it can be pickled.
    """
    front = partial(_front, load, threads=threads, seconds_for_a_body=seconds_for_a_body)
    Granian(
        "parloir",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=processes,
        # HTTP/2 would let one connection hold hundreds of requests; the proxy in front speaks it.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=SECONDS_FOR_HEADERS * 1000, max_buffer_size=LARGEST_HEADERS),
        backpressure=MOST_CONNECTIONS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve(target_loader=front)


def _front(load: Callable[[], WSGIApplication], _target: str, *, threads: int, seconds_for_a_body: float) -> Any:
    os.environ.setdefault("OUTBOUND_PLACES", str(max(1, threads // 2)))
    return Front(load(), threads=threads, seconds_for_a_body=seconds_for_a_body)


def _site() -> WSGIApplication:
    from parloir.config.wsgi import application

    return application


def main() -> None:
    """Serve the site as the command line says."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=8000)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--threads", type=int, default=THREADS)
    serve(_site, **vars(options.parse_args()))


if __name__ == "__main__":
    main()
