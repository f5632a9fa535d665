"""The invented register speaks the feed's language, the same words for the same seed."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO
from itertools import chain
from typing import Any

import pytest
from django.core.management import call_command

from parloir.demo.extras import EXTRAS
from parloir.demo.feed import feed_lines, persona_lines
from parloir.demo.household import A_DOZEN_PRISONS, CATEGORIES
from parloir.demo.personas import PERSONAS, known_permits
from parloir.establishments.referential import read_referential
from parloir.register.lines import read_line

DAY = date(2026, 11, 2)
NOON = datetime(2026, 11, 2, tzinfo=UTC)
FACTS = read_referential()
WINGS = {(line.slug, wing): line for line in FACTS for wing in line.wings}


def feed(*, detainees: int = 300, seed: int = 1, as_of: date = DAY) -> list[str]:
    return list(feed_lines(detainees=detainees, seed=seed, as_of=as_of, facts=FACTS))


def told(lines: list[str], kind: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, lines) if line["type"] == kind]


@pytest.fixture(scope="module")
def larger() -> list[str]:
    """Enough people for every prison and every rare case."""
    return feed(detainees=4000, seed=3)


def test_every_line_is_one_that_the_register_accepts(larger):
    for line in chain(feed(), larger):
        read_line(line.encode(), now=NOON)


def test_the_same_seed_size_and_day_write_the_same_lines():
    assert feed(seed=7) == feed(seed=7)
    assert feed(seed=7) != feed(seed=8)
    assert feed(seed=7) != feed(seed=7, as_of=date(2026, 11, 3))


def test_a_larger_register_begins_with_the_same_people():
    small, large = feed(detainees=20), feed(detainees=40)

    assert large[: len(small)] == small


def test_by_default_a_dozen_prisons_are_filled():
    personas = {json.dumps(line) for line in persona_lines(as_of=DAY)}

    invented = [line for line in map(json.loads, feed()) if json.dumps(line) not in personas]

    prisons = {line["establishment"] for line in invented if line["type"] == "detainee"}
    assert prisons <= A_DOZEN_PRISONS
    assert len(prisons) >= 10
    assert sum(line["type"] == "detainee" for line in invented) == 300


def test_a_large_register_fills_the_prisons_that_receive_visits_and_no_other(larger):
    places = {(line["establishment"], line["wing"]) for line in told(larger, "detainee")}

    assert len({slug for slug, _ in places}) > 150
    assert all(WINGS[place].online_booking == "open" and place[1] != "CSL/QSL" for place in places)


def test_every_committal_permit_and_visitor_has_a_number_of_its_own(larger):
    numbers = [line["committal_number"] for line in told(larger, "detainee")]
    new = [line["new_committal_number"] for line in told(larger, "movement") if line.get("new_committal_number")]
    permits = [line["number"] for line in told(larger, "permit")]

    assert max(Counter(numbers + new).values()) == 1
    assert max(Counter(permits).values()) == 1


def test_a_visitor_of_several_detained_people_is_the_same_person_everywhere(larger):
    people: dict[str, set[str]] = {}
    for permit in told(larger, "permit"):
        people.setdefault(permit["visitor"]["id"], set()).add(json.dumps(permit["visitor"], sort_keys=True))
    detained = Counter(permit["visitor"]["id"] for permit in told(larger, "permit"))

    assert all(len(statuses) == 1 for statuses in people.values())
    assert sum(n > 1 for n in detained.values()) > 30


def test_categories_come_in_the_nations_proportions(larger):
    found = Counter(line["category"] for line in told(larger, "detainee"))
    nation = sum(CATEGORIES.values())

    for category, n in CATEGORIES.items():
        assert found[category] / found.total() == pytest.approx(n / nation, abs=0.03)


def test_there_are_as_many_permits_as_in_the_nation(larger):
    assert len(told(larger, "permit")) / len(told(larger, "detainee")) == pytest.approx(300 / 90, rel=0.03)


def test_every_kind_of_permit_and_event_is_met(larger):
    permits, movements = told(larger, "permit"), told(larger, "movement")

    assert {p["status"] for p in permits} == {"active", "suspended", "withdrawn"}
    assert any(p["status"] == "suspended" and p["suspended_until"] is None for p in permits)
    assert any(p["status"] == "suspended" and p["suspended_until"] for p in permits)
    assert any(p["visits_allowed"] for p in permits)
    assert any(p["weekdays"] for p in permits)
    assert any(p["valid_until"] and p["valid_until"] < DAY.isoformat() for p in permits)
    assert any(p["separated"] for p in permits)
    assert any(p["alone_from_16"] for p in permits)
    assert any(p["visitor"]["birth_date"] > "2016-01-01" for p in permits)
    assert {m["kind"] for m in movements} == {"transfer", "release", "hospital", "disciplinary", "return"}
    assert any(m["kind"] == "transfer" and m["disclose_from"] and m["new_committal_number"] for m in movements)
    assert {r["kind"] for r in told(larger, "restriction")} == {"no_communication", "no_visits"}


def test_a_permit_never_begins_before_its_holder_is_born(larger):
    assert all(p["valid_from"] >= p["visitor"]["birth_date"] for p in told(larger, "permit"))


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_the_personas_are_there_whatever_the_seed(seed):
    permits = {permit["number"]: permit for permit in told(feed(seed=seed, detainees=5), "permit")}

    for known in chain(known_permits(), *(extra.permits for extra in EXTRAS)):
        line = permits[known.number]
        assert line["committal_number"] == known.detained.number
        assert line["visitor"]["birth_name"] == known.holder.birth_name
        assert line["visitor"]["birth_date"] == known.holder.birth_date.isoformat()
        assert line["status"] == known.status


def test_the_personas_live_in_wings_that_receive_visits():
    for permit in known_permits():
        assert WINGS[permit.detained.establishment, permit.detained.wing].online_booking == "open"
        if permit.detained.transfer:
            assert WINGS[permit.detained.transfer].online_booking == "open"


def test_the_transferred_personas_prison_is_disclosed_later():
    (transfer,) = [line for line in persona_lines(as_of=DAY) if line["type"] == "movement"]

    assert transfer["establishment"] == "cp-varennes-le-grand"
    assert transfer["disclose_from"] == "2026-11-12"


def test_every_case_has_its_persona():
    assert [persona.key for persona in PERSONAS] == [
        "prete",
        "belle-mere",
        "avec-enfant",
        "deux-freres",
        "suspendue",
        "semaine-atteinte",
        "sans-permis",
        "mineur",
        "mineure-seule",
        "nee-a-l-etranger",
        "date-presumee",
        "homonyme-1970",
        "homonyme-1983",
        "sans-adresse",
        "transfert",
        "outre-mer",
        "permis-limite",
        "tutoriels",
    ]


def test_the_command_writes_the_same_lines_to_a_file_or_to_the_standard_output(tmp_path, capsys):
    output = tmp_path / "register.jsonl"

    call_command("make_demo_feed", detainees=3, seed=5, as_of=DAY, output=output, stdout=StringIO())
    call_command("make_demo_feed", detainees=3, seed=5, as_of=DAY)

    assert output.read_text(encoding="utf-8") == capsys.readouterr().out
    assert output.read_text(encoding="utf-8").splitlines() == feed(detainees=3, seed=5)
