"""Pages are closed by default; a session costs one read, and a public page none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from parloir.config import urls as product
from parloir.foundation.access import public
from parloir.people.models import Account, SignIn
from parloir.people.operations import sign_in
from parloir.people.rules import Identity
from tests.look_alike import CSRF_TOKEN, first
from tests.reading import ReadingWrote, writes
from tests.serving import session_cookie

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def _page(request):
    from django.http import HttpResponse

    return HttpResponse(request.account.short_name)


def _writing(request):
    from django.http import HttpResponse

    Account.objects.update(language="en")
    return HttpResponse()


@public
def _open(request):
    from django.http import HttpResponse

    return HttpResponse(str(request.account))


urlpatterns = [
    *product.urlpatterns,
    path("fermee/", _page),
    path("formulaire/", require_POST(_page)),
    path("ouverte/", _open),
    path("ecrit/", _writing),
]
handler403, handler404, handler500 = product.handler403, product.handler404, product.handler500


@pytest.fixture
def opened():
    identity = Identity("https://issuer.example", "a" * 64 + "v1", "DURAND", "", ("Sophie",), "1992-01-30", "")
    return sign_in(identity=identity, id_token="a.b.c", language="fr", now=timezone.now())


@pytest.fixture
def signed_in(opened):
    browser = Client()
    browser.cookies.load(session_cookie(opened.key))
    return browser


def test_a_page_asks_to_sign_in_and_remembers_the_way(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/fermee/?page=2")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/connexion/?suite=%2Ffermee%2F%3Fpage%3D2")


def test_a_signed_in_page_costs_one_read_and_stays_out_of_caches(signed_in, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = signed_in.get("/fermee/")

    assert answer.content.decode() == "Sophie DURAND"
    assert answer.headers["Cache-Control"] == "no-store"


def test_after_a_minute_the_session_is_touched_by_one_write(signed_in, django_assert_num_queries):
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(seconds=61))

    with django_assert_num_queries(2):
        signed_in.get("/fermee/")
    with django_assert_num_queries(1):
        signed_in.get("/fermee/")


PUBLIC = [
    "/",
    "/aide/",
    "/etablissements/",
    "/accessibilite/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/plan-du-site/",
    "/connexion/",
    "/deconnexion/",
    "/deconnexion/retour/",
    "/ouverte/",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_never_reads_who_is_signed_in(signed_in, address):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = signed_in.get(address)

    assert answer.status_code == 200
    assert [query["sql"] for query in asked if "people_" in query["sql"]] == []
    assert "Sophie" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/connexion/", "/deconnexion/", "/deconnexion/retour/", "/ouverte/"])
def test_the_pages_of_signing_in_read_nothing_at_all(signed_in, django_assert_num_queries, address):
    with django_assert_num_queries(0):
        signed_in.get(address)


@pytest.mark.parametrize("forged", ["", "x" * 43, "x" * 43 + ":forged", signing.Signer(salt="other").sign("x" * 43)])
def test_a_cookie_of_another_making_is_nobody_and_costs_no_read(client, opened, django_assert_num_queries, forged):
    client.cookies["session"] = forged

    with django_assert_num_queries(0):
        assert client.get("/fermee/").status_code == 302


def test_a_session_left_alone_for_half_an_hour_has_ended(signed_in, settings):
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(minutes=settings.SIGN_IN_IDLE_MINUTES, seconds=1))

    assert signed_in.get("/fermee/").headers["Location"] == "/connexion/?suite=%2Ffermee%2F"


def test_a_form_sent_after_the_session_ended_says_so_and_leads_back_to_its_page(signed_in):
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))

    answer = signed_in.post("/formulaire/", {"a": "b"}, headers={"referer": "http://testserver/fermee/?page=2"})

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Votre session est terminée" in page
    assert "n’a pas été enregistré" in page
    link = first(r"class=\"fr-connect\"\s+href=\"([^\"]+)\"", page)
    assert link == "/connexion/franceconnect/?suite=%2Ffermee%2F%3Fpage%3D2"


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/fermee/", "http://testserver//elsewhere.example/"])
def test_a_form_from_nowhere_known_leads_back_to_the_space(client, referer):
    page = client.post("/formulaire/", headers={"referer": referer}).content.decode()

    assert 'href="/connexion/franceconnect/?suite=%2Fespace%2F"' in page


def test_a_form_filled_before_signing_in_again_can_still_be_sent(opened):
    browser = Client(enforce_csrf_checks=True)
    token = first(CSRF_TOKEN, _sign_out_form(browser, opened))

    browser.cookies.load(session_cookie(opened.key))
    answer = browser.post("/formulaire/", {"csrfmiddlewaretoken": token})

    assert answer.content.decode() == "Sophie DURAND"


def _sign_out_form(browser, opened):
    browser.cookies.load(session_cookie(opened.key))
    return browser.get("/deconnexion/").content.decode()


def test_a_get_that_writes_fails_its_test(signed_in):
    with pytest.raises(ReadingWrote, match="GET /ecrit/ wrote: UPDATE"):
        signed_in.get("/ecrit/")


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ('INSERT INTO "a" VALUES (1)', True),
        ('  update "a" SET b = 1', True),
        ('DELETE FROM "a"', True),
        ('WITH gone AS (DELETE FROM "a" RETURNING id) SELECT * FROM gone', True),
        ("SELECT procrastinate_defer_jobs_v1(%s)", True),
        ('SELECT * FROM "a" FOR UPDATE', False),
        ('WITH x AS (SELECT 1) SELECT * FROM "updates", x', False),
        ('UPDATE "people_signin" SET "last_seen_at" = %s WHERE "people_signin"."id" = %s', False),
        ('UPDATE "people_signin" SET "revoked_at" = %s WHERE "people_signin"."id" = %s', True),
        ('UPDATE "people_signin" SET "last_seen_at" = %s, "revoked_at" = %s WHERE "id" = %s', True),
    ],
)
def test_statements_that_write_are_told_from_those_that_read(statement, changes):
    assert writes(statement) is changes


def test_every_answer_says_what_no_page_may_ask_the_browser_for(client, signed_in):
    for answer in (client.get("/"), client.get("/nulle-part/"), signed_in.get("/fermee/")):
        policy = answer.headers["Permissions-Policy"]
        assert all(f"{feature}=()" in policy for feature in ("camera", "microphone", "geolocation"))
