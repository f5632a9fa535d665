"""The watch over the whole run sees what it must, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.privacy import Watch

ROOT = Path(__file__).parents[1]
GUILTY = """
import logging
from datetime import UTC, datetime
import django
django.setup()
from django.test import RequestFactory
from parloir.notifications.rules import Email, Sms
from tests.privacy import hear_address
LATER = datetime(2030, 1, 1, tzinfo=UTC)

def test_a_subject(): Email(subject="Rendez-vous de Sophie", text="", html="", useful_until=LATER)
def test_an_sms(): Sms(text="Rendez-vous : DURAND", useful_until=LATER)
def test_a_log_line(): logging.getLogger("parloir").error("no permit of Sophie Durand")
def test_an_address(): hear_address("http://127.0.0.1/espace/?nom=durand")
"""
INNOCENT = """
import logging
import django
django.setup()
from tests.privacy import hear_address

def test_a_place(): hear_address("http://127.0.0.1/etablissements/mc-saint-martin-de-re/")
def test_what_is_looked_for(): hear_address("http://127.0.0.1/etablissements/?q=Sophie&page=1")
def test_another_site(): hear_address("https://provider.example/?given_name=Sophie")
def test_a_pattern_without_its_arguments(): logging.getLogger("parloir").error("no permit of %s", "Sophie")
"""


def run(tmp_path, source, *options):
    (tmp_path / "test_it.py").write_text(source)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "DEV": "1",
        "DATABASE_URL": "postgresql:///none",
        "DJANGO_SETTINGS_MODULE": "parloir.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.privacy", "-p", "no:django", "-p", "no:cacheprovider"]
    command += ["-c", str(tmp_path / "pytest.ini"), "--rootdir", str(tmp_path), *options, str(tmp_path / "test_it.py")]
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [(), ("-n", "1")])
def test_a_name_anywhere_fails_the_run_at_its_end(tmp_path, options):
    result = run(tmp_path, GUILTY, *options)

    assert "4 passed" in result.stdout, result.stdout + result.stderr
    assert result.returncode == 1
    for line in ("subject: ['sophie']", "sms: ['durand']", "log: ['durand', 'sophie']", "address: ['durand']"):
        assert line in result.stdout


def test_what_only_looks_like_a_name_does_not(tmp_path):
    result = run(tmp_path, INNOCENT)

    assert (result.returncode, "names where none may be" in result.stdout) == (0, False), result.stdout


def test_short_names_and_ordinary_words_are_not_learnt():
    watch = Watch()

    watch.learn(["LE", "Jo", "PETIT", "LE GOFF", "Marie-Josèphe"])

    assert watch.names == {"goff", "marie", "josephe"}
