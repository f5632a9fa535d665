"""The product itself, served by granian on a free port, against the test's database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import httpx
from django.conf import settings
from django.core import signing
from django.db import connection

from parloir.identity.cookies import SESSION
from tests.privacy import WATCH

if TYPE_CHECKING:
    from collections.abc import Iterator


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url() -> str:
    """Return the address of the database this test writes to."""
    params = connection.settings_dict
    user = f"{params['USER']}:{params['PASSWORD']}" if params["PASSWORD"] else params["USER"]
    host, port = params["HOST"], params["PORT"]
    if host.startswith("/"):
        return f"postgresql://{user}@/{params['NAME']}?host={host}" + (f"&port={port}" if port else "")
    return f"postgresql://{user}@{host}:{port or 5432}/{params['NAME']}"


@contextmanager
def served(*, workers: int = 2, threads: int = 4, **environment: str) -> Iterator[str]:
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
            _wait_for(address, process, said)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            said.seek(0)
            for line in said.read().decode(errors="replace").splitlines():
                WATCH.hear("log", line)


def _wait_for(address: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            said.seek(0)
            raise RuntimeError(said.read().decode()[-2000:])
        try:
            if httpx.get(f"{address}/sante/vivant").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(address)


def session_cookie(key: str) -> dict[str, str]:
    """Return the cookie that a browser holds once signed in."""
    return {SESSION: signing.Signer(salt="parloir.identity.session").sign(key)}
