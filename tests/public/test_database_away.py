"""With the database away, whoever asks is told to come back, whatever they asked; what needs no database is served."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import OperationalError, connection

from parloir.foundation.busy import is_away
from tests.serving import served, session_cookie
from tests.signed_in import signed_in
from tests.visits.families import Family

TOKEN = {"csrftoken": "t" * 32}
PRESS = {"csrfmiddlewaretoken": "t" * 32, "creneau": "1"}
NOWHERE = "postgresql://nobody@/none?host=/nowhere"
NEW = "/espace/rendez-vous/nouveau/1/"
NEEDING_THE_DATABASE = [
    ("GET", "/espace/"),
    ("GET", "/aide/"),
    ("GET", "/etablissements/"),
    ("GET", NEW),
    ("POST", f"{NEW}garder/"),
    ("POST", f"{NEW}verifier/"),
    ("POST", "/espace/permis/ajouter/"),
    ("POST", "/recus/" + "t" * 32 + "/"),
]


MANY = len(NEEDING_THE_DATABASE)


def ask(site, method, path, cookies):
    data = {**PRESS, "status": "delivered"} if method == "POST" else None
    return httpx.request(method, f"{site}{path}", cookies={**cookies, **TOKEN}, data=data, timeout=30)


def says_to_come_back(answer):
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "60"), answer.request.url
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Le service ne répond pas en ce moment" in answer.text


def test_what_needs_the_database_says_to_come_back_and_the_rest_is_served():
    with (
        served(
            workers=1, threads=len(NEEDING_THE_DATABASE), DATABASE_URL="postgresql://nobody@/none?host=/nowhere"
        ) as site,
        ThreadPoolExecutor(MANY) as crowd,
    ):
        answers = list(crowd.map(lambda asked: ask(site, *asked, session_cookie("k" * 43)), NEEDING_THE_DATABASE))
        statuses = [httpx.get(f"{site}{path}").status_code for path in ("/sante/vivant", "/sante/pret")]

    for answer in answers:
        says_to_come_back(answer)
    assert statuses == [200, 503]


def connected():
    """Return the processes of the database that serve this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_database_closed_is_no_fault_of_ours_and_the_next_one_serves():
    cookies = {name: morsel.value for name, morsel in signed_in(Family().account).cookies.items()}
    others = connected()
    with served(workers=1, threads=1) as site:
        assert ask(site, "GET", "/espace/", cookies).status_code == httpx.codes.OK
        with connection.cursor() as cursor:
            # The site's alone: a browser of other tests may have one of its own.
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [list(connected() - others)])
        cut = ask(site, "GET", "/espace/", cookies)
        statuses = [ask(site, "GET", "/espace/", cookies).status_code for _ in range(3)]

    says_to_come_back(cut)
    assert statuses[-1] == httpx.codes.OK


def test_a_fault_of_ours_is_none_of_the_database():
    assert [is_away(error) for error in (ValueError(), OperationalError(), None)] == [False] * 3
