"""What a test is given to listen on is its own, whoever else runs tests here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests import ports


def test_a_port_is_given_once_to_all_the_processes_of_a_machine(monkeypatch):
    monkeypatch.setattr(ports.random, "randrange", lambda first, _beyond: first + next(turns))
    turns = iter(range(500))
    mine = {ports.free_port() for _ in range(3)}
    asking = "from tests import ports; ports.random.randrange = lambda first, _: first + next(turns); "
    asking += "turns = iter(range(500)); print(*[ports.free_port() for _ in range(3)])"

    said = subprocess.run([sys.executable, "-c", asking], cwd=settings.ROOT, capture_output=True, text=True, check=True)

    theirs = {int(port) for port in said.stdout.split()}
    assert (len(mine), len(theirs), mine & theirs) == (3, 3, set())


def test_ports_lie_below_those_that_the_system_lends_to_whoever_connects():
    lent = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])

    assert all(ports.FIRST <= ports.free_port() < lent for _ in range(20))
