"""The pages for everyone: what they say, to whom, and how little it costs."""

import re

import pytest
from django.core.cache import cache

from parloir.establishments.queries import ALERTS_KEY
from parloir.identity import answers
from parloir.public.views import errors
from tests.factories import EstablishmentFactory

STATIC_PAGES = [
    "/",
    "/accessibilite/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/plan-du-site/",
    "/accessibilite/schema-pluriannuel/",
    "/cookies/",
    "/contact/",
]


@pytest.mark.parametrize("path", STATIC_PAGES)
def test_a_page_for_everyone_needs_no_database_and_leaves_no_cookie(client, path):
    response = client.get(path)

    assert response.status_code == 200
    assert response.cookies == {}
    assert "Démonstration, site non officiel" in response.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
    assert len(response.content) < 30_000


def test_the_home_page_leads_to_booking_and_says_the_rest_in_one_look(client):
    page = client.get("/").content.decode()

    assert 'href="/espace/rendez-vous/nouveau/"' in page
    for said in ("FranceConnect", "permis de visite", "Par téléphone", "À la borne", "Par écrit", "hygiaphone", "UVF"):
        assert said in page
    assert "La notification de rendez-vous parloir n’est pas un justificatif !" in page


def test_no_page_shows_the_states_block_until_the_state_runs_it(client, settings):
    assert "République" not in client.get("/").content.decode()

    settings.OFFICIAL = True
    cache.clear()
    cache.set(ALERTS_KEY, [])

    page = client.get("/").content.decode()
    assert "République<br>Française" in page
    assert "non officiel" not in page
    assert "noindex" not in page


def test_robots_stay_out_of_the_demonstration(client, settings):
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"

    settings.OFFICIAL = True
    assert b"Disallow: /espace/" in client.get("/robots.txt").content


def test_a_page_already_read_is_not_sent_again(client):
    first = client.get("/")

    second = client.get("/", headers={"If-None-Match": first["ETag"]})

    assert second.status_code == 304
    assert second.content == b""
    assert second["Cache-Control"] == "public, max-age=300"
    assert {"Cookie", "Accept-Language"} <= set(second["Vary"].split(", "))


def test_the_page_in_english_is_another_page(client):
    french = client.get("/")

    english = client.get("/", headers={"Accept-Language": "en"})

    assert '<html lang="fr" dir="ltr">' in french.content.decode()
    assert '<html lang="en" dir="ltr">' in english.content.decode()
    assert french["ETag"] != english["ETag"]


def test_an_address_with_a_query_is_not_remembered(client):
    response = client.get("/?a=1")

    assert response.status_code == 200
    assert "ETag" not in response


@pytest.mark.django_db
def test_establishments_are_listed_by_direction_with_their_telephone(client, django_assert_num_queries):
    EstablishmentFactory(name="Maison d’arrêt de Dijon", direction="Dijon", phone="+33380664732")
    EstablishmentFactory(name="Centre A", direction="Lyon", online_booking="none: semi-liberty", phone="")
    EstablishmentFactory(name="Centre B", direction="Lyon", online_booking="none: empty")

    with django_assert_num_queries(2):
        page = client.get("/etablissements/").content.decode()

    assert "Les 3 établissements pénitentiaires" in page
    assert '<a href="tel:+33380664732">03 80 66 47 32</a>' in page
    assert "Pas de réservation en ligne" in page
    assert "n’accueille personne" in page
    assert "Téléphone non renseigné" in page


def test_the_language_is_a_cookie_and_leads_back(client):
    response = client.post("/langue/", {"langue": "en", "suite": "/aide/?a=1"})

    assert response.status_code == 302
    assert response["Location"] == "/aide/?a=1"
    assert response.cookies["langue"].value == "en"
    assert '<html lang="en"' in client.get("/").content.decode()


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "aide/"])
def test_the_language_never_leads_away(client, away):
    assert client.post("/langue/", {"langue": "en", "suite": away})["Location"] == "/"


@pytest.mark.parametrize("path", ["/", "/rien/", "/connexion/", "/plan-du-site/"])
def test_every_page_offers_every_language_by_its_own_name_and_marks_the_one_it_is_in(client, path):
    page = client.get(path, headers={"accept-language": "en"}).content.decode()

    menu = page[page.index('<details class="p-languages"') : page.index("</details>")]
    assert re.findall(r'value="([\w-]+)" lang="(\w+)"(.*?)>([^<]+)</button>', menu) == [
        ("fr", "fr", "", "Français"),
        ("fr-x-facile", "fr", "", "Langage simplifié"),
        ("en", "en", ' aria-current="true"', "English"),
        ("ar", "ar", "", "العربية"),
    ]
    assert (
        f'<form id="changer-langue" method="post" action="/langue/"><input type="hidden" name="suite" value="{path}">'
        in page
    )


def test_an_arabic_page_runs_from_right_to_left_and_says_that_nobody_has_read_it_over(client):
    page = client.get("/", headers={"accept-language": "ar-DZ"}).content.decode()

    assert '<html lang="ar" dir="rtl">' in page
    assert "ترجمة غير مُراجَعة." in page
    assert 'name="langue" value="fr" lang="fr" dir="ltr">Lire cette page en français</button>' in page
    assert "غير مُراجَعة" not in client.get("/", headers={"accept-language": "en"}).content.decode()


def test_the_plain_manner_of_french_is_french(client):
    client.cookies["langue"] = "fr-x-facile"

    assert '<html lang="fr-x-facile" dir="ltr">' in client.get("/").content.decode()


def test_an_unknown_language_changes_nothing(client):
    assert client.post("/langue/", {"langue": "xx", "suite": "/"}).cookies == {}


def test_the_language_does_not_change_by_following_a_link(client):
    assert client.get("/langue/").status_code == 405


def test_an_address_that_leads_nowhere_says_so(client):
    response = client.get("/rien/")

    assert response.status_code == 404
    assert "Cette page n’existe pas" in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_each_error_has_its_sentence(rf):
    request = rf.get("/x")

    assert errors.bad_request(request).status_code == 400
    assert errors.forbidden(request).status_code == 403
    assert "trop longtemps" in answers.stale_form(request).content.decode()


def test_our_own_failure_is_told_without_database_nor_request(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("parloir.public.views.pages.render", lambda *_a, **_k: 1 / 0)

    response = client.get("/")

    assert response.status_code == 500
    assert "Ce n’est pas votre faute" in response.content.decode()
    assert "Démonstration, site non officiel" in response.content.decode()
    assert 'name="langue" value="ar"' in response.content.decode()


def test_a_form_left_open_too_long_is_told_what_to_do():
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/deconnexion/")

    assert response.status_code == 403
    assert "Votre page était ouverte depuis trop longtemps" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("get", "/langue/", "POST"),
        ("post", "/permis/demander/", "GET, HEAD"),
        ("delete", "/", "GET, HEAD"),
        ("put", "/aide/?q=linge", "GET, HEAD"),
        ("delete", "/avis/", "GET, HEAD, POST"),
    ],
)
def test_an_address_asked_in_a_way_it_does_not_know_answers_with_a_page(client, method, path, allowed):
    answer = getattr(client, method)(path)

    page = answer.content.decode()
    assert (answer.status_code, answer["Allow"], answer["Cache-Control"]) == (405, allowed, "no-store")
    assert "<h1>Cette adresse ne s’ouvre pas ainsi</h1>" in page
    assert 'href="/espace/"' in page
