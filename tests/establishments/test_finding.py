"""A prison is found by whatever a family types. No database: the referential file is enough."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest

from parloir.establishments.finding import Prison, find, near, plain
from parloir.establishments.places import department_of_postcode, departments
from parloir.establishments.referential import read_referential

DATA = Path(__file__).parent / "data"
PRISONS = tuple(
    Prison(
        **{
            name: getattr(facts, name)
            for name in (
                *("slug", "name", "abbreviation", "kind", "direction", "city"),
                *("postal_city", "postal_code", "insee", "street", "wings"),
            )
        },
        detainees=facts.detainees or 0,
        is_open=facts.online_booking == "open",
        position=(facts.latitude, facts.longitude) if facts.latitude is not None else None,
    )
    for facts in read_referential()
)


def questions(name):
    with (DATA / f"queries_{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(line["query"], set(line["expected"].split("|"))) for line in csv.DictReader(file)]


def slugs(query):
    return [prison.slug for prison in find(query, PRISONS)]


def seconds(query):
    began = time.perf_counter()
    find(query, PRISONS)
    return time.perf_counter() - began


def missed(name):
    asked = questions(name)
    lost = [
        (query, slugs(query)[:3])
        for query, expected in asked
        if len(expected & set(slugs(query)[:3])) < min(3, len(expected))
    ]
    return lost, len(asked)


def test_what_families_type_finds_the_prison_among_the_first_three():
    lost, asked = missed("open")

    assert asked == 50
    assert lost == []


def test_the_questions_that_were_locked_away_are_answered_as_well():
    lost, asked = missed("locked")

    assert asked == 50
    assert len(lost) <= 2, lost


def test_an_answer_takes_less_than_twenty_milliseconds():
    find("chaud", PRISONS)
    taken = [min(seconds(query) for _try in range(3)) for query, _expected in questions("open")]

    assert sorted(taken)[int(len(taken) * 0.95)] < 0.020


def test_accents_hyphens_order_and_capitals_do_not_matter():
    assert plain("  Saint-Étienne / Œuvre l'Été ") == "st etienne oeuvre l ete"
    assert slugs("MÉROGIS fleury")[0] == slugs("fleury-merogis")[0] == "cp-fleury-merogis"


@pytest.mark.parametrize("query", ["", "   ", "…", "zzzzzz", "99999", "0", "a" * 500])
def test_what_means_nothing_finds_nothing(query):
    assert find(query, PRISONS) == []


def test_a_kind_alone_lists_the_prisons_of_that_kind():
    assert {prison.kind for prison in find("maison centrale", PRISONS)[:6]} == {"MC"}


def test_a_wrong_kind_still_finds_the_town():
    assert slugs("centrale de dijon")[0] == "ma-dijon"


def test_near_a_postcode_come_its_department_then_the_nearest_others():
    found = near("69003", PRISONS)

    within = [line.prison.slug for line in found if line.kilometres is None]
    assert set(within) == {"csl-lyon", "epm-rhone", "ma-lyon-corbas", "cp-villefranche-sur-saone"}
    distances = [line.kilometres for line in found if line.kilometres is not None]
    assert distances == sorted(distances)
    assert len(found) == 10


def test_overseas_only_the_same_territory_is_near():
    assert {line.prison.slug for line in near("97400", PRISONS)} == {"cp-st-denis", "ma-st-pierre", "cd-le-port"}


@pytest.mark.parametrize("postcode", ["", "abc", "1234", "00000", "99999", "123456"])
def test_what_is_no_french_postcode_is_near_nothing(postcode):
    assert near(postcode, PRISONS) is None


@pytest.mark.parametrize(
    ("postcode", "code"),
    [("21000", "21"), ("20090", "2A"), ("20200", "2B"), ("20600", "2B"), ("97 410", "974"), ("98800", "988")],
)
def test_a_postcode_says_its_department(postcode, code):
    assert department_of_postcode(postcode).code == code


def test_every_prison_is_in_a_known_department_with_its_court_of_appeal():
    courts = [department.court_of_appeal for department in departments().values()]

    assert len(departments()) == 105
    assert len({court for court in courts if court}) == 36
    assert [code for code, department in departments().items() if not department.court_of_appeal] == ["975"]
