"""Read a file of the register from end to end, in bounded memory, batch by batch.

What is applied stays: a run that was killed is completed by the next, which counts as repeated what the
first one did.
"""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import structlog
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from psycopg import errors

from parloir.people.feed import Outcome, Reason, Verdict, rejected
from parloir.register.lines import LONGEST, read_line
from parloir.register.values import BadLine
from parloir.visits.operations.receiving import receive_register_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from parloir.permits.feed import Line

type _Numbered = tuple[int, Line]

log = structlog.get_logger("parloir.register")

BATCH = 500
"""Lines in a transaction: longer ones gain nothing and keep families waiting behind their locks."""

BATCH_BYTES = 4 * LONGEST

_TRIES = 8
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PASSING = (errors.DeadlockDetected, errors.LockNotAvailable, errors.SerializationFailure)


@dataclass(slots=True)
class Counts:
    """How many lines had which fate; they add up."""

    lines: int = 0
    accepted: int = 0
    rejected: int = 0
    older: int = 0
    repeated: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one line."""
        self.lines += 1
        setattr(self, outcome.verdict, getattr(self, outcome.verdict) + 1)

    def __str__(self) -> str:
        return (
            f"lines={self.lines} accepted={self.accepted} rejected={self.rejected}"
            f" older={self.older} repeated={self.repeated}"
        )


def import_file(path: Path, *, counts: Counts, clock: Callable[[], datetime]) -> None:
    """Apply a file of the feed, add up its lines in ``counts``, and list the rejected ones beside it.

    ``clock`` tells the time: a file may take hours, and what a line changes is judged at its own moment.

    :raises OSError: when the file cannot be read through.
    :raises DatabaseError: when the database gives up; what is counted is applied.
    """
    beside = path.parent / f"{path.name}.rejected.jsonl"
    try:
        file = _opened(path)
    except OSError:
        if beside.exists():
            _private_file(beside).close()
        raise
    with file, _private_file(beside) as rejects:
        for batch in _batches(_numbered_lines(file)):
            for number, outcome in _fates(batch, clock):
                counts.add(outcome)
                if outcome.verdict is Verdict.REJECTED:
                    fault = {"line": number, "reason": outcome.reason, "detail": outcome.detail}
                    rejects.write(json.dumps(fault) + "\n")
            rejects.flush()


def _opened(path: Path) -> IO[bytes]:
    if path.exists() and not path.is_file():
        raise OSError(None, "not a file", str(path))
    return path.open("rb")


def _private_file(path: Path) -> IO[str]:
    """Make a file anew that its owner alone can read, whatever stood there before."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.fchmod(handle, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8")


def _numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number; of one too long, only enough to see that it is.

    Files that were joined may each begin with a byte order mark; one that ends the file is no line.
    """
    number = 0
    while raw := file.readline(LONGEST + 1):
        rest = raw
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST + 1)
        while raw.startswith(_BYTE_ORDER_MARK):
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        if raw:
            number += 1
            yield number, raw


def _batches(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    """Yield lines by batches, shorter ones where lines are long."""
    batch: list[tuple[int, bytes]] = []
    size = 0
    for number, raw in lines:
        batch.append((number, raw))
        size += len(raw)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _fates(batch: Sequence[tuple[int, bytes]], clock: Callable[[], datetime]) -> Iterator[tuple[int, Outcome]]:
    """Yield the fate of each line of a batch, in order."""
    now = clock()
    read = [(number, _read(number, raw, now)) for number, raw in batch]
    lines = [(number, line) for number, line in read if not isinstance(line, Outcome)]
    fates = iter(_applied(lines, clock))
    for number, line in read:
        yield number, line if isinstance(line, Outcome) else next(fates)


def _read(number: int, raw: bytes, now: datetime) -> Line | Outcome:
    try:
        return read_line(raw, now=now)
    except BadLine as fault:
        return rejected(fault.reason, fault.detail)
    except Exception as error:  # noqa: BLE001 (one line never stops a file)
        return _failed_on(number, error)


def _applied(lines: Sequence[_Numbered], clock: Callable[[], datetime]) -> list[Outcome]:
    """Apply lines; when a batch fails as a whole, its halves are tried, down to the line that fails."""
    outcomes: list[Outcome] = []
    size = len(lines)
    while len(outcomes) < len(lines):
        some = lines[len(outcomes) : len(outcomes) + size]
        try:
            applied = _applied_patiently(some, clock)
        except Exception as error:
            if _has_given_up(error):
                raise
            half = len(some) // 2
            if half:
                applied = _applied(some[:half], clock) + _applied(some[half:], clock)
            else:
                applied = [_failed_on(some[0][0], error)]
        outcomes += applied
        # What a transaction loads for lines that it leaves to the next one is loaded in vain.
        size = 2 * (size if len(applied) == len(some) else len(applied))
    return outcomes


def _applied_patiently(lines: Sequence[_Numbered], clock: Callable[[], datetime]) -> list[Outcome]:
    """Apply lines, trying again when others held what they need."""
    for attempt in range(_TRIES):
        try:
            return receive_register_lines(lines=[line for _, line in lines], now=clock())
        except OperationalError as error:
            if attempt == _TRIES - 1 or not isinstance(error.__cause__, _PASSING):
                raise
            time.sleep(random.uniform(0.05, 0.1) * 2**attempt)  # noqa: S311
    raise AssertionError


def _has_given_up(error: Exception) -> bool:
    """Tell whether it is the database that fails, whatever it is asked: then the file is not read on."""
    if isinstance(error, OperationalError):
        return not isinstance(error.__cause__, (*_PASSING, errors.QueryCanceled))
    return isinstance(error, InterfaceError) or isinstance(error.__cause__, errors.ReadOnlySqlTransaction)


def _failed_on(number: int, error: Exception) -> Outcome:
    """Return the outcome of a line that a constraint refuses, or on which the service itself fails."""
    if isinstance(error, IntegrityError):
        return rejected(Reason.CONFLICT, "")
    if isinstance(error, DataError):
        return rejected(Reason.BAD_VALUE, "")
    log.error("register_line_failed", line=number, exc_info=error)
    return rejected(Reason.INTERNAL, "")
