"""Logs say what happened and where, never a person's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from django.conf import settings

SCRIPT = """
import logging
from parloir.config import settings
import structlog
try:
    raise ValueError("Key (birth_name)=(DURAND) already exists")
except ValueError:
    logging.getLogger("anything").exception("it failed")
logging.getLogger("a.library").error("no account for %s", "sophie.durand@example.org")
structlog.get_logger("ours").warning("known", visit=4)
"""


def test_an_error_is_told_without_its_values():
    environment = {"PATH": os.environ["PATH"], "DEV": "1", "DATABASE_URL": "postgresql:///none"}
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=True
    ).stderr
    lines = [json.loads(line) for line in said.splitlines()]

    assert "DURAND" not in said
    assert "sophie" not in said
    assert [line["event"] for line in lines] == ["it failed", "no account for %s", "known"]
    assert lines[0]["error"] == "ValueError"
    assert lines[2]["visit"] == 4
