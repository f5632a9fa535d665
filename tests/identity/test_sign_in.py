"""Somebody signs in and out, against the look-alike, over real HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from parloir.demo.personas import PERSONAS, persona_of, sub_of
from parloir.identity import cookies
from parloir.notifications.queries import address_of
from parloir.people.models import Account, Device, SignIn
from tests.look_alike import SITE, Browser, bare, first, look_alike, parts

pytestmark = pytest.mark.django_db


def test_the_page_shows_the_button_first_as_a_link_that_keeps_the_way(client):
    page = client.get("/connexion/", {"suite": "/espace/permis/?a=b"}).content.decode()

    main = " ".join(page[page.index("<main") :].split())
    first_link = first(r"(<a [^>]+>)", main)
    assert first_link == '<a class="fr-connect" href="/connexion/franceconnect/?suite=%2Fespace%2Fpermis%2F%3Fa%3Db">'
    assert "Qu’est-ce que FranceConnect" in main
    assert "nouvelle fenêtre" in main


def test_the_start_asks_franceconnect_for_exactly_what_it_accepts(relative, provider):
    address = relative.start()

    asked = parts(address)
    assert bare(address) == f"{provider}/authorize"
    assert len(asked.pop("state")) == 43
    assert len(asked.pop("nonce")) == 43
    assert asked == {
        "client_id": "parloir-demonstration",
        "redirect_uri": f"{SITE}/connexion/franceconnect/retour/",
        "response_type": "code",
        "scope": "openid identite_pivot preferred_username email",
        "acr_values": "eidas1",
    }


def test_the_cookie_of_a_sign_in_is_out_of_reach_and_short_lived(relative):
    state = parts(relative.start())["state"]

    [cookie] = [c for name, c in relative.ours.cookies.items() if name.startswith("connexion-")]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 1200)
    assert cookie["path"] == "/connexion/franceconnect/"
    assert state not in cookie.key


def test_somebody_signs_in_and_is_led_where_they_wanted_to_go(relative, provider):
    answer = relative.sign_in("prete", suite="/espace/permis/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/espace/permis/")
    persona = persona_of("prete")
    account = Account.objects.get()
    assert (account.issuer, account.sub) == (provider, sub_of(persona))
    assert (account.birth_name, account.use_name) == (persona.birth_name, persona.use_name)
    assert (tuple(account.first_names), account.birth_date) == (persona.first_names, persona.birth_date)
    assert address_of(account.pk).email == persona.email
    assert address_of(account.pk).confirmed is False
    session = answer.cookies["session"]
    assert (session["httponly"], session["samesite"], session["path"], session["max-age"]) == (True, "Lax", "/", "")


def test_over_https_the_session_never_travels_in_the_clear(relative, settings):
    settings.HTTPS = True

    assert relative.sign_in("prete").cookies["__Host-session"]["secure"] is True


def test_over_https_every_cookie_of_a_session_is_of_this_host_alone(relative, settings):
    settings.HTTPS = True
    settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE = "__Host-csrftoken", True

    relative.sign_in("prete")
    relative.ours.post("/deconnexion/")

    kept = relative.ours.cookies
    assert sorted(name.partition("-connexion")[0] for name in kept) == sorted(
        ["__Host", "__Host-appareil", "__Host-csrftoken", "__Host-deconnexion", "__Host-session"]
    )
    # What browsers hold such a name to.
    assert {(c["secure"], c["path"], c["domain"]) for c in kept.values() if c.value} == {(True, "/", "")}


def test_the_key_of_forms_changes_at_sign_in_and_at_sign_out(relative):
    relative.ours.get("/deconnexion/")
    keys = [relative.ours.cookies.get("csrftoken")]
    relative.sign_in("prete")
    keys.append(relative.ours.cookies["csrftoken"].value)
    relative.ours.post("/deconnexion/")
    keys.append(relative.ours.cookies["csrftoken"].value)

    assert len({str(key) for key in keys}) == 3


@pytest.mark.parametrize("persona", [persona.key for persona in PERSONAS])
def test_every_persona_signs_in(relative, persona):
    answer = relative.sign_in(persona)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/espace/")
    assert Account.objects.get().sub == sub_of(persona_of(persona))


def test_a_provider_that_signs_with_rsa_is_read_too(settings, transactional_db):
    with look_alike(site=SITE, alg="RS256") as issuer:
        settings.SITE_URL = SITE
        settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": issuer, "alg": "RS256"}

        assert Browser().sign_in("prete").headers["Location"] == "/espace/"


def test_the_language_of_the_screen_becomes_that_of_messages(relative):
    relative.ours.cookies["langue"] = "en"

    relative.sign_in("prete")

    assert Account.objects.get().language == "en"


@pytest.mark.parametrize(
    "suite",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "espace/",
        "",
        "/espace/\r\nSet-Cookie: a=b",
        "/connexion/franceconnect/",
        "/deconnexion/",
        "/espace/" + "a" * 300,
    ],
)
def test_nobody_is_led_to_another_site_or_in_a_circle(relative, suite):
    assert relative.sign_in("prete", suite=suite).headers["Location"] == "/espace/"


def test_two_tabs_do_not_disturb_each_other(relative):
    one, other = relative.start("/espace/permis/"), relative.start("/espace/rendez-vous/")
    back_of_other, back_of_one = relative.choose(other, "prete"), relative.choose(one, choice="continuer")

    assert relative.come_back(back_of_one).headers["Location"] == "/espace/permis/"
    assert relative.come_back(back_of_other).headers["Location"] == "/espace/rendez-vous/"


def test_tabs_without_end_do_not_fill_the_browser_with_cookies(relative):
    for _ in range(20):
        relative.start()

    kept = [c for name, c in relative.ours.cookies.items() if name.startswith("connexion-") and c.value]
    assert 0 < len(kept) <= cookies.MOST_UNDER_WAY + 1


def test_the_sixth_start_drops_the_oldest_and_no_other(relative, time_machine_at):
    began = timezone.now()
    addresses = []
    for seconds in range(6):
        with time_machine_at(began + timedelta(seconds=seconds)):
            addresses.append(relative.start(f"/espace/?n={seconds}"))

    backs = [relative.choose(addresses[0], "prete"), *(relative.choose(a, choice="continuer") for a in addresses[1:])]
    answers = [relative.come_back(back) for back in backs]

    assert answers[0].status_code == 400
    assert [answer.headers["Location"] for answer in answers[1:]] == [f"/espace/?n={n}" for n in range(1, 6)]


def test_an_answer_serves_once(relative):
    back = relative.choose(relative.start(), "prete")
    relative.come_back(back)

    again = relative.come_back(back)

    assert again.status_code == 400
    assert "Reprenez la connexion" in again.content.decode()
    assert "Revenir à votre espace" in again.content.decode()
    assert SignIn.objects.count() == 1


def test_a_code_that_has_served_starts_again_even_if_the_cookie_was_copied(relative):
    back = relative.choose(relative.start(), "prete")
    copied = Browser()
    copied.ours.cookies.update(relative.ours.cookies)
    relative.come_back(back)

    answer = copied.come_back(back)

    assert answer.status_code == 400
    assert "session" not in answer.cookies
    assert SignIn.objects.count() == 1


def test_an_answer_in_another_browser_signs_nobody_in(relative):
    back = relative.choose(relative.start(), "prete")

    answer = Client().get(back.removeprefix(SITE))

    assert answer.status_code == 400
    assert "session" not in answer.cookies
    assert Account.objects.count() == 0


def test_an_answer_that_comes_too_late_starts_again(relative, time_machine_at):
    back = relative.choose(relative.start(), "prete")

    with time_machine_at(timezone.now() + timedelta(minutes=21)):
        answer = relative.come_back(back)

    assert answer.status_code == 400
    assert Account.objects.count() == 0


@pytest.mark.parametrize(
    "change",
    [{"state": "x" * 43}, {"state": ""}, {"iss": "https://elsewhere.example/api/v2"}, {"iss": None}, {"state": None}],
)
def test_an_answer_with_another_state_or_issuer_starts_again(relative, change):
    back = relative.choose(relative.start(), "prete")
    changed = {name: value for name, value in {**parts(back), **change}.items() if value is not None}

    answer = relative.come_back(f"{bare(back)}?{urlencode(changed)}")

    assert answer.status_code == 400
    assert "Reprenez la connexion" in answer.content.decode()
    assert Account.objects.count() == 0


@pytest.mark.parametrize("code", ["", "never-given"])
def test_a_code_franceconnect_does_not_know_starts_again(relative, code):
    back = relative.choose(relative.start(), "prete")

    answer = relative.come_back(f"{bare(back)}?{urlencode({**parts(back), 'code': code})}")

    assert answer.status_code == 400
    assert Account.objects.count() == 0


def test_somebody_who_gives_up_is_not_reproached(relative):
    answer = relative.come_back(relative.choose(relative.start("/espace/permis/"), choice="annuler"))

    assert answer.status_code == 200
    assert "Vous n’êtes pas connecté" in answer.content.decode()
    assert "suite=%2Fespace%2Fpermis%2F" in answer.content.decode()
    assert Account.objects.count() == 0


def test_a_breakdown_at_franceconnect_says_to_try_later(relative):
    answer = relative.come_back(relative.choose(relative.start(), choice="panne"))

    assert answer.status_code == 503
    assert "dans quelques minutes" in answer.content.decode()


@pytest.mark.parametrize("error", ["temporarily_unavailable", "invalid_request", "<script>"])
def test_any_other_error_says_to_try_later_and_no_page_repeats_it(relative, provider, error):
    state = parts(relative.start())["state"]

    answer = relative.ours.get("/connexion/franceconnect/retour/", {"error": error, "state": state, "iss": provider})

    assert answer.status_code == 503
    assert error.replace("<script>", "&lt;script") not in answer.content.decode()
    assert state not in answer.content.decode()


def test_a_franceconnect_that_does_not_answer_is_a_plain_page(client, settings):
    settings.SITE_URL = SITE
    settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": "http://localhost:9/api/v2"}

    answer = client.get("/connexion/franceconnect/")

    assert answer.status_code == 503
    assert "dans quelques minutes" in answer.content.decode()


def test_under_another_name_of_the_site_the_sign_in_moves_to_the_declared_one_once(relative):
    answer = relative.ours.get("/connexion/franceconnect/", {"suite": "/espace/permis/"}, SERVER_NAME="localhost")

    moved = answer.headers["Location"]
    assert moved == f"{SITE}/connexion/franceconnect/?suite=%2Fespace%2Fpermis%2F&ici=1"
    again = relative.ours.get(moved.removeprefix(SITE), SERVER_NAME="localhost")
    assert "/authorize?" in again.headers["Location"]


def test_the_second_sign_in_is_one_click_while_franceconnect_remembers(relative):
    relative.sign_in("prete")

    answer = relative.come_back(relative.choose(relative.start(), choice="continuer"))

    assert answer.headers["Location"] == "/espace/"
    assert Account.objects.count() == 1


def test_the_look_alike_page_of_the_authorization_address_opens(relative):
    page = httpx.get(relative.start(), follow_redirects=True, trust_env=False)

    assert page.status_code == 200
    assert "Choisissez un compte" in page.text


def test_a_device_is_known_again_whoever_signs_in_and_after_signing_out(relative):
    first_cookie = relative.sign_in("prete").cookies["appareil"]
    relative.theirs.get(relative.ours.post("/deconnexion/").headers["Location"])
    again = relative.sign_in("belle-mere").cookies["appareil"]

    assert (first_cookie["max-age"], first_cookie["httponly"], first_cookie["samesite"]) == (390 * 86400, True, "Lax")
    assert again.value == first_cookie.value
    assert Device.objects.count() == 2


@pytest.mark.parametrize("planted", ["", "court", "é" * 43, "x" * 4000])
def test_a_device_of_no_shape_of_ours_is_another(relative, planted):
    relative.ours.cookies["appareil"] = planted

    assert len(relative.sign_in("prete").cookies["appareil"].value) == 43


@pytest.mark.parametrize("language", ["fr", "en", "ar", "fr-x-facile"])
def test_the_page_before_signing_in_is_a_button_and_three_lines_the_rest_is_folded(client, language):
    client.cookies["langue"] = language
    page = client.get("/connexion/").content.decode()

    main = page.partition("<main")[2].partition("</main>")[0]
    shown = re.sub(r"<details.*?</details>", "", main, flags=re.DOTALL)
    lines = re.findall(r"<p>([^<]+)</p>", shown)
    assert main.count("<details") == 3
    assert len(lines) == 3
    assert sum(len(line.split()) for line in lines) < 50
    assert len(re.sub(r"<[^>]+>", " ", shown).split()) < 100
    assert '<p id="sans-franceconnect">' in main
