"""Ports for the servers that tests start: what one was given, nobody else is given while it runs.

A port that was merely found free may be taken before its server binds it: by another run of the tests, or by the
system, which lends ports of its own range to whoever connects somewhere. So these lie below that range, and each is
locked for as long as this process lives.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

FIRST = 11_000
"""Above what browsers refuse to speak to, and above the ports of a demonstration."""

_LENT = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUALLY_LENT_FROM = 32_768
_MINE: list[int] = []
"""The open locks: the system lets go of them when this process ends, however it ends."""


def free_port() -> int:
    """Return a port of this process's own."""
    return ports_in_a_row(1)


def ports_in_a_row(count: int) -> int:
    """Return the first of some ports in a row, all of this process's own."""
    beyond = _lent_from() - count
    for _try in range(1_000):
        first = random.randrange(FIRST, beyond)
        locks = [_lock(port) for port in range(first, first + count)]
        if all(lock is not None for lock in locks):
            _MINE.extend(lock for lock in locks if lock is not None)
            return first
        for lock in locks:
            if lock is not None:
                os.close(lock)
    raise OSError("no port is free for a server of the tests")


def _lent_from() -> int:
    with suppress(OSError):
        return max(int(_LENT.read_text(encoding="ascii").split()[0]), FIRST + 1_000)
    return _USUALLY_LENT_FROM


def _lock(port: int) -> int | None:
    """Lock a port that nothing listens on; None when it is somebody else's."""
    folder = Path(tempfile.gettempdir()) / f"parloir-ports-{os.geteuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError:
        os.close(lock)
        return None
    return lock
