"""The national register: how long it takes to load, in how much memory; and to recount everything."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from parloir.demo import operations
from parloir.visits.queries.invariants import broken_invariants

ROOT = Path(__file__).parents[1]
FEED = ROOT / "var" / "bench" / "national.jsonl"


def measure(*, detainees: int) -> list[tuple[str, str]]:
    """Load places, timetable, slots and the register, timing each."""
    rows = []
    call_command("migrate", verbosity=0)
    now = timezone.now()
    operations.load_places(now=now)
    operations.invent_timetable(now=now)
    began = time.perf_counter()
    made = operations.invent_slots(now=now)
    rows.append(("slots for 60 days, every wing", f"{made} in {time.perf_counter() - began:.1f} s"))
    FEED.parent.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    call_command("make_demo_feed", "--detainees", str(detainees), "--seed", "1", "--output", str(FEED))
    rows.append(("national feed written", f"{time.perf_counter() - began:.1f} s"))
    rows += [("national feed imported", _import()), ("the same feed again", _import())]
    return rows


def _import() -> str:
    """Import the feed by the command, in a process of its own; return its last line, time and memory."""
    command = [sys.executable, "manage.py", "import_register", str(FEED)]
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        said = (process.stdout.read() if process.stdout else "").strip().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"import_register failed: {said[-3:]}")
    return f"{time.perf_counter() - began:.0f} s, {usage.ru_maxrss / 1024:.0f} MB, {said[-1]}"


def recount() -> list[tuple[str, str]]:
    """Recount every invariant on the data as it then is."""
    began = time.perf_counter()
    broken = sum(count for _name, count in broken_invariants(now=timezone.now()))
    return [("check_invariants on this data", f"{broken} broken, {time.perf_counter() - began:.1f} s")]
