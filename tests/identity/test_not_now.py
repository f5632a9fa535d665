"""A FranceConnect that is slow costs nobody their sign-in: nothing is used up, and the page tries again."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from functools import partial

import pytest

from parloir.foundation import outbound
from tests.look_alike import SITE, parts
from tests.outside import hangs, outside

pytestmark = pytest.mark.django_db


@contextmanager
def every_place_outside_taken():
    """Have as many of this process's requests outside as may be there at once."""
    places = outbound.shared_places()
    taken = list(itertools.takewhile(bool, iter(partial(places.acquire, blocking=False), None)))
    try:
        yield
    finally:
        for _ in taken:
            places.release()


def test_whoever_comes_back_while_every_place_is_taken_loses_nothing_and_the_page_tries_again_by_itself(relative):
    back = relative.choose(relative.start("/espace/permis/"), "prete")
    with every_place_outside_taken():
        waiting = relative.come_back(back)

    page = waiting.content.decode()
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "2")
    assert "Un instant" in page
    assert parts(back)["code"] not in page
    seconds, again = waiting.headers["Refresh"].split("; url=")
    assert seconds == "2"
    assert parts(again) == {**parts(back), "encore": "1"}
    assert relative.come_back(again).headers["Location"] == "/espace/permis/"


def test_the_page_tries_again_by_itself_only_once_then_leaves_it_to_the_person(relative):
    back = relative.choose(relative.start(), "prete")
    with every_place_outside_taken():
        again = relative.come_back(back).headers["Refresh"].partition("url=")[2]
        waiting = relative.come_back(again)

    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "2")
    assert "Refresh" not in waiting.headers
    assert "Réessayez dans un instant" in waiting.content.decode()
    assert '<a class="fr-btn" href="">Réessayer</a>' in waiting.content.decode()
    assert relative.come_back(again).status_code == 302


def test_while_every_place_is_taken_people_start_and_sign_out_with_what_is_known(relative, provider):
    relative.sign_in("prete")
    with every_place_outside_taken():
        assert relative.start().startswith(f"{provider}/authorize?")
        assert relative.ours.post("/deconnexion/").headers["Location"].startswith(f"{provider}/session/end?")


def test_nobody_is_sent_to_a_franceconnect_that_does_not_answer_again_and_again(client, settings):
    settings.SITE_URL = SITE
    settings.OUTBOUND_CALL_SECONDS = 0.2
    with outside(hangs) as place:
        settings.FRANCECONNECT = {**settings.FRANCECONNECT, "issuer": place.address.rstrip("/")}
        late = [client.get("/connexion/franceconnect/", {"suite": "/espace/permis/"}) for _ in range(3)]
        told = client.get("/connexion/franceconnect/", {"suite": "/espace/permis/"})
        again = told.headers["Refresh"].partition("url=")[2]
        told_again = client.get(again)
        assert place.arrived == 3

    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in late] == [(503, "60")] * 3
    assert (told.status_code, told.headers["Retry-After"]) == (503, "2")
    assert again == "/connexion/franceconnect/?suite=%2Fespace%2Fpermis%2F&encore=1"
    assert told_again.status_code == 503
    assert 10 < int(told_again.headers["Retry-After"]) <= 15


def test_a_return_without_a_code_asks_franceconnect_nothing(relative):
    back = parts(relative.choose(relative.start(), "prete"))
    del back["code"]

    with every_place_outside_taken():
        answer = relative.ours.get("/connexion/franceconnect/retour/", back)

    assert answer.status_code == 400
