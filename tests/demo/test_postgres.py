"""The embedded PostgreSQL: private, durable, and gone with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg
import pytest

from parloir.demo import cluster, postgres

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user of the system")
ROOT = postgres.ROOT
RUN = [sys.executable, "-m", "parloir.demo.postgres", "run", "--data"]


@pytest.fixture
def name():
    chosen = f"selftest-{uuid.uuid4().hex[:8]}"
    yield chosen
    postgres.drop(name=chosen)


def where_is(name):
    return cluster.place(name, major=cluster.version_of(cluster.binaries()), checkout=ROOT)


def run_inside(name, code, *, check=True):
    command = [*RUN, name, "--fast", "--", sys.executable, "-c", f"import os, psycopg\n{code}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=check, timeout=120)


def start_owner(name, *options):
    """Start a process that owns the server until it is killed; return it once the server answers."""
    command = [*RUN, name, *options, "--", sys.executable, "-c", "print('up', flush=True); input()"]
    owner = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert owner.stdout.readline() == "up\n"
    return owner


def finish(owner):
    owner.communicate("\n", timeout=60)


def server_pid(name):
    return int((where_is(name).data / "postmaster.pid").read_text().splitlines()[0])


def is_gone(pid, *, within=20):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.05)
    return False


def modes_above(folder):
    return {str(parent): parent.stat().st_mode for parent in folder.parents if parent.exists()}


def connect_as(uid, gid, server):
    """Try to connect as another user of the system; return what came of it."""
    return subprocess.run(
        [server.programs / "psql", "-Atc", "SELECT 'connected'", server.url],
        cwd="/", env={"LC_ALL": "C.UTF-8"}, user=uid, group=gid, extra_groups=[],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_was_written_is_there_at_the_next_start(name):
    run_inside(
        name,
        "with psycopg.connect(os.environ['DATABASE_URL']) as c: c.execute('CREATE TABLE kept AS SELECT 42 AS answer')",
    )

    again = run_inside(
        name, "print(psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT answer FROM kept').fetchone()[0])"
    )

    assert again.stdout == "42\n"


def test_the_commands_exit_code_is_ours(name):
    assert run_inside(name, "raise SystemExit(7)", check=False).returncode == 7


def test_no_folder_above_the_data_changes_its_mode(name):
    folder = where_is(name).data
    before = modes_above(ROOT / "var" / "x") | modes_above(folder)

    run_inside(name, "")

    after = modes_above(ROOT / "var" / "x") | modes_above(folder)
    assert {path: mode for path, mode in after.items() if path in before} == before
    assert (where_is(name).folder.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o700, 0o700)


def test_nobody_but_root_and_the_servers_private_group_can_enter_the_folder_above(name):
    run_inside(name, "")

    above = where_is(name).folder.parent.stat()

    assert above.st_mode & 0o007 == 0
    assert above.st_uid == os.geteuid()


def test_no_server_is_left_when_its_starter_is_killed(name):
    owner = start_owner(name)
    pid = server_pid(name)

    owner.kill()

    assert is_gone(pid)
    os.killpg(owner.pid, signal.SIGKILL)
    owner.wait()


def test_it_starts_again_after_the_server_itself_was_killed(name):
    owner = start_owner(name)
    pid = server_pid(name)
    os.kill(pid, signal.SIGKILL)
    os.killpg(owner.pid, signal.SIGKILL)
    owner.wait()
    assert is_gone(pid)

    assert run_inside(name, "print('again')").stdout == "again\n"


def test_a_mark_left_by_a_dead_server_whose_number_another_process_has_now_prevents_nothing(name):
    run_inside(name, "")
    mark = where_is(name).data / "postmaster.pid"
    mark.write_text(f"{os.getpid()}\n{where_is(name).data}\n1\n5432\n\n\n\n")
    if owner := where_is(name).ids:
        os.chown(mark, *owner)

    assert run_inside(name, "print('again')").stdout == "again\n"


def test_a_second_command_shares_the_server_and_the_first_waits_for_it(name):
    first = start_owner(name)
    pid = server_pid(name)
    second = start_owner(name)
    assert server_pid(name) == pid

    first.stdin.write("\n")
    first.stdin.close()
    time.sleep(1)

    assert Path(f"/proc/{pid}").exists()
    finish(second)
    assert is_gone(pid)
    first.wait(timeout=30)


def test_one_who_must_own_the_server_is_refused_while_another_does(name):
    owner = start_owner(name)

    with pytest.raises(postgres.DatabaseInUse), postgres.owning(name=name, patience=0):
        pass

    finish(owner)


def test_data_in_use_is_not_deleted(name):
    owner = start_owner(name)

    refused = subprocess.run(
        [sys.executable, "-m", "parloir.demo.postgres", "drop", "--data", name],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (refused.returncode, refused.stderr) == (
        1,
        f"The database “{name}” is in use; stop what uses it first.\n",
    )
    finish(owner)


def test_a_killed_server_is_revived_with_what_was_committed(name):
    with postgres.owning(name=name) as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(server_pid(name), signal.SIGKILL)
        server.child.wait(timeout=10)

        assert server.revive() is True
        assert server.revive() is False
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_it_listens_on_no_network_and_syncs_unless_told_otherwise(name):
    with postgres.owning(name=name) as server, psycopg.connect(server.url) as connection:
        shown = [connection.execute(f"SHOW {key}").fetchone()[0] for key in ("listen_addresses", "fsync")]

    assert shown == ["", "on"]
    with postgres.owning(name=name, durable=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_a_socket_path_too_long_for_the_kernel_moves_to_a_private_folder(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    short = cluster.place("demo", major=18, checkout=Path("/home/a/parloir"))
    long = cluster.place("demo", major=18, checkout=Path("/home") / ("a" * 90))

    assert short.socket == Path("/home/a/parloir/var/postgres/demo-18")
    assert long.socket.parent == Path("/tmp")
    assert len(f"{long.socket}/.s.PGSQL.5432") < 107


@as_root
@pytest.mark.parametrize(
    ("uid", "gid", "refusal"),
    [
        (65534, 65534, "Permission denied"),
        (12345, 12345, "Permission denied"),
        # Even in the server's own group and as its own user: the last door is the peer rule.
        (65534, cluster.PRIVATE_GROUP, "Peer authentication failed"),
    ],
    ids=["nobody", "another user", "the server's user in its private group"],
)
def test_another_user_of_the_system_cannot_connect(name, uid, gid, refusal):
    with postgres.owning(name=name, durable=False) as server:
        tried = connect_as(uid, gid, server)

    assert (tried.stdout, refusal in tried.stderr) == ("", True)


@as_root
def test_the_starter_can_connect_by_the_same_way(name):
    with postgres.owning(name=name, durable=False) as server:
        assert connect_as(0, 0, server).stdout == "connected\n"


@as_root
def test_the_server_does_not_run_as_root_and_knows_nothing_of_our_environment(name, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not-to-be-handed-down")

    with postgres.owning(name=name, durable=False):
        process = Path(f"/proc/{server_pid(name)}")
        assert process.stat().st_uid == cluster.place(name, major=0, checkout=ROOT).ids[0]
        assert b"not-to-be-handed-down" not in (process / "environ").read_bytes()
