"""What a load balancer asks, and what it is told."""

from __future__ import annotations

import pytest
from django.db import connection

from parloir.foundation import readiness


def test_a_process_that_answers_is_alive_whatever_its_database(client):
    answer = client.get("/sante/vivant")

    assert (answer.status_code, answer.content.decode()) == (200, "vivant\n")


@pytest.mark.django_db(transaction=True)
def test_it_is_ready_when_the_database_answers_with_every_migration(client):
    answer = client.get("/sante/pret")

    assert (answer.status_code, answer.content.decode()) == (200, "prêt\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_while_a_migration_waits(client):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = name || '-later' WHERE app = 'visits'")
    try:
        answer = client.get("/sante/pret")
        missing = readiness.what_is_missing()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = replace(name, '-later', '') WHERE app = 'visits'")

    assert (answer.status_code, answer.content.decode()) == (503, "indisponible\n")
    assert answer.headers["Retry-After"] == "10"
    assert [name.partition(".")[0] for name in missing] == ["visits"]


@pytest.mark.django_db
def test_it_is_not_ready_when_the_database_does_not_answer(client, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    answer = client.get("/sante/pret")

    assert (answer.status_code, answer.content.decode()) == (503, "indisponible\n")


def test_neither_can_be_posted_to(client):
    assert [client.post(path).status_code for path in ("/sante/vivant", "/sante/pret")] == [405, 405]
