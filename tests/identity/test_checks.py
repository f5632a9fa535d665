from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as product

from parloir.demo.checks import only_in_development
from parloir.identity.checks import issuers_are_real, service_name_is_neutral

REAL = "https://oidc.franceconnect.gouv.fr/api/v2"


def errors(check):
    return [message.id for message in check(None)]


def test_in_development_the_demonstration_and_its_provider_are_allowed():
    assert errors(only_in_development) == []
    assert errors(issuers_are_real) == []


def test_outside_development_the_demonstration_is_refused(settings):
    settings.DEV = False

    assert errors(only_in_development) == ["parloir.demo.E001"]


@pytest.mark.parametrize(
    "issuer", ["http://oidc.example/api/v2", "https://localhost:8001/api/v2", "http://127.0.0.1/x"]
)
def test_outside_development_the_look_alike_is_no_issuer(settings, issuer):
    settings.DEV = False
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": issuer}
    settings.PROCONNECT = {**settings.PROCONNECT, "issuer": REAL}

    assert errors(issuers_are_real) == ["parloir.identity.E001"]


def test_outside_development_the_real_issuers_are_accepted(settings):
    settings.DEV = False
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": REAL}
    settings.PROCONNECT = {**settings.PROCONNECT, "issuer": REAL}

    assert errors(issuers_are_real) == []


def production(**more):
    names = ("FRANCECONNECT", "PROCONNECT")
    declared = {f"{name}_{key}": "x" for name in names for key in ("CLIENT_ID", "CLIENT_SECRET")}
    issuers = {f"{name}_ISSUER": REAL for name in names} | {f"{name}_ALG": "ES256" for name in names}
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "DATABASE_URL"}}
    return {
        **kept,
        **declared,
        **issuers,
        "DATABASE_URL": "postgresql:///unused",
        "SECRET_KEY": "b2Jq9sX0cVwZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM6gPz",
        "MARKS_KEYS": "1:9bXyG0m2cQZ7t4nF1uJr8wKpVdE5hLsAaTiOo3RkYxM",
        "ALLOWED_HOSTS": "site.example",
        "SITE_URL": "https://site.example",
        "EMAIL_URL": "smtp://127.0.0.1:25",
        "SMS_URL": "https://sms.example/",
        **more,
    }


def python(code, environment):
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=product.ROOT, capture_output=True, text=True, check=False
    )


def test_the_look_alike_does_not_start_outside_development():
    ran = python("import parloir.demo.provider_wsgi", production())

    assert ran.returncode == 1
    assert "exists only in development" in ran.stderr


def test_outside_development_nothing_of_the_demonstration_is_installed_or_has_an_address():
    code = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'parloir.config.settings'; django.setup();"
        "from django.apps import apps; from django.urls import get_resolver;"
        "print([a.name for a in apps.get_app_configs() if 'demo' in a.name],"
        "[str(p.pattern) for p in get_resolver().url_patterns if 'demo' in str(p.pattern)])"
    )

    ran = python(code, production())

    assert (ran.returncode, ran.stdout.strip()) == (0, "[] []")


@pytest.mark.parametrize("name", ["Parloir", "Visites en prison", "Ministère de la Justice", "Maison d’arrêt"])
def test_a_service_s_name_that_tells_what_it_is_stops_the_start(settings, name):
    assert errors(service_name_is_neutral) == []

    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "service_name": name}

    assert errors(service_name_is_neutral) == ["parloir.identity.E002"]
