"""What a test starts has ended when it ends, and what that started too."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.serving import children_of, end

DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print("started", flush=True)
time.sleep(300)
"""


def lives(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_server_that_does_not_end_when_asked_is_ended_with_what_it_started():
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        (child,) = children_of(server.pid)

        end(server, patience=0.2)

    until = time.monotonic() + 30
    while lives(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not lives(child)
