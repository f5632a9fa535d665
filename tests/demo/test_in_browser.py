"""The demonstration's own pages, empty and full: accessible, valid, and whole at every width."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from parloir.demo import caught
from tests.factories import EstablishmentFactory
from tests.standard import PAGES
from tests.validators import axe_faults

if TYPE_CHECKING:
    from playwright.sync_api import Route

SITE = "http://demonstration.test"


@pytest.fixture
def pages(db, client, tmp_path, monkeypatch):
    """What the site answers, by path; rendered beforehand, for a browser in this process forbids queries."""
    monkeypatch.setattr(caught, "FOLDER", tmp_path / "caught")
    EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon")
    shown = {"/vide/": client.get("/demo/").content}
    message = EmailMessage()
    message["Subject"] = "Votre rendez-vous du mercredi 11 novembre 2026"
    message["To"] = f"{'tres-longue-adresse-' * 4}@example.org"
    message.set_content(f"Confirmez : http://127.0.0.1:8000/confirmer/{'a' * 120}/")
    message.add_alternative("<!DOCTYPE html><html lang=fr><title>x</title><h1>Bonjour</h1></html>", subtype="html")
    key = caught.keep_email(caught.FOLDER, bytes(message), recipients=[str(message["To"])])
    caught.keep_sms(caught.FOLDER, to="+33612345678", text="Rappel : rendez-vous demain à 14 h 00. " * 4)
    paths = ("/demo/", f"/demo/courriels/{key}/", f"/demo/courriels/{key}/mise-en-page/")
    return shown | {path: client.get(path).content for path in paths}


def test_they_are_accessible_and_whole_at_every_width(pages, chromium):
    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            route.fulfill(path=settings.STATIC_ROOT / path.removeprefix(settings.STATIC_URL))
        else:
            route.fulfill(body=pages[path], content_type="text/html; charset=utf-8")

    faults = []
    page = chromium.new_page()
    page.route("**/*", answer)
    for path in pages:
        if path.endswith("mise-en-page/"):
            continue
        page.goto(SITE + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        for width in (320, 375, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            faults += [f"{width} {path}: scrolls sideways"] * bool(wide)
            if width in {375, 1280}:
                faults += [f"{width} {path}: {fault}" for fault in axe_faults(page)]

    assert faults == []


def test_they_are_read_by_the_validator(pages):
    shown = {path: html.decode() for path, html in pages.items() if "mise-en-page" not in path}

    assert len(shown) > 1
    PAGES.keep(shown)
