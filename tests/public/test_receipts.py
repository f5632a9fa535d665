"""What providers say of messages is believed of whoever knows the right name, and of nobody else."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings as configured
from django.test import Client

from parloir.notifications.models import Delivery
from parloir.notifications.queries import receipts_secret
from tests.factories import NOW, ContactFactory
from tests.serving import database_url

TOKEN = "t" * 32


@pytest.fixture
def delivery(db):
    return Delivery.objects.create(
        account=ContactFactory().account,
        dedup_key="k",
        channel="sms",
        outcome="sent",
        created_at=NOW,
        sent_at=NOW,
        token=TOKEN,
        provider_id="4711",
    )


@pytest.fixture
def machine():
    return Client(enforce_csrf_checks=True)


def heard():
    return Delivery.objects.get().receipt


@pytest.mark.parametrize(
    ("status", "receipt"), [("delivered", "received"), ("FAILED", "returned"), ("expired", "returned")]
)
@pytest.mark.parametrize("how", ["json", "form"])
def test_a_provider_says_what_became_of_the_message_it_was_told_the_token_of(delivery, machine, status, receipt, how):
    if how == "json":
        answer = machine.post(f"/recus/{TOKEN}/", {"status": status}, content_type="application/json")
    else:
        answer = machine.post(f"/recus/{TOKEN}/", {"status": status})

    assert (answer.status_code, answer.content, heard()) == (204, b"", receipt)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"status": "flying"}', b'{"status": null}', b"\xff"])
def test_what_is_no_receipt_is_refused_and_changes_nothing(delivery, machine, body):
    answer = machine.post(f"/recus/{TOKEN}/", body, content_type="application/json")

    assert (answer.status_code, heard()) == (400, "")


@pytest.mark.parametrize("token", ["x", "4711", "t" * 31, "T" * 32])
def test_whoever_does_not_know_the_token_says_nothing(delivery, machine, token):
    assert machine.post(f"/recus/{token}/", {"status": "failed"}).status_code == 404
    assert machine.get(f"/recus/{TOKEN}/").status_code == 405
    assert heard() == ""


@pytest.mark.parametrize(
    ("dlr", "receipt"), [("1", "received"), ("2", "returned"), ("16", "returned"), ("4", ""), ("", "")]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_ovhcloud_calls_an_address_that_only_it_was_told(delivery, machine, dlr, receipt, method):
    answer = getattr(machine, method)(f"/recus/ovh/{receipts_secret()}/", {"id": "4711", "dlr": dlr})

    assert (answer.status_code, heard()) == (204, receipt)


def test_without_the_secret_nothing_is_believed(delivery, machine):
    for secret in ("x", receipts_secret()[:-1], receipts_secret().upper()):
        assert machine.get(f"/recus/ovh/{secret}/", {"id": "4711", "dlr": "2"}).status_code == 404

    assert heard() == ""


def test_the_secret_is_long_and_told_by_a_command(capsys):
    from django.core.management import call_command

    call_command("receipts_address")

    assert capsys.readouterr().out == f"{configured.SITE_URL}/recus/ovh/{receipts_secret()}/\n"
    assert len(receipts_secret()) == 40


# Returned e-mails ------------------------------------------------------------------------


def test_without_a_provider_there_is_no_address_for_its_word(machine):
    assert machine.post("/retours/", {}, content_type="application/json").status_code == 404


CALLS = """
import json, sys, django
django.setup()
from django.test import Client
from parloir.notifications.models import Contact
provider, told = Client(enforce_csrf_checks=True, SERVER_NAME="localhost"), []
for body, auth in json.load(sys.stdin):
    headers = {"authorization": auth} if auth else {}
    answer = provider.post("/retours/", body, content_type="application/json", headers=headers)
    told.append((answer.status_code, Contact.objects.get().email_returned_at is not None))
print(json.dumps(told))
"""


def call(*calls):
    """Start a site whose mail provider is Brevo, and say things to it as Brevo does: what came of each."""
    environment = {
        **os.environ, "DEV": "1", "DATABASE_URL": database_url(), "BOUNCES": "brevo://hook:long-secret",
        "DJANGO_SETTINGS_MODULE": "parloir.config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", CALLS], input=json.dumps(calls), cwd=configured.ROOT, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def basic(pair):
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


@pytest.mark.django_db(transaction=True)
def test_a_hard_bounce_marks_the_address_dead_for_whoever_knows_the_secret():
    ContactFactory(email="sophie@example.org")
    event = {"event": "hard_bounce", "email": "sophie@example.org", "ts_event": 1793610000, "message-id": "<a@b>"}
    soft = {**event, "event": "soft_bounce"}

    told = call(
        (event, ""),
        (event, basic("hook:guess")),
        (soft, basic("hook:long-secret")),
        (event, basic("hook:long-secret")),
    )

    assert told == [[400, False], [400, False], [200, False], [200, True]]
