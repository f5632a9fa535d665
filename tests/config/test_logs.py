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
ANSWERED = """
import os, sys
from datetime import UTC, datetime
from types import ModuleType
os.environ["DJANGO_SETTINGS_MODULE"] = "parloir.config.settings"
import django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import path
from parloir.foundation.access import public
failing = ModuleType("failing")
failing.urlpatterns = [path("x/", public(lambda request: 1 / 0))]
sys.modules["failing"] = failing
settings.ROOT_URLCONF = "failing"
browser = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
print(browser.get("/x/?de=Sophie").status_code)
settings.MAINTENANCE_UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
print(browser.get("/x/?de=Sophie").status_code)
"""


def say(script):
    environment = {"PATH": os.environ["PATH"], "DEV": "1", "DATABASE_URL": "postgresql:///none"}
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.ROOT, env=environment, capture_output=True, text=True, check=True
    ).stderr
    return said, [json.loads(line) for line in said.splitlines()]


def test_an_error_is_told_without_its_values():
    said, lines = say(SCRIPT)

    assert "DURAND" not in said
    assert "sophie" not in said
    assert [line["event"] for line in lines] == ["it failed", "no account for %s", "known"]
    assert lines[0]["error"] == "ValueError"
    assert lines[2]["visit"] == 4


def test_an_answer_has_one_line_that_says_something():
    said, lines = say(ANSWERED)

    assert "Sophie" not in said
    assert "%s: %s" not in [line["event"] for line in lines]
    answered = [(line["route"], line["status"]) for line in lines if line["event"] == "request"]
    assert answered == [("x/", 500), (None, 503)]
    failed = [(line["event"], line["error"]) for line in lines if line["logger"].startswith("django")]
    assert failed == [("request_failed", "ZeroDivisionError")]


HOSTILE = """
from parloir.config import settings
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "parloir.config.settings"
import django
django.setup()
from django.test import Client
print(Client(raise_request_exception=False).get("/", headers={"host": "durand.example[31m"}).status_code)
"""


def test_a_host_that_is_not_ours_is_not_logged_as_it_came():
    said, lines = say(HOSTILE)

    assert "durand" not in said
    refused = {(line["event"], line["kind"]) for line in lines if line["logger"].startswith("django")}
    assert refused == {("request refused", "DisallowedHost")}
