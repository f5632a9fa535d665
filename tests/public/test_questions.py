"""The help pages: a tree, an answer, a search, and whether it helped."""

from __future__ import annotations

import pytest

from parloir.content.documents import read_questions
from parloir.content.models import Tally
from parloir.content.operations import load_questions
from parloir.content.rules import Section
from parloir.public import opinions
from tests.factories import NOW

FACTS = read_questions()
LINGE = "/aide/visites/linge/"


@pytest.fixture(autouse=True)
def _questions(db):
    load_questions(facts=FACTS, now=NOW)


def read(client, path, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_tree_is_the_leaflets_in_one_statement(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = read(client, "/aide/")

    assert page.index("1. Les établissements pénitentiaires") < page.index("B – Les maisons d’arrêt")
    assert page.index("B – Les maisons d’arrêt") < page.index("2. Les permis de visite") < page.index("4. Ce site")
    assert 'action="/etablissements/"' in page
    assert 'id="trouver">Rechercher un établissement<' in page
    assert len(page.encode()) < 30_000


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_question_is_a_light_page_in_every_language(client, language):
    for fact in FACTS:
        page = read(client, f"/aide/{fact.section}/{fact.slug}/", **{"accept-language": language})
        assert fact.texts[language].title.replace("'", "&#x27;") in page
        assert len(page.encode()) < 30_000
        assert "csrfmiddlewaretoken" not in page


def test_an_answer_says_its_date_its_law_what_follows_and_what_is_near(client, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = read(client, "/aide/visites/combien-de-visites-par-semaine/")

    assert '<time itemprop="dateModified" datetime="2026-11-25">mercredi 25 novembre 2026</time>' in page
    assert "articles L341-2, L341-3." in page
    assert 'rel="next"><span>Suite :</span> Puis-je réserver par téléphone ?' in page
    assert '<a href="/aide/etablissements/quartier-disciplinaire/">' in page
    assert 'itemtype="https://schema.org/FAQPage"' in page
    assert page.count("<h1") == 1


def test_only_an_answer_whose_source_is_named_says_that_it_was_checked(client):
    assert "Vérifié le" in read(client, "/aide/visites/combien-de-visites-par-semaine/")
    assert "Vérifié le" in read(client, "/aide/visites/courrier/")
    unsourced = read(client, "/aide/visites/retard/")
    assert "Mis à jour le" in unsourced
    assert "Vérifié le" not in unsourced


def test_an_answer_already_read_is_not_sent_again(client):
    first = client.get(LINGE)

    assert client.get(LINGE, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert first.cookies == {}


def test_the_last_question_of_all_is_followed_by_none(client):
    last = FACTS[-1]

    assert 'rel="next"' not in read(client, f"/aide/{last.section}/{last.slug}/")


def test_each_section_lists_its_questions(client):
    for section in {fact.section for fact in FACTS}:
        page = read(client, f"/aide/{section}/")
        assert page.count('<li><a href="/aide/') >= sum(fact.section == section for fact in FACTS)


@pytest.mark.parametrize(
    "path",
    ["/aide/rien/", "/aide/permis/rien/", "/aide/permis/linge/", "/aide/permis/rien/avis/", "/aide/visites/linge/x/"],
)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code in {404, 405}
    assert client.post(path).status_code in {404, 405}


def test_a_search_shows_answers_with_their_words_marked(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = read(client, "/aide/?q=linge")

    assert "<mark>" in page
    assert 'value="linge"' in page
    assert f'<h3><a href="{LINGE}">' in page


def test_what_is_typed_is_never_obeyed(client):
    page = read(client, "/aide/?q=%3Cscript%3Ealert(1)%3C/script%3E%20linge")

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_finding_nothing_says_what_else_to_do(client):
    page = read(client, "/aide/?q=zzzzqqqq")

    assert "Aucune réponse pour « zzzzqqqq »" in page
    assert "1. Les établissements pénitentiaires" in page


def test_an_opinion_is_counted_once_and_thanked(client):
    responses = [client.post(f"{LINGE}avis/", {"avis": answer}) for answer in ("oui", "oui", "non")]

    assert {(r.status_code, r["Location"]) for r in responses} == {(302, f"{LINGE}?merci#utile")}
    assert list(Tally.objects.values_list("helped", "missed", "language")) == [(1, 0, "fr")]
    assert responses[0].cookies == {}
    assert "Merci pour votre avis." in read(client, f"{LINGE}?merci")


def test_a_machine_is_not_counted_for_ever(client):
    for fact in [fact for fact in FACTS if fact.section != Section.GUIDES][: opinions.MOST_PER_ADDRESS + 5]:
        client.post(f"/aide/{fact.section}/{fact.slug}/avis/", {"avis": "non"})

    assert sum(Tally.objects.values_list("missed", flat=True)) == opinions.MOST_PER_ADDRESS


def test_another_sites_form_is_not_counted(client):
    client.post(f"{LINGE}avis/", {"avis": "oui"}, headers={"sec-fetch-site": "cross-site"})

    assert Tally.objects.count() == 0


@pytest.mark.parametrize("answer", ["", "peut-être", "OUI"])
def test_what_is_no_opinion_is_not_counted(client, answer):
    assert client.post(f"{LINGE}avis/", {"avis": answer})["Location"] == LINGE
    assert Tally.objects.count() == 0


def test_an_opinion_is_not_given_by_following_a_link(client):
    assert client.get(f"{LINGE}avis/").status_code == 405
