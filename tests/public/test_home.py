"""The first page: what a family looks for first is in its first screen."""

from __future__ import annotations

import re

from parloir.content.tutorials import read_recordings


def home(client, language="fr"):
    page = client.get("/", headers={"accept-language": language}).content.decode()
    return page[page.index("<main") : page.index("</main>")]


def test_whoever_has_no_permit_yet_reads_at_the_top_whom_to_ask(client, db):
    page = home(client)

    asked = page.index("Pas encore de permis ?")
    assert asked < page.index('id="etapes"')
    assert re.search(r'<a href="/permis/demander/">Voir à qui le demander</a>', page[asked : asked + 400])


def test_a_prison_and_an_answer_are_looked_for_from_the_first_page(client, db):
    page = home(client)

    forms = re.findall(r'<form[^>]*method="get"[^>]*action="([^"]+)"[^>]*role="search"', page)
    assert forms == ["/etablissements/", "/aide/"]
    assert page.index('action="/etablissements/"') < page.index('id="etapes"')
    assert len(re.findall(r'<input[^>]*name="q"', page)) == 2


def test_each_of_the_four_tutorials_is_one_tap_away(client, db):
    page = home(client)

    addresses = re.findall(r'href="(/aide/tutoriels/[^"]+/)"', page)
    assert addresses == [f"/aide/tutoriels/{slug}/" for slug in read_recordings()]
    assert len(addresses) == 4


def test_the_first_page_promises_nothing_that_each_prison_decides(client, db):
    page = home(client)

    assert re.findall(r"[Ee]n général|le plus souvent|30 minutes", page) == []
