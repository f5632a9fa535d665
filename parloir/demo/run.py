"""The supervisor behind ``make run``: starts every part of the demonstration, keeps them up, stops them all.

Each part is a child that the kernel ends with this process, so a kill leaves nothing behind. What a part writes
goes to ``var/log/NAME.log``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parloir.config.serve import THREADS
from parloir.demo import catcher, caught, children, postgres, runfile
from parloir.demo.cluster import answers
from parloir.demo.personas import PERSONAS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping
    from typing import NoReturn

    from parloir.demo.cluster import Server

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "var" / "log"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SECONDS_TO_START = 60.0
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
STOPPING = ((signal.SIGTERM, 8.0), (signal.SIGKILL, 5.0))


class CannotStart(SystemExit):
    """The demonstration cannot start; the message is one sentence for the person at the keyboard."""


@dataclass
class Part:
    """One part of the demonstration: how it is started, how one knows that it is ready, how it fares."""

    name: str
    command: list[str]
    ready: Callable[[], bool] = lambda: True
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    pause: float = 0.5
    falls: int = 0

    @property
    def log(self) -> Path:
        """Where it writes."""
        return LOGS / f"{self.name}.log"

    def start(self, env: Mapping[str, str]) -> None:
        """Start it, or start it again."""
        with os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
            self.child = children.spawn(self.command, output=log, env=env, folder=ROOT)
        self.started_at = time.monotonic()

    def watch(self, env: Mapping[str, str]) -> bool:
        """Start it again if it ended, later and later when it keeps ending; tell whether it was started."""
        now = time.monotonic()
        if self.child and self.child.poll() is not None:
            children.clear_session(self.child.pid)
            steady = now - self.started_at > STEADY_AFTER
            self.pause = 0.5 if steady else min(self.pause * 2, LONGEST_PAUSE)
            self.falls += 1
            self.restart_at = now + self.pause
            print(f"{self.name} ended ({self.child.returncode}); started again in {self.pause:g} s, see {self.log}")
            self.child = None
        if self.child or now < self.restart_at:
            return False
        self.start(env)
        return True


# What it is made of ----------------------------------------------------------------------


def parts(port: int) -> list[Part]:
    """Say what the demonstration consists of."""
    python = sys.executable
    serve = [python, "-m", "parloir.demo.serve"]
    sign_in = f"http://localhost:{port + 1}/api/v2/.well-known/openid-configuration"
    return [
        Part(
            "catcher",
            [python, "-m", "parloir.demo.catcher", str(caught.FOLDER), str(port + 2), str(port + 3)],
            lambda: _listens(port + 2) and _listens(port + 3),
        ),
        Part(
            "sign-in",
            [*serve, "parloir.demo.provider_wsgi:application", catcher.HOST, str(port + 1), "1", "4"],
            lambda: _serves(sign_in),
        ),
        Part(
            "web",
            [*serve, "parloir.config.wsgi:application", catcher.HOST, str(port), "2", str(THREADS)],
            lambda: _serves(f"http://{catcher.HOST}:{port}/sante/pret"),
        ),
        Part("worker", [python, "manage.py", "procrastinate", "worker"]),
    ]


def addresses(port: int) -> dict[str, str]:
    """Return the addresses of the demonstration, by what is found there."""
    site = os.environ.get("SITE_URL") or f"http://{catcher.HOST}:{port}"
    return {
        "site": f"{site}/",
        "demo": f"{site}/demo/",
        "sign_in": os.environ.get("FRANCECONNECT_ISSUER") or f"http://localhost:{port + 1}/api/v2",
        "smtp": f"smtp://{catcher.HOST}:{port + 2}",
        "sms": f"http://{catcher.HOST}:{port + 3}/sms",
    }


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((catcher.HOST, port), timeout=1):
        return True
    return False


def _serves(address: str) -> bool:
    """Tell whether a page is served: any answer but a server's failure counts, even “not this host”."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310 - our own http addresses
            return bool(response.status)
    except urllib.error.HTTPError as error:
        return error.code < 500  # noqa: PLR2004
    except OSError:
        return False


# How it starts ---------------------------------------------------------------------------


def port_asked() -> int:
    """Return the first of the four ports.

    :raises CannotStart: when ``PORT`` is not a port.
    """
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65532:  # noqa: PLR2004
        raise CannotStart(f"PORT={text} is not a port: give a number from 1 to 65532.")
    return int(text)


def refuse_used_ports(port: int) -> None:
    """Stop before anything is started when one of the four ports is taken.

    :raises CannotStart: naming it.
    """
    for number in range(port, port + 4):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((catcher.HOST, number))
            except OSError as error:
                raise CannotStart(
                    f"Port {number} cannot be used ({error.strerror}): stop what uses it, or choose four others in"
                    f" a row, for example “make run PORT={port + 100}”."
                ) from None


@contextlib.contextmanager
def database() -> Iterator[tuple[str, Server | None]]:
    """Give the database's address, and the embedded server when it is that.

    :raises CannotStart: when an explicit database does not answer.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        if not answers(given):
            raise CannotStart("The database of DATABASE_URL does not answer: start it, or unset the variable.")
        yield given, None
        return
    with postgres.owning(name="demo") as server:
        yield server.url, server


def environment(port: int, database_url: str) -> dict[str, str]:
    """Return what every part is told; what was set explicitly stays."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    ours |= {"DEV": "1", "PORT": str(port), "DATABASE_URL": database_url, "PYTHONUNBUFFERED": "1"}
    return ours


def prepare(env: Mapping[str, str]) -> None:
    """Bring translations, static files, tables and demonstration data up to date.

    :raises CannotStart: when one of them cannot be.
    """
    print("Preparing the database and the demonstration’s data…")
    preparing = children.spawn([sys.executable, "manage.py", "prepare"], env=env, folder=ROOT)
    try:
        failed = preparing.wait()
    finally:
        children.end(preparing, signals=STOPPING)
    if failed:
        raise CannotStart("The demonstration could not be prepared; the lines above say why.")


def wait_until_ready(all_parts: list[Part], env: Mapping[str, str], *, patience: float = SECONDS_TO_START) -> None:
    """Wait until each part serves, ``patience`` seconds at most.

    :raises CannotStart: with the end of its log when one does not.
    """
    deadline = time.monotonic() + patience
    for part in all_parts:
        while not part.ready():
            part.watch(env)
            if time.monotonic() > deadline or part.falls > 2:  # noqa: PLR2004
                end = part.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
                raise CannotStart("\n".join([*end, f"The part “{part.name}” does not start; see {part.log}."]))
            time.sleep(0.05)


def announce(port: int) -> None:
    """Say where everything is, and as whom one may sign in."""
    where = addresses(port)
    print(
        f"\nParloir, demonstration\n"
        f"  the site               {where['site']}\n"
        f"  identities, messages   {where['demo']}\n"
        f"  FranceConnect          {where['sign_in']}\n"
        f"  e-mails, SMS           {where['smtp']}  {where['sms']}\n"
        f"  logs                   {LOGS}/\n\n"
        f"Demonstration identities (their permits are at {where['demo']}):"
    )
    for persona in PERSONAS:
        print(f"  {persona.first_names[0]} {persona.use_name or persona.birth_name}: {persona.label}")
    print("\nCtrl-C stops everything; the data is kept for the next start.", flush=True)


def stop(all_parts: list[Part]) -> None:
    """Stop every part, all at once, then whatever is left of them."""
    alive = [part.child for part in all_parts if part.child]
    for child in alive:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in alive:
        children.end(child, signals=STOPPING)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    for asked in SIGNALS:
        signal.signal(asked, signal.SIG_IGN)
    raise KeyboardInterrupt


def _interruption_of_make() -> Callable[[], bool]:
    """Return how to tell that make alone was interrupted, or lost its terminal: it then waits for us without a word.

    It gives up its own handler of a signal when that is called, which shows from outside.
    """
    make = os.getppid()
    watched = [asked for asked in SIGNALS if children.catches(make, asked)]
    if not os.environ.get("MAKELEVEL"):
        return lambda: False
    return lambda: not all(children.catches(make, asked) for asked in watched)


def supervise(port: int) -> None:
    """Run the demonstration until it is told to stop.

    :raises CannotStart: when a part does not come up.
    """
    refuse_used_ports(port)
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir(parents=True)
    all_parts = parts(port)
    told_to_stop = _interruption_of_make()
    with database() as (url, server):
        env = environment(port, url)
        state = runfile.RunFile(port=port, database_url=url, embedded=server is not None, addresses=addresses(port))
        runfile.write(state)
        try:
            prepare(env)
            for part in all_parts:
                part.start(env)
            wait_until_ready(all_parts, env)
            _note_pids(state, all_parts)
            announce(port)
            while not told_to_stop():
                time.sleep(0.2)
                if server and server.revive():
                    print(f"the database ended; it was started again, see {server.where.log}")
                started = [part for part in all_parts if part.watch(env)]
                if started:
                    _note_pids(state, all_parts)
        finally:
            stop(all_parts)
            runfile.write(state)


def _note_pids(state: runfile.RunFile, all_parts: list[Part]) -> None:
    pids = {"supervisor": os.getpid()} | {part.name: part.child.pid for part in all_parts if part.child}
    runfile.write(replace(state, running=True, pids=pids))


def main() -> int:
    """Run the demonstration of this checkout, alone."""
    for asked in SIGNALS:
        # A process started with nohup stays when its terminal goes.
        if asked != signal.SIGHUP or signal.getsignal(asked) != signal.SIG_IGN:
            signal.signal(asked, _interrupt)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    children.adopt_orphans()
    if os.environ.get("MAKELEVEL"):
        # A make that is killed tells nobody.
        children.die_with(os.getppid())
    with runfile.only_one() as alone:
        if not alone:
            known = runfile.read()
            where = known.addresses.get("site", "") if known else ""
            raise CannotStart(f"The demonstration of this folder already runs: {where} (stop it with Ctrl-C there).")
        with contextlib.suppress(KeyboardInterrupt):
            supervise(port_asked())
        print("\nStopped; “make run” starts again with the same data.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
