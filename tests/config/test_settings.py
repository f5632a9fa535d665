"""The settings are one page and fail loudly."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

REAL = {
    "DATABASE_URL": "postgresql://owner:secret@db.example:5432/parloir",
    "SECRET_KEY": "a-long-secret-of-the-operator-0123456789-0123456789",
    "MARKS_KEYS": "2:9bXyG0m2cQZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM,1:" + "f17c0b9e8d5a4632" * 2 + "0a9b8c7d6e5f4132" * 2,
    "ALLOWED_HOSTS": "parloir.example",
    "SITE_URL": "https://parloir.example",
    "FRANCECONNECT_ISSUER": "https://issuer.example/api/v2",
    "FRANCECONNECT_CLIENT_ID": "id",
    "FRANCECONNECT_CLIENT_SECRET": "secret",
    "FRANCECONNECT_ALG": "ES256",
    "PROCONNECT_ISSUER": "https://agents.example/api/v2",
    "PROCONNECT_CLIENT_ID": "id",
    "PROCONNECT_CLIENT_SECRET": "secret",
    "PROCONNECT_ALG": "RS256",
    "EMAIL_URL": "smtps://user:secret@mail.example",
    "SMS_URL": "https://sms.example/send",
}
READ = """
import json
from parloir.config import settings as s
"""
TELL = """
print(json.dumps([s.DEV, s.SITE_URL, s.LINK_URL, s.FRANCECONNECT["issuer"], s.MAILERS["default"]["OPTIONS"]["port"],
    s.CSRF_COOKIE_SECURE, "parloir.demo" in s.INSTALLED_APPS, s.DATABASES["default"]["HOST"]]))
"""


def start(tell=TELL, /, **environment):
    """Read the settings in a process that has this environment and no other variable of ours."""
    bare = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
    return subprocess.run(
        [sys.executable, "-c", READ + tell],
        cwd=settings.ROOT,
        env={**bare, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_every_variable_the_site_starts_as_a_real_one():
    said = json.loads(start(**REAL).stdout)

    assert said == [
        False,
        "https://parloir.example",
        "https://parloir.example",
        "https://issuer.example/api/v2",
        465,
        True,
        False,
        "db.example",
    ]


@pytest.mark.parametrize("missing", REAL)
def test_a_missing_variable_stops_the_start_and_is_named(missing):
    answer = start(**{name: value for name, value in REAL.items() if name != missing})

    assert answer.returncode != 0
    assert missing in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db.example/parloir"),
        ("DATABASE_URL", "postgresql://db.example:99999/parloir"),
        ("DATABASE_URL", "postgresql://db.example/parloir?options=-csearch_path%3Dother"),
        ("SECRET_KEY", "short-Kq7pXw2m"),
        ("SECRET_KEY", "another" * 10),
        ("SECRET_KEY", "k" * 60),
        ("SECRET_KEY_FALLBACKS", "changeme-" * 6),
        ("MARKS_KEYS", "1:9bXyG0m2cQZ7t4nF1uJr8w"),
        ("MARKS_KEYS", "1:" + "00" * 32),
        ("MARKS_KEYS", "9bXyG0m2cQZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM"),
        ("MARKS_KEYS", "1:9bXyG0m2cQZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM,1:7bXyG0m2cQZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM"),
        ("MARKS_KEYS", ","),
        ("PORT", "http"),
        ("SITE_URL", "parloir.example"),
        ("FRANCECONNECT_ALG", "HS256"),
        ("EMAIL_URL", "https://mail.example"),
        ("EMAIL_URL", "smtp://mail.example:smtp"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start_and_is_named_but_not_shown(name, value):
    answer = start(**{**REAL, name: value})

    assert answer.returncode != 0
    assert name in answer.stderr
    assert value not in answer.stderr


def test_what_the_databases_address_asks_of_the_connection_is_asked():
    address = "postgresql://owner@/parloir?host=/run/db&port=5433&sslmode=verify-full&sslrootcert=/etc/ca%20db.pem"

    said = start("print(json.dumps(s.DATABASES['default']))", **{**REAL, "DATABASE_URL": address}).stdout
    database = json.loads(said)

    assert (database["HOST"], database["PORT"], database["USER"]) == ("/run/db", "5433", "owner")
    assert database["OPTIONS"]["sslmode"] == "verify-full"
    assert database["OPTIONS"]["sslrootcert"] == "/etc/ca db.pem"
    assert "host" not in database["OPTIONS"]


def test_under_dev_an_explicit_variable_always_wins():
    said = json.loads(
        start(
            DEV="1", DATABASE_URL=REAL["DATABASE_URL"], FRANCECONNECT_ISSUER="http://localhost:9/x", PORT="8123"
        ).stdout
    )

    assert said[0] is True
    assert said[1] == "http://127.0.0.1:8123"
    assert said[3] == "http://localhost:9/x"
    assert said[6] is True
