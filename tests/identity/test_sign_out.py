"""Somebody signs out, against the look-alike, over real HTTP: here first, then at FranceConnect."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from parloir.people.models import Account, SignIn
from parloir.people.operations import revoke_sign_ins
from tests.identity.test_sign_in import bare, parts
from tests.look_alike import SITE

pytestmark = pytest.mark.django_db


def test_signing_out_empties_the_browser_s_store_of_pages_and_no_more(relative):
    relative.sign_in("prete")

    assert relative.ours.post("/deconnexion/").headers["Clear-Site-Data"] == '"cache"'


def test_signing_out_closes_our_session_then_franceconnects(relative, provider):
    session = relative.sign_in("prete").cookies["session"].value

    answer = relative.ours.post("/deconnexion/")

    away = answer.headers["Location"]
    assert bare(away) == f"{provider}/session/end"
    assert set(parts(away)) == {"id_token_hint", "state", "post_logout_redirect_uri"}
    assert parts(away)["post_logout_redirect_uri"] == f"{SITE}/deconnexion/retour/"
    assert answer.cookies["session"].value == ""
    assert SignIn.objects.get().revoked_at is not None
    stolen = Client()
    stolen.cookies["session"] = session
    assert stolen.get("/espace/rendez-vous/").headers["Location"] == "/connexion/?suite=%2Fespace%2Frendez-vous%2F"

    back = relative.theirs.get(away).headers["Location"]
    page = relative.come_back(back)

    assert bare(back) == f"{SITE}/deconnexion/retour/"
    assert "Vous êtes déconnecté" in page.content.decode()
    choice = relative.theirs.get(relative.start(), follow_redirects=True)
    assert "Choisissez un compte" in choice.text


def test_signing_out_says_so_whatever_the_state(client):
    page = client.get("/deconnexion/retour/", {"state": "unexpected"})

    assert page.status_code == 200
    assert "Vous êtes déconnecté" in page.content.decode()


def test_signing_out_when_franceconnect_is_away_closes_our_session_and_says_what_remains(relative, settings):
    relative.sign_in("prete")
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": "http://localhost:9/api/v2"}

    answer = relative.ours.post("/deconnexion/", follow=True)

    assert "fermez votre navigateur" in answer.content.decode()
    assert SignIn.objects.get().revoked_at is not None


def test_a_session_that_has_expired_is_closed_at_franceconnect_all_the_same(relative, provider):
    relative.sign_in("prete")
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))

    assert relative.ours.post("/deconnexion/").headers["Location"].startswith(f"{provider}/session/end?")


def closed_at_the_provider(relative):
    """Tell whether a new sign-in would ask who is there."""
    return "Choisissez un compte" in relative.theirs.get(relative.start(), follow_redirects=True).text


def test_a_session_closed_from_elsewhere_is_closed_at_franceconnect_from_its_own_browser(relative, provider):
    relative.sign_in("prete")
    revoke_sign_ins(account_id=Account.objects.get().pk, now=timezone.now())

    asked = relative.ours.get("/espace/rendez-vous/", follow=True)
    away = relative.ours.post("/deconnexion/").headers["Location"]
    back = relative.theirs.get(away).headers["Location"]

    assert asked.redirect_chain == [("/deconnexion/?ailleurs=1", 302)]
    assert "fermée depuis un autre appareil" in asked.content.decode()
    assert bare(away) == f"{provider}/session/end"
    assert "Vous êtes déconnecté" in relative.come_back(back).content.decode()
    assert closed_at_the_provider(relative)
    assert relative.ours.get("/espace/").headers["Location"] == "/connexion/?suite=%2Fespace%2F"


def test_erasing_the_space_closes_franceconnect_and_ends_on_its_own_page(relative, provider):
    relative.sign_in("prete", again=True)

    away = relative.ours.post("/espace/mes-donnees/effacer/")
    back = relative.come_back(relative.theirs.get(away.headers["Location"]).headers["Location"])

    assert bare(away.headers["Location"]) == f"{provider}/session/end"
    assert away.cookies["session"].value == ""
    assert back.headers["Location"] == "/espace/mes-donnees/efface/"
    assert "Votre espace est effacé" in relative.ours.get(back.headers["Location"]).content.decode()
    assert closed_at_the_provider(relative)
    assert SignIn.objects.count() == 0


def test_erasing_when_franceconnect_is_away_says_what_remains(relative, settings):
    relative.sign_in("prete", again=True)
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": "http://localhost:9/api/v2"}

    page = relative.ours.post("/espace/mes-donnees/effacer/", follow=True).content.decode()

    assert "Votre espace est effacé" in page
    assert "fermez votre navigateur" in page


def test_once_the_secret_has_changed_for_good_signing_out_says_what_remains(relative, settings):
    relative.sign_in("prete")
    settings.SECRET_KEY = "another" * 10

    offered = relative.ours.get("/deconnexion/").content.decode()
    page = relative.ours.post("/deconnexion/", follow=True)

    assert '<form method="post">' in offered
    assert "fermez votre navigateur" in page.content.decode()
    assert "session" not in {name for name, c in relative.ours.cookies.items() if c.value}


def test_a_forged_page_to_end_on_is_not_gone_to(client):
    client.cookies["deconnexion"] = "state.portal:my_data_erase"

    assert "Vous êtes déconnecté" in client.get("/deconnexion/retour/", {"state": "state"}).content.decode()


def test_signing_out_by_a_link_alone_does_nothing(relative):
    relative.sign_in("prete")

    page = relative.ours.get("/deconnexion/").content.decode()

    assert '<form method="post">' in page
    assert SignIn.objects.get().revoked_at is None


def test_signing_out_from_another_site_is_refused(relative):
    strict = Client(enforce_csrf_checks=True)
    relative.sign_in("prete")
    strict.cookies.update(relative.ours.cookies)

    assert strict.post("/deconnexion/").status_code == 403
    assert SignIn.objects.get().revoked_at is None


def test_signing_out_twice_is_no_error(client):
    assert client.post("/deconnexion/").headers["Location"] == "/deconnexion/retour/"
