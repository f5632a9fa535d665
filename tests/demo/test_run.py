"""``make run``: started, watched, killed, started again, stopped, in a copy of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from parloir.demo import children, cluster, run
from tests.ports import ports_in_a_row

ROOT = Path(__file__).resolve().parents[2]


class Demonstration:
    """A copy of the checkout and the supervisor that runs in it."""

    def __init__(self, folder):
        self.folder = folder
        self.port = ports_in_a_row(4)
        self.process = None

    def start(self):
        self.process = self.launch()
        for line in self.process.stdout:
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError(self.process.stderr.read())

    def launch(self):
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "PORT": str(self.port)}
        return subprocess.Popen(
            [str(self.folder / ".venv/bin/python"), "-m", "parloir.demo.run"],
            cwd=self.folder, env=plain, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    @property
    def told(self):
        return json.loads((self.folder / "var/run.json").read_text())

    def answers(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status

    def processes(self):
        """Return the processes that work in the copy, and its database server's."""
        database = str(cluster.place("demo", major=0, checkout=self.folder).folder.parent)
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                place = str((process / "cwd").readlink())
            except OSError:
                continue
            if place.startswith((str(self.folder), database)):
                found.add(int(process.name))
        return found


LIKE_MAKE = """
import signal, time

def give_up(asked, _frame):
    signal.signal(asked, signal.SIG_DFL)

for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(asked, give_up)
print("ready", flush=True)
while True:
    time.sleep(1)
"""


@pytest.fixture
def demonstration(tmp_path):
    copy = tmp_path / "parloir"
    copy.mkdir()
    shutil.copytree(ROOT / "parloir", copy / "parloir", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    (copy / ".venv").symlink_to(sys.prefix)
    ours = Demonstration(copy)
    yield ours
    if ours.process and ours.process.poll() is None:
        ours.process.kill()
    children.wait_for(lambda: not ours.processes(), seconds=30)
    shutil.rmtree(cluster.place("demo", major=0, checkout=copy).folder.parent, ignore_errors=True)


def test_it_starts_heals_survives_a_kill_without_a_trace_and_stops(demonstration):
    demonstration.start()
    told = demonstration.told
    assert (demonstration.folder / "var/run.json").stat().st_mode & 0o777 == 0o600
    assert (told["running"], told["port"], told["embedded"]) == (True, demonstration.port, True)
    assert set(told["pids"]) == {"supervisor", "catcher", "sign-in", "web", "worker"}
    assert [demonstration.answers(path) for path in ("/", "/demo/", "/sante/pret")] == [200, 200, 200]

    # A second one in the same folder is refused in a sentence.
    second = demonstration.launch()
    refusal = f"already runs: http://127.0.0.1:{demonstration.port}/ (stop it with Ctrl-C there)."
    assert second.communicate(timeout=60) == ("", f"The demonstration of this folder {refusal}\n")

    # A part that is killed comes back.
    os.kill(told["pids"]["worker"], signal.SIGKILL)
    assert children.wait_for(
        lambda: demonstration.told["pids"].get("worker") not in {None, told["pids"]["worker"]}, seconds=30
    )

    # Killed itself, it leaves nothing behind.
    demonstration.process.kill()
    demonstration.process.wait()
    assert children.wait_for(lambda: not demonstration.processes(), seconds=30), demonstration.processes()

    # The next start is quick, keeps the data, and ends when asked to.
    began = time.monotonic()
    demonstration.start()
    assert time.monotonic() - began < 30
    demonstration.process.send_signal(signal.SIGINT)
    assert demonstration.process.wait(timeout=30) == 0
    assert children.wait_for(lambda: not demonstration.processes(), seconds=10)
    assert (demonstration.told["running"], demonstration.told["pids"]) == (False, {})


def test_a_port_in_use_is_one_clear_sentence():
    port = ports_in_a_row(4)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 2))
        taken.listen()

        with pytest.raises(run.CannotStart) as refused:
            run.refuse_used_ports(port)

    assert str(refused.value) == (
        f"Port {port + 2} cannot be used (Address already in use): stop what uses it, or choose four others in a row,"
        f" for example “make run PORT={port + 100}”."
    )


@pytest.mark.parametrize("port", ["http", "0", "65533", "-1", "8000.5"])
def test_a_port_that_is_none_is_one_clear_sentence(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(run.CannotStart, match="is not a port"):
        run.port_asked()


def test_an_explicit_database_that_does_not_answer_is_one_clear_sentence(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nothing?host=/nowhere")

    with pytest.raises(run.CannotStart) as refused, run.database():
        pass

    assert str(refused.value) == "The database of DATABASE_URL does not answer: start it, or unset the variable."


@pytest.mark.parametrize("asked", run.SIGNALS)
def test_a_signal_that_make_alone_received_is_seen(monkeypatch, asked):
    with subprocess.Popen([sys.executable, "-c", LIKE_MAKE], stdout=subprocess.PIPE) as make:
        try:
            assert make.stdout.readline() == b"ready\n"
            monkeypatch.setenv("MAKELEVEL", "1")
            monkeypatch.setattr(os, "getppid", lambda: make.pid)
            told_to_stop = run._interruption_of_make()
            assert not told_to_stop()

            make.send_signal(asked)

            assert children.wait_for(told_to_stop, seconds=10)
        finally:
            make.kill()
