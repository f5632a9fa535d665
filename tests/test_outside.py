"""Nothing that a request waits for is asked of another machine but through the one door."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1] / "parloir"
WAYS = {
    "aiohttp", "ftplib", "http.client", "httpcore", "httpx", "ovh", "requests", "smtplib", "socket", "telnetlib",
    "urllib.request", "urllib3", "xmlrpc",
}  # fmt: skip
DOOR = "foundation/outbound.py"
OF_THE_WORKER = {
    "notifications/gateways/ovhcloud.py",
    "notifications/operations/smtp.py",
}
DELIVER = {"deliver", "deliver_email", "deliver_sms"}


def sources():
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith("demo/"):
            yield name, ast.parse(path.read_text())


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def goes_outside(tree):
    return any(name in WAYS or name.split(".")[0] in WAYS for name in imported(tree))


def test_only_the_door_and_the_worker_speak_with_other_machines():
    assert {name for name, tree in sources() if goes_outside(tree)} == {DOOR} | OF_THE_WORKER


def test_only_jobs_deliver_messages():
    users = {
        name
        for name, tree in sources()
        for asked in imported(tree)
        if asked.rpartition(".")[2] in DELIVER or asked.startswith("parloir.notifications.gateways.")
    }

    ours = {name for name in users if name.startswith(("notifications/operations/", "notifications/gateways/"))}
    assert {name for name in users - ours if not {"tasks", "tasks.py"} & set(name.split("/"))} == set()
    assert users - ours
