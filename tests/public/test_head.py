"""What is told of a page outside of it: to search engines, to who is sent its link, on a telephone's first screen."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client

from parloir.content.documents import read_questions
from parloir.content.operations import load_questions
from parloir.establishments.queries import ALERTS_KEY
from parloir.foundation.catalogue import read, texts_of
from tests.discretion import FORBIDDEN, FORBIDDEN_IN_ARABIC, folded
from tests.factories import AccountFactory, EstablishmentFactory, PolicyFactory, WingFactory
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db
SITE = "https://parloir.example"


class Head(HTMLParser):
    """The meta and link elements of a page, by name or relation."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        if tag == "meta":
            self.meta[about.get("property") or about.get("name") or ""] = about.get("content") or ""
        if tag == "link":
            self.links.append(about)

    def linked(self, relation: str) -> list[str | None]:
        return [link["href"] for link in self.links if link["rel"] == relation]


@pytest.fixture
def official(settings):
    settings.OFFICIAL, settings.SITE_URL = True, SITE
    cache.clear()
    cache.set(ALERTS_KEY, [])


def head_of(path: str, browser: Client | None = None, language: str = "fr", **kept: object) -> Head:
    answer = (browser or Client()).get(path, headers={"accept-language": language}, **kept)
    return Head(answer.content.decode())


@pytest.mark.parametrize("language", ["fr", "en", "ar", "fr-x-facile"])
@pytest.mark.parametrize(
    "path", ["/espace/", "/espace/rendez-vous/PAR-2345-67/", "/m/ex-AAAAAAAAAAAA/", "/espace/rien/"]
)
@pytest.mark.usefixtures("official")
def test_the_link_of_a_page_of_the_space_tells_nothing_to_who_sees_it(path, language):
    browser = Client()
    browser.cookies["langue"] = language

    seen = head_of(path, browser, follow=True).meta
    shown = " ".join(text for name, text in seen.items() if name.startswith("og:") and name != "og:image")

    assert seen["og:title"]
    assert [word for word in (*FORBIDDEN, *FORBIDDEN_IN_ARABIC) if word in folded(shown)] == []
    assert "description" not in seen
    assert "og:url" not in seen
    assert seen["robots"] == "noindex"


@pytest.mark.usefixtures("official")
def test_the_link_of_a_public_page_says_its_title_its_address_and_nothing_loud():
    EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon")

    seen = head_of("/etablissements/ma-dijon/").meta

    assert seen["og:title"] == "Maison d’arrêt de Dijon"
    assert seen["og:url"] == f"{SITE}/etablissements/ma-dijon/"
    assert seen["og:description"] == seen["description"]
    assert (seen["og:locale"], seen["og:image"]) == ("fr_FR", f"{SITE}/icone-512.png")


@pytest.mark.usefixtures("official")
def test_a_page_has_one_address_and_says_where_it_is_in_another_language():
    french, english = head_of("/contact/"), head_of("/contact/?langue=en")

    assert french.linked("canonical") == [f"{SITE}/contact/"]
    assert english.linked("canonical") == [f"{SITE}/contact/?langue=en"]
    assert head_of("/contact/", language="en").linked("canonical") == [f"{SITE}/contact/?langue=en"]
    for page in (french, english):
        told = {link["hreflang"]: link["href"] for link in page.links if link["rel"] == "alternate"}
        assert told == {
            "fr": f"{SITE}/contact/",
            "en": f"{SITE}/contact/?langue=en",
            "x-default": f"{SITE}/contact/",
        }
        assert "robots" not in page.meta


@pytest.mark.parametrize(
    "path", ["/aide/?q=linge", "/etablissements/?q=dijon", "/permis/demander/?situation=appel&pour=moi", "/rien/"]
)
@pytest.mark.usefixtures("official")
def test_an_answer_to_a_search_and_a_page_that_is_not_there_are_listed_nowhere(path):
    page = head_of(path)

    assert page.meta["robots"] == "noindex"
    assert page.linked("canonical") == page.linked("alternate") == []


@pytest.mark.usefixtures("official")
def test_a_page_of_an_account_is_listed_nowhere():
    page = head_of("/espace/", signed_in(AccountFactory()))

    assert page.meta["robots"] == "noindex"
    assert page.linked("canonical") == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/favicon.ico", "image/"),
        ("/apple-touch-icon.png", "image/png"),
        ("/icone-192.png", "image/png"),
        ("/icone-512.png", "image/png"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ],
)
def test_what_browsers_and_telephones_ask_for_is_where_they_ask(client, path, kind):
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)


def test_the_icon_on_a_telephone_has_a_name_that_tells_nothing(client):
    told = json.loads(b"".join(client.get("/manifest.webmanifest").streaming_content))

    names = folded(f"{told['name']} {told['short_name']}")
    assert [word for word in FORBIDDEN if word in names] == []
    assert client.get(told["icons"][0]["src"]).status_code == 200


def test_who_finds_a_weakness_reads_whom_to_tell_and_the_text_is_never_out_of_date(client, settings, time_machine):
    settings.SITE_URL, settings.SECURITY_CONTACT = SITE, "mailto:securite@parloir.example"
    for year in (2026, 2031):
        time_machine.move_to(datetime(year, 12, 1, 9, tzinfo=UTC))

        answer = client.get("/.well-known/security.txt")
        said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())

        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert said["Contact"] == "mailto:securite@parloir.example"
        assert said["Canonical"] == f"{SITE}/.well-known/security.txt"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said["Expires"])
        until = datetime.fromisoformat(said["Expires"]) - datetime(year, 12, 1, 9, tzinfo=UTC)
        assert timedelta(days=30) < until < timedelta(days=365)


def told_to_machines(path: str) -> list[dict[str, object]]:
    page = Client().get(path).content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found, path
    told = json.loads(found[1])
    return told if isinstance(told, list) else [told]


def test_a_prisons_page_says_where_the_place_is_and_where_the_page_stands(settings):
    settings.SITE_URL = SITE
    EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon </script>")

    place, trail = told_to_machines("/etablissements/ma-dijon/")

    assert (place["@type"], place["name"]) == ("GovernmentBuilding", "Maison d’arrêt de Dijon </script>")
    assert "openingHours" not in json.dumps(place)
    assert [step["item"] for step in trail["itemListElement"]] == [
        f"{SITE}/",
        f"{SITE}/etablissements/",
        f"{SITE}/etablissements/ma-dijon/",
    ]


def test_a_films_page_says_what_it_shows_how_long_it_is_and_all_that_is_said(settings):
    settings.SITE_URL = SITE

    (film,) = told_to_machines("/aide/tutoriels/prendre-rendez-vous/")

    assert film["@type"] == "VideoObject"
    assert re.fullmatch(r"PT\d+M\d+S", film["duration"])
    assert datetime.fromisoformat(film["uploadDate"]).tzinfo is not None
    assert film["contentUrl"].startswith(f"{SITE}/static/tutorials/prendre-rendez-vous.")
    assert len(film["transcript"]) > 300
    assert [part["@type"] for part in film["hasPart"]] == ["Clip"] * len(film["hasPart"])


@pytest.mark.parametrize("language", ["en", "ar"])
def test_what_is_translated_on_a_page_is_not_said_to_be_french(language):
    wings = [WingFactory(establishment=EstablishmentFactory(slug="cp-essai"), code="MA/QMA")]
    wings.append(WingFactory(establishment=wings[0].establishment, code="CD/QCD"))
    for wing in wings:
        PolicyFactory(wing=wing, duration_minutes=30 if wing.code == "MA/QMA" else 60)
    load_questions(facts=read_questions(), now=datetime.now(tz=UTC))
    paths = ["/", "/etablissements/", "/etablissements/carte/", "/etablissements/cp-essai/", "/aide/", "/connexion/"]
    paths += ["/aide/tutoriels/", "/aide/permis/a-qui-ecrire/", "/permis/demander/", "/contact/rendez-vous/cp-essai/"]
    said = {
        text
        for message in read(language)
        for key, text in zip(texts_of(message.id), texts_of(message.string), strict=False)
        if text and text != key
    }

    wrong = []
    for path in paths:
        page = Client().get(path, headers={"accept-language": language}).content.decode()
        marked = re.findall(r'<\w+[^>]* lang="fr"[^>]*>([^<]+)<', page)
        wrong += [(path, text) for text in marked if text.strip() in said or re.search("[\u0600-\u06ff]", text)]

    assert wrong == []
