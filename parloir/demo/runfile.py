"""``var/run.json``: what the demonstration of this checkout is, for ``manage.py`` and other tools beside it.

The file stays after a stop, so that ``manage.py`` still knows the database and the addresses; then ``running`` is
false and ``pids`` is empty. After a kill they are out of date: whoever must know asks :func:`is_running`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class RunFile:
    """The content of ``var/run.json``. ``embedded``: the database is the one of ``parloir.demo.postgres``."""

    port: int
    database_url: str
    embedded: bool
    addresses: dict[str, str]
    running: bool = False
    pids: dict[str, int] = field(default_factory=dict)


def path_of(checkout: Path = ROOT) -> Path:
    """Return where the file is."""
    return checkout / "var" / "run.json"


def read(checkout: Path = ROOT) -> RunFile | None:
    """Return what the file says, None when there is none that can be read."""
    try:
        held = json.loads(path_of(checkout).read_text(encoding="utf-8"))
        held["database_url"] = held.pop("DATABASE_URL")
        return RunFile(**held)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(content: RunFile, checkout: Path = ROOT) -> None:
    """Replace the file at once; only its owner may read it: the address of a database can hold a password."""
    target = path_of(checkout)
    target.parent.mkdir(exist_ok=True)
    held = asdict(content)
    held["DATABASE_URL"] = held.pop("database_url")
    fresh = target.with_name(f"run.json.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(held, file, indent=2)
    fresh.replace(target)


@contextlib.contextmanager
def only_one(checkout: Path = ROOT) -> Iterator[bool]:
    """Be this checkout's only demonstration for the time of the block; False when there is one already."""
    lock = checkout / "var" / "run.lock"
    lock.parent.mkdir(exist_ok=True)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


def is_running(checkout: Path = ROOT) -> bool:
    """Tell whether a demonstration of this checkout runs now, whatever the file says."""
    with only_one(checkout) as free:
        return not free
