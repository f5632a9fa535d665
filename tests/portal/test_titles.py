"""Tabs and histories show titles: those of the pages of an account tell nothing, and each is its own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

import parloir
from tests.discretion import FORBIDDEN, FORBIDDEN_IN_ARABIC, folded
from tests.factories import AccountFactory
from tests.signed_in import signed_in

PACKAGE = Path(parloir.__file__).parent
TELLING = (*FORBIDDEN, "permis de visite", "visiting permit", "visit permit")

_TITLE = re.compile(r"{% block title %}(.*?){% endblock %}", re.DOTALL)
_SAID = re.compile(r'{% translate "([^"]+)" %}')


def titles():
    """Return every title of an account's pages, with its template."""
    folders = ("portal/templates", "identity/templates")
    paths = [path for folder in folders for path in sorted((PACKAGE / folder).rglob("*.html"))]
    sources = {path: _TITLE.search(path.read_text(encoding="utf-8")) for path in paths}
    found = [(said, path.name) for path, title in sources.items() if title for said in _SAID.findall(title[1])]
    assert len(found) > 45
    return found


@pytest.mark.parametrize("language", ["fr", "en", "ar", "fr-x-facile"])
def test_no_title_of_the_space_says_what_it_is_about(language):
    with translation.override(language):
        shown = {(gettext(said), name) for said, name in titles()}

    telling = [one for one in shown if any(word in folded(one[0]) for word in (*TELLING, *FORBIDDEN_IN_ARABIC))]
    assert telling == []


def test_each_page_of_the_space_has_a_title_of_its_own():
    assert [said for said, count in Counter(said for said, _name in titles()).items() if count > 1] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/espace/",
        "/espace/permis/",
        "/espace/rendez-vous/",
        "/espace/preferences/",
        "/espace/inconnu/",
        "/deconnexion/",
    ],
)
def test_the_pages_of_the_space_do_not_name_the_site(path):
    page = signed_in(AccountFactory()).get(path).content.decode()

    assert re.search(r"<title>[^<]* – Mes rendez-vous \(démonstration\)</title>", page), path
    assert 'name="description"' not in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/etablissements/", "/aide/", "/connexion/"])
def test_public_pages_do(path):
    assert "– Parloir (démonstration)</title>" in Client().get(path).content.decode()
