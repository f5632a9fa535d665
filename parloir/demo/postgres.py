"""A PostgreSQL of one's own, for the demonstration, the tests and ``manage.py``: nothing to install.

The server is a child that ends with the process that started it. It listens on a socket only, inside a folder
that nobody else can enter, and lets in only the operating-system user that started it (peer authentication).

One process owns a server at a time (a lock that the server itself holds too); any other command of the same
person that needs it meanwhile is a guest, and the owner waits for its guests before it stops the server.

    python -m parloir.demo.postgres run --data NAME [--fast] -- COMMAND…
    python -m parloir.demo.postgres drop --data NAME
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from parloir.demo import children
from parloir.demo.cluster import DatabaseUnavailable, Server, answers, binaries, make_folders, place, version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parloir.demo.cluster import Place

ROOT = Path(__file__).resolve().parents[2]


class DatabaseInUse(DatabaseUnavailable):
    """Another process owns the server."""


@contextlib.contextmanager
def owning(
    *, name: str = "demo", durable: bool = True, checkout: Path = ROOT, patience: float = 120
) -> Iterator[Server]:
    """Start the server called ``name`` and own it for the time of the block, after whoever owns it now.

    ``durable=False`` turns fsync off: for data that may be lost with the machine. ``patience`` is in seconds.

    :raises DatabaseInUse: when it is not free in time.
    :raises DatabaseUnavailable: when there are no programs, or the server does not start.
    """
    programs, where = _place_of(name, checkout)
    with _locks(where) as (owner, _):
        _wait_until(lambda: _lock(owner, fcntl.LOCK_EX), name=name, patience=patience)
        server = Server(programs, where, durable=durable, lock=owner)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def running(*, name: str = "demo", durable: bool = True, checkout: Path = ROOT) -> Iterator[str]:
    """Give the address of the server called ``name``, starting it for the time of the block unless it runs already.

    :raises DatabaseUnavailable: when there are no programs, or the server does not start.
    """
    programs, where = _place_of(name, checkout)
    with _locks(where) as (owner, guests):

        def free_or_shared() -> bool:
            if _lock(owner, fcntl.LOCK_EX):
                return True
            return _lock(guests, fcntl.LOCK_SH) and (answers(where.url) or _unlock(guests))

        _wait_until(free_or_shared, name=name, patience=120)
        if not _lock(owner, fcntl.LOCK_EX):
            yield where.url
            return
        server = Server(programs, where, durable=durable, lock=owner)
        server.start()
        try:
            yield where.url
        finally:
            if not _lock(guests, fcntl.LOCK_EX):
                print("Another command still uses this database; it stops with it…", file=sys.stderr)
                fcntl.flock(guests, fcntl.LOCK_EX)
            server.stop()


def drop(*, name: str, checkout: Path = ROOT) -> None:
    """Delete a server's data for good.

    :raises DatabaseInUse: while a process owns it.
    """
    where = place(name, major=version_of(binaries()), checkout=checkout)
    if not where.folder.exists():
        return
    with _locks(where) as (owner, _):
        if not children.wait_for(lambda: _lock(owner, fcntl.LOCK_EX), seconds=5):
            raise DatabaseInUse(f"The database “{name}” is in use; stop what uses it first.")
        shutil.rmtree(where.folder)


# Who uses it -----------------------------------------------------------------------------


def _place_of(name: str, checkout: Path) -> tuple[Path, Place]:
    programs = binaries()
    where = place(name, major=version_of(programs), checkout=checkout)
    make_folders(where)
    return programs, where


@contextlib.contextmanager
def _locks(where: Place) -> Iterator[tuple[int, int]]:
    """Open the lock of the server's owner and the lock that its guests share."""
    handles = [
        os.open(where.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for name in ("owner.lock", "guests.lock")
    ]
    try:
        yield handles[0], handles[1]
    finally:
        for handle in handles:
            os.close(handle)


def _wait_until(ours: Callable[[], bool], *, name: str, patience: float) -> None:
    if children.wait_for(ours, seconds=min(1.5, patience)):
        return
    if patience:
        print("Another command is using this database; waiting for it to end…", file=sys.stderr)
    if not children.wait_for(ours, seconds=patience):
        raise DatabaseInUse(f"The database “{name}” is still in use by another command of this folder.")


def _lock(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(handle: int) -> bool:
    fcntl.flock(handle, fcntl.LOCK_UN)
    return False


def main(arguments: list[str] | None = None) -> int:
    """Run a command with ``DATABASE_URL`` set to an embedded server, or delete a server's data."""
    parser = argparse.ArgumentParser(
        prog="python -m parloir.demo.postgres",
        usage="%(prog)s ACTION [--data NAME] [--fast] [-- COMMAND…]",
        description=main.__doc__,
    )
    parser.add_argument("action", choices=["run", "drop"])
    parser.add_argument("--data", default="demo", metavar="NAME", help="which server: each name has its own data")
    parser.add_argument("--fast", action="store_true", help="fsync off, for data that may be lost with the machine")
    given = sys.argv[1:] if arguments is None else arguments
    cut = given.index("--") if "--" in given else len(given)
    chosen = parser.parse_args(given[:cut])
    if chosen.action == "drop":
        drop(name=chosen.data)
        return 0
    with running(name=chosen.data, durable=not chosen.fast) as url:
        return subprocess.run(given[cut + 1 :], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
