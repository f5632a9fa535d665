"""``manage.py`` from a plain shell: which interpreter, which settings, which database."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from parloir.demo import cluster

ROOT = Path(__file__).resolve().parents[2]
WHERE = "from django.conf import settings as s; from django.db import connection as c; c.ensure_connection();"
TELL = f"{WHERE} print(s.DEV, s.PORT, s.DATABASES['default']['HOST'], s.DATABASES['default']['NAME'])"


@pytest.fixture
def checkout(tmp_path):
    """A copy of the product, so that the demonstration of this checkout is left alone."""
    copy = tmp_path / "parloir"
    copy.mkdir()
    shutil.copytree(ROOT / "parloir", copy / "parloir", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    (copy / ".venv").symlink_to(sys.prefix)
    yield copy
    shutil.rmtree(cluster.place("demo", major=0, checkout=copy).folder.parent, ignore_errors=True)


def manage(checkout, *command, **variables):
    plain = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        [sys._base_executable, "-S", str(checkout / "manage.py"), *command],
        cwd="/", env=plain, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def write_run_file(checkout, **content):
    (checkout / "var").mkdir()
    held = {"port": 8765, "DATABASE_URL": "", "embedded": True, "addresses": {}, **content}
    (checkout / "var" / "run.json").write_text(json.dumps(held))


def test_beside_a_demonstration_it_uses_the_projects_python_its_port_and_its_database(checkout):
    write_run_file(checkout)

    said = manage(checkout, "shell", "-v", "0", "-c", TELL)

    assert (said.stderr, said.returncode) == ("", 0)
    folder = cluster.place("demo", major=cluster.version_of(cluster.binaries()), checkout=checkout).socket
    assert said.stdout.split() == ["True", "8765", str(folder), "parloir"]


def test_the_server_it_started_ends_with_the_command(checkout):
    write_run_file(checkout)

    assert manage(checkout, "shell", "-v", "0", "-c", TELL).returncode == 0

    folder = cluster.place("demo", major=cluster.version_of(cluster.binaries()), checkout=checkout).data
    assert (folder / "PG_VERSION").exists()
    assert not (folder / "postmaster.pid").exists()


def test_a_demonstration_on_another_database_lends_that_one(checkout):
    url = os.environ["DATABASE_URL"]
    write_run_file(checkout, DATABASE_URL=url, embedded=False)

    said = manage(checkout, "shell", "-v", "0", "-c", f"{WHERE} print(s.DATABASES['default']['NAME'])")

    assert (said.stdout.strip(), said.stderr) == (url.partition("?")[0].rpartition("/")[2], "")


def test_without_a_demonstration_nothing_is_assumed(checkout):
    said = manage(checkout, "check")

    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "Environment variable SECRET_KEY is required (see README.md, “Environment”).\n"


@pytest.mark.parametrize(
    ("variable", "value", "missing"),
    [
        ("SECRET_KEY", "b2Jq9sX0cVwZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM6gPz", "MARKS_KEYS"),
        ("DATABASE_URL", "postgresql:///operators", "SECRET_KEY"),
    ],
)
def test_an_operators_variable_forbids_to_assume_development(checkout, variable, value, missing):
    write_run_file(checkout)

    said = manage(checkout, "check", **{variable: value})

    assert said.returncode == 1
    assert said.stderr == f"Environment variable {missing} is required (see README.md, “Environment”).\n"
