"""Every public page, reached as a reader reaches it: by its links. None leads nowhere, none is heavy."""

from __future__ import annotations

import gzip
import re
from collections import deque
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import brotli
import pytest
from django.test import Client

from parloir.content.documents import read_questions
from parloir.content.operations import load_questions
from parloir.establishments.operations import load_establishments
from parloir.establishments.referential import read_referential
from parloir.public.sitemap import addresses
from tests.standard import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpResponse

NOW = datetime.now(tz=UTC)
HEAVIEST = 30_000
"""Bytes of a page as it travels: compressed."""
NOT_CRAWLED = ("/espace/", "/connexion/", "/demo/", "/static/")
"""What a link may lead to without being read here: it asks who is there."""
NOT_PAGES = (".pdf",)
MANY = 250
"""Fewer pages than there are, and more than if the crawl had stopped at its beginning."""


class Links(HTMLParser):
    """The addresses that a page leads to and the places that its own links may name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.places: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        if about.get("id"):
            self.places.add(about["id"] or "")
        if tag == "a" and about.get("href"):
            self.to.append(about["href"] or "")


def _crawled(client: Client, language: str) -> Iterator[tuple[str, bytes, Links, int]]:
    """Follow every link from the home page; give each page with what it weighs compressed."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting:
        path = waiting.popleft()
        response = client.get(path, headers={"accept-language": language, "accept-encoding": "gzip, br"})
        assert response.status_code == 200, path
        weight, html = len(response.content), _plain(response)
        links = Links(html.decode())
        yield path, html, links, weight
        for link in links.to:
            there = link.partition("#")[0]
            if (
                there.startswith("/")
                and not there.startswith(NOT_CRAWLED)
                and not there.endswith(NOT_PAGES)
                and there not in seen
            ):
                seen.add(there)
                waiting.append(there)


def _plain(response: HttpResponse) -> bytes:
    how = response.get("Content-Encoding")
    return {"br": brotli.decompress, "gzip": gzip.decompress}.get(how, bytes)(response.content)


@pytest.fixture
def _whole_site(db: None) -> None:
    load_establishments(facts=read_referential(), now=NOW)
    load_questions(facts=read_questions(), now=NOW)


@pytest.mark.usefixtures("_whole_site")
def test_every_link_of_every_public_page_leads_somewhere_light():
    client = Client()
    pages: dict[str, Links] = {}
    heavy: dict[str, int] = {}
    empty: list[str] = []
    for path, html, links, weight in _crawled(client, "fr"):
        pages[path] = links
        if weight > HEAVIEST:
            heavy[path] = weight
        if re.search(rb">\s*(None|nan|\[\])\s*<", html):
            empty.append(path)

    lost = [
        (path, link)
        for path, links in pages.items()
        for link in links.to
        if "#" in link and not link.startswith("http") and _misses(path, link, pages)
    ]
    listed = {page.address.partition("//")[2].partition("/")[2] for page in addresses()}
    assert lost == []
    assert heavy == {}
    assert empty == []
    assert {f"/{path}" for path in listed} - pages.keys() == set()
    assert len(pages) > 186 * 2 + 90


@pytest.mark.usefixtures("_whole_site")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_public_page_has_a_title_and_a_description_of_its_own(language: str):
    pages = ((path, html.decode()) for path, html, _links, _weight in _crawled(Client(), language))
    told = {path: _told(html) for path, html in pages if "?" not in path}  # what answers a question is listed nowhere

    assert len(told) > MANY
    assert _said_twice({path: title for path, (title, _description) in told.items()}) == {}
    assert _said_twice({path: description for path, (_title, description) in told.items()}) == {}


def _told(html: str) -> tuple[str, str]:
    title = re.search(r"<title>(.*?)</title>", html, re.DOTALL)
    description = re.search(r'<meta name="description" content="([^"]*)">', html)
    assert title is not None
    assert description is not None
    return title[1], description[1]


def _said_twice(said: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what several pages say, with the first of these pages."""
    pages: dict[str, list[str]] = {}
    for path, text in said.items():
        pages.setdefault(text, []).append(path)
    return {text: paths[:5] for text, paths in pages.items() if len(paths) > 1}


def _misses(path: str, link: str, pages: dict[str, Links]) -> bool:
    there, _, place = link.partition("#")
    page = pages.get(there or path)
    return page is not None and place not in page.places


@pytest.mark.soak
@pytest.mark.usefixtures("_whole_site")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_public_page_is_read_by_the_validator(language: str):
    pages = {path: html.decode() for path, html, _links, _weight in _crawled(Client(), language)}

    assert len(pages) > MANY
    PAGES.keep(pages)
