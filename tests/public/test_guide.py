"""The guide for those who have no permit yet: three questions, an answer, and nothing kept."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.factories import EstablishmentFactory

pytestmark = pytest.mark.django_db

GUIDE = "/permis/demander/"


@pytest.fixture
def prison():
    return EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon", phone="+33380664732")


def ask(**answers):
    return Client().get(GUIDE, answers)


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_nothing_is_answered_before_something_is_asked(prison):
    page = words(ask())

    assert "Où en est la personne détenue ?" in page
    assert "À qui écrire" not in page


def test_a_convicted_person_s_family_writes_to_the_prison_with_the_form(prison):
    page = words(ask(situation="condamne", pour="famille", etablissement="ma-dijon"))

    for said in (
        "Le chef de l’établissement</strong>, à l’adresse de l’établissement",
        "Cerfa n° 13960",
        "1 rue de l&#x27;Essai",
        "03 80 66 47 32",
        'href="/etablissements/ma-dijon/"',
        "Faites une demande pour chaque personne",
    ):
        assert said in page
    assert "D’autres papiers peuvent être demandés" not in page


def test_a_remand_prisoner_s_family_writes_to_the_judge_without_the_form(prison):
    page = words(ask(situation="instruction", pour="moi"))

    assert "Le juge d’instruction ou le magistrat chargé du dossier" in page
    assert "D’autres papiers peuvent être demandés" in page
    assert "Cerfa n° 13960" not in page


def test_whoever_does_not_know_is_told_whom_to_ask(prison):
    assert "Demandez d’abord où en est l’affaire" in words(ask(situation="inconnue", pour="moi"))


@pytest.mark.parametrize(
    "answers", [{"situation": "condamne"}, {"pour": "moi"}, {"situation": "x", "pour": "moi"}, {"etablissement": "x"}]
)
def test_what_is_missing_or_senseless_is_asked_again(prison, answers):
    answer = ask(**answers)

    assert answer.status_code == 400
    assert "À qui écrire</h2>" not in words(answer)


def test_no_answer_is_sent_by_post_or_kept_in_a_cookie(prison):
    assert Client().post(GUIDE, {"situation": "condamne", "pour": "moi"}).status_code == 405
    assert ask(situation="condamne", pour="moi").cookies == {}
