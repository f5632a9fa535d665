"""Child processes: tied to their parent, ended with all they started."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from parloir.demo import children

ROOT = Path(__file__).resolve().parents[2]


def test_a_child_is_started_from_the_main_thread_only():
    refusals = []

    def elsewhere():
        try:
            children.spawn(["true"])
        except RuntimeError as error:
            refusals.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert refusals == ["Start children from the main thread: theirs ends when the starting thread does."]


def test_a_child_that_will_not_listen_is_ended_with_its_own_children():
    stubborn = "trap '' TERM; sleep 300 & echo $!; wait"
    child = children.spawn(["sh", "-c", stubborn], output=subprocess.PIPE)
    grandchild = int(child.stdout.readline())

    children.end(child, signals=[(signal.SIGTERM, 0.2), (signal.SIGKILL, 5)])

    assert child.returncode == -signal.SIGKILL
    assert children.wait_for(lambda: not is_alive(grandchild), seconds=5)


def test_a_child_hears_the_interruption_that_its_parent_ignores():
    code = (
        "import signal, sys; from parloir.demo import children; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "child = children.spawn(['sleep', '300']); children.end(child, signals=[(signal.SIGINT, 5)]);"
        "print(child.returncode)"
    )

    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout == f"{-signal.SIGINT}\n"


@pytest.mark.parametrize(("handler", "seen"), [("lambda *_: None", "True"), ("signal.SIG_DFL", "False")])
def test_whether_a_process_catches_a_signal_shows_from_outside(handler, seen):
    code = (
        f"import os, signal; from parloir.demo import children; signal.signal(signal.SIGINT, {handler});"
        "print(children.catches(os.getpid(), signal.SIGINT))"
    )

    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout == f"{seen}\n"


def test_a_process_that_is_gone_catches_nothing():
    child = subprocess.Popen(["true"])
    child.wait()

    assert children.catches(child.pid, signal.SIGINT) is False


def test_waiting_gives_up_in_time():
    began = time.monotonic()

    assert children.wait_for(lambda: False, seconds=0.2) is False
    assert time.monotonic() - began < 2


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False
