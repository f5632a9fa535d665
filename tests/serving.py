"""The product itself, served as for real on a free port, against the test's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import httpx
from django.conf import settings
from django.core import signing
from django.db import connection

from parloir.config.serve import THREADS
from parloir.identity.cookies import SESSION
from tests.ports import free_port
from tests.privacy import WATCH

if TYPE_CHECKING:
    from collections.abc import Iterator


STARTED_WITHIN = 120
"""Seconds that a process may take to answer, on a machine busy with everything else."""


_AT_WORK = """
SELECT pid, state, left(query, 200) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def empty_the_queue() -> None:
    """Empty the tables of jobs, once nobody else is at work in the test's database.

    A process that was ended may leave the database finishing what it asked for: emptying tables beside it can
    close a ring of locks.

    :raises RuntimeError: with what is still being done after ``STARTED_WITHIN`` seconds.
    """
    until = time.monotonic() + STARTED_WITHIN
    with connection.cursor() as cursor:
        cursor.execute(_AT_WORK)
        while at_work := cursor.fetchall():
            if time.monotonic() > until:
                raise RuntimeError(f"still at work in the database: {at_work}")
            time.sleep(0.05)
            cursor.execute(_AT_WORK)
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")


def database_url() -> str:
    """Return the address of the database this test writes to."""
    params = connection.settings_dict
    user = f"{params['USER']}:{params['PASSWORD']}" if params["PASSWORD"] else params["USER"]
    host, port = params["HOST"], params["PORT"]
    if host.startswith("/"):
        return f"postgresql://{user}@/{params['NAME']}?host={host}" + (f"&port={port}" if port else "")
    return f"postgresql://{user}@{host}:{port or 5432}/{params['NAME']}"


@contextmanager
def served(*, workers: int = 2, threads: int = THREADS, **environment: str) -> Iterator[str]:
    """Serve the product as it is served for real; yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "parloir.demo.serve", "parloir.config.wsgi:application", "127.0.0.1"]
    command += [str(port), str(workers), str(threads)]
    env = {**os.environ, "DEV": "1", "PORT": str(port), "DATABASE_URL": database_url(), **environment}
    # Into a file: a pipe that nobody reads fills up, and the server waits for ever to write its log.
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, cwd=settings.ROOT, env=env, stderr=said) as process,
    ):
        try:
            wait_until_it_answers(f"{address}/sante/vivant", process, said)
            yield address
        finally:
            end(process)
            said.seek(0)
            for line in said.read().decode(errors="replace").splitlines():
                WATCH.hear("log", line)


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    """Wait until a process that was started answers at an address.

    :raises RuntimeError: with what it said, when it ended instead, or does not answer in time.
    """
    until = time.monotonic() + STARTED_WITHIN
    while process.poll() is None and time.monotonic() < until:
        with suppress(httpx.TransportError):
            if httpx.get(address, trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    said.seek(0)
    ended = "does not answer" if process.poll() is None else f"ended with {process.returncode}"
    raise RuntimeError(f"{address} {ended}: {said.read().decode(errors='replace')[-4000:]}")


def end(process: subprocess.Popen[bytes], *, patience: float = 30) -> None:
    """Ask a process to end, and see to it that it does: what it started, too."""
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        kill_with_children(process)
        process.wait(30)


def kill_with_children(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and those that it started: left alone, they would go on for ever."""
    started = children_of(process.pid)
    process.kill()
    for child in started:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started: all that live but the trackers of resources."""
    with suppress(FileNotFoundError):
        ids = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        commands = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in ids}
        # One that has died and is not buried yet says no command.
        return [child for child, command in commands.items() if command and b"resource_tracker" not in command]
    return []


def session_cookie(key: str) -> dict[str, str]:
    """Return the cookie that a browser holds once signed in."""
    return {SESSION: signing.Signer(salt="parloir.identity.session").sign(key)}
