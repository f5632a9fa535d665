"""The pages of the video tutorials: what they show, what they offer, in both languages."""

from __future__ import annotations

import pytest

from parloir.content.tutorials import read_tutorials
from parloir.public.films import films

SLUGS = [tutorial.slug for tutorial in read_tutorials()]
FIRST = f"/aide/tutoriels/{SLUGS[0]}/"


def read(client, path, language="fr"):
    response = client.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_the_four_tutorials_are_listed_in_the_order_of_the_journey(client):
    page = read(client, "/aide/tutoriels/")

    places = [page.index(f'href="/aide/tutoriels/{slug}/"') for slug in SLUGS]
    assert len(places) == 4
    assert places == sorted(places)
    assert page.count('loading="lazy"') == 4


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_tutorial_is_a_light_page_that_says_in_writing_all_that_the_film_says(client, slug, language):
    script = next(tutorial for tutorial in read_tutorials() if tutorial.slug == slug)

    page = read(client, f"/aide/tutoriels/{slug}/", language)

    for sentence in (text for step in script.steps for text in step.said[language]):
        assert sentence.replace("'", "&#x27;") in page
    for chapter in script.chapters:
        assert page.count(chapter.title[language]) >= 2
    assert len(page.encode()) < 30_000
    assert page.count("<h1") == 1


def test_the_captions_of_the_readers_language_show_by_themselves(client):
    french, english = read(client, FIRST), read(client, FIRST, "en")

    assert 'srclang="fr" label="Français" default>' in french
    assert 'srclang="en" label="English" default>' in english
    assert french.count(" default>") == english.count(" default>") == 1


def test_an_arabic_page_says_which_of_its_titles_are_in_french(client):
    page = client.get("/aide/tutoriels/prendre-rendez-vous/", headers={"accept-language": "ar"}).content.decode()

    title = "Prendre rendez-vous et choisir qui vient"
    assert f'<li aria-current="page"><span lang="fr" dir="ltr">{title}</span></li>' in page
    assert f'<h1 id="titre" lang="fr" dir="ltr">3. {title}</h1>' in page
    assert "(MP4\N{RIGHT-TO-LEFT MARK}، " in page


def test_a_film_waits_to_be_asked_for_and_can_be_kept(client):
    page = read(client, FIRST)

    assert 'preload="none"' in page
    assert "autoplay" not in page
    for end in ("mp4", "webm", "fr.vtt", "en.vtt"):
        assert f'download="{SLUGS[0]}.{end}"' in page
    assert 'href="#transcription"' in page


def test_each_tutorial_leads_to_the_next_and_the_last_one_back_to_all(client):
    pages = [read(client, f"/aide/tutoriels/{slug}/") for slug in SLUGS]

    followed = [f'href="/aide/tutoriels/{slug}/" rel="next"' for slug in SLUGS[1:]]
    assert all(link in page for link, page in zip(followed, pages, strict=False))
    assert 'rel="next"' not in pages[-1]
    assert all('href="/aide/tutoriels/">' in page for page in pages)


def test_a_chapter_is_a_link_into_the_film_even_without_javascript(client):
    page = read(client, FIRST)

    for part in films("fr")[0].parts:
        assert f'#t={part.at}" data-film-at="{part.at}"' in page


def test_another_address_is_not_a_tutorial(client):
    assert client.get("/aide/tutoriels/rien/").status_code == 404


def test_a_page_already_read_is_not_sent_again(client):
    etag = client.get(FIRST)["ETag"]

    assert client.get(FIRST, headers={"If-None-Match": etag}).status_code == 304


def test_the_help_page_and_the_site_map_lead_there(client, db):
    assert 'href="/aide/tutoriels/"' in read(client, "/aide/")
    assert 'href="/aide/tutoriels/"' in read(client, "/plan-du-site/")
