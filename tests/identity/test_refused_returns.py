"""Every return from FranceConnect that signs nobody in leaves a line of codes, and no text of anybody."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.core import signing
from django.db import connection, transaction
from structlog.testing import capture_logs

from tests.look_alike import bare, parts

pytestmark = pytest.mark.django_db


def refusals(lines):
    known = ("log_level", "fault", "status", "error")
    return [tuple(line.get(name) for name in known) for line in lines if line["event"] == "sign_in_failed"]


@pytest.mark.parametrize(
    ("brought", "logged"),
    [
        ({"state": "x" * 43}, ("warning", "unknown_state", None, None)),
        ({"iss": "https://elsewhere.example"}, ("warning", "other_issuer", None, None)),
        ({"code": ""}, ("warning", "no_code", None, None)),
        ({"code": "never-given"}, ("warning", "code_refused", 400, "invalid_grant")),
        ({"error": "access_denied"}, ("warning", "reported", None, "access_denied")),
        ({"error": "invalid_scope"}, ("error", "reported", None, "invalid_scope")),
        ({"error": "a text of theirs"}, ("warning", "reported", None, "other")),
    ],
)
def test_every_refused_return_leaves_its_line_of_codes(relative, brought, logged):
    back = relative.choose(relative.start(), "prete")

    with capture_logs() as lines:
        relative.come_back(f"{bare(back)}?{urlencode({**parts(back), **brought})}")

    assert refusals(lines) == [logged]


def test_a_service_that_franceconnect_does_not_know_is_an_error_of_ours(relative, settings):
    back = relative.choose(relative.start(), "prete")
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "client_secret": "another"}

    with capture_logs() as lines:
        answer = relative.come_back(back)

    assert answer.status_code == 503
    assert refusals(lines) == [("error", "client_refused", 401, "invalid_client")]


def test_an_issuer_that_is_none_is_an_error_of_ours(client, settings, provider):
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": f"{provider}/elsewhere"}

    with capture_logs() as lines:
        answer = client.get("/connexion/franceconnect/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert refusals(lines) == [("error", "bad_discovery", 404, None)]


def test_a_sign_in_under_way_of_another_version_of_this_service_starts_again(relative, monkeypatch):
    back = relative.choose(relative.start(), "prete")
    [name] = [name for name in relative.ours.cookies if name.startswith("connexion-")]
    relative.ours.cookies[name] = signing.dumps({"state": "s", "more": 1}, salt="parloir.identity.under-way")

    assert relative.come_back(back).status_code == 400


def test_nothing_about_an_address_stops_a_sign_in(relative, monkeypatch):
    def fails(**_about):
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT 'too long'::int")

    monkeypatch.setattr("parloir.identity.views.note_address", fails)

    with capture_logs() as lines:
        answer = relative.sign_in("prete")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/espace/")
    assert answer.cookies["session"].value
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["address_not_noted"]
