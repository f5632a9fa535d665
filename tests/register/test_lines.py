"""The shape of a line, word by word of the format."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parloir.people.feed import (
    CivilStatus,
    DetaineeLine,
    MovementKind,
    MovementLine,
    PlaceName,
    Reason,
    RestrictionLine,
)
from parloir.permits.feed import PermitLine
from parloir.register.lines import LONGEST, read_line
from parloir.register.values import BadLine
from tests.factories import NOW
from tests.register.feed import ABSENT, detainee, movement, permit, restriction, transfer

ALL = (detainee(), permit(), transfer(), movement("release"), restriction())


def read(line):
    return read_line(line if isinstance(line, bytes) else json.dumps(line).encode(), now=NOW)


def fault(line):
    with pytest.raises(BadLine) as caught:
        read(line)
    return caught.value.reason, caught.value.detail


def test_a_detainee_line_is_read_as_it_stands():
    line = read(detainee())

    assert isinstance(line, DetaineeLine)
    assert line.clock.at == datetime(2026, 11, 2, 7, tzinfo=UTC)
    assert line.place == PlaceName("ma-dijon", "MA/QMA")
    assert line.civil == CivilStatus("MARTIN", "", ("Paul", "Jean"), date(1990, 4, 12))


def test_a_permit_line_is_read_as_it_stands():
    line = read(permit(weekdays=[6, 3], visits_allowed=4, valid_until="2026-10-01"))

    assert isinstance(line, PermitLine)
    assert (line.visitor_id, line.visitor.use_name) == ("V000001", "MARTIN")
    assert (line.terms.weekdays, line.terms.visits_allowed) == ((3, 6), 4)
    assert line.terms.valid_until == date(2026, 10, 1)


def test_a_transfer_and_the_four_other_movements_are_read():
    line = read(transfer(new_committal_number="9", disclose_from="2026-12-01"))

    assert isinstance(line, MovementLine)
    assert (line.new_committal_number, line.disclose_from) == ("9", date(2026, 12, 1))
    assert [read(movement(kind)).kind for kind in ("release", "hospital", "disciplinary", "return")] == [
        MovementKind.RELEASE,
        MovementKind.HOSPITAL,
        MovementKind.DISCIPLINARY,
        MovementKind.RETURN,
    ]


def test_a_restriction_that_ends_before_it_begins_is_read():
    line = read(restriction(until="2026-11-01"))

    assert isinstance(line, RestrictionLine)
    assert (line.since, line.until) == (date(2026, 11, 2), date(2026, 11, 1))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        b"\r\n",
        b"   \n",
        b"{",
        b'{"type":"detainee"',
        b"[]",
        b"null",
        b"12",
        b'"detainee"',
        b"{'type': 'detainee'}",
        b'{"type":"detainee",}',
        b'{"type":"detainee"} {"type":"detainee"}',
        b'{"type":"detainee","type":"detainee"}',
        b'{"visitor":{"id":"1","id":"2"}}',
        b'{"visits_allowed":NaN}',
        b'{"visits_allowed":Infinity}',
        b'{"birth_name":"MAR\xe9CHAL"}',
        b'{"birth_name":"\xed\xa0\x80"}',
        b'{"birth_name":"A\x00B"}',
        b'\xff\xfe{\x00"\x00',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b" " * (LONGEST + 1),
    ],
)
def test_what_is_not_one_object_of_json_is_bad_json(raw):
    assert fault(raw)[0] == "bad_json"


@pytest.mark.parametrize("kind", ["visit", "Detainee", "", None, 5, ["detainee"], {}, True])
def test_an_unknown_type_is_bad_type(kind):
    assert fault(detainee(type=kind)) == ("bad_type", "type")


@pytest.mark.parametrize(("line", "key"), [(line, key) for line in ALL for key in line])
def test_every_key_is_required(line, key):
    assert fault({k: v for k, v in line.items() if k != key}) == ("missing_key", key)


@pytest.mark.parametrize("key", ["id", "birth_name", "use_name", "first_names", "birth_date"])
def test_every_key_of_the_visitor_is_required(key):
    assert fault(permit(visitor={key: ABSENT})) == ("missing_key", f"visitor.{key}")


@pytest.mark.parametrize("line", ALL)
def test_an_unknown_key_is_rejected_and_named(line):
    assert fault(line | {"comment": None}) == ("unknown_key", "comment")


def test_a_misspelt_key_is_told_before_the_one_that_it_leaves_missing():
    assert fault(detainee(birth_name=ABSENT, birt_name="MARTIN")) == ("unknown_key", "birt_name")
    assert fault({**movement(ABSENT), "knid": "release"}) == ("unknown_key", "knid")
    assert fault(permit(visitor={"birth_name": ABSENT, "name": "X"})) == ("unknown_key", "visitor.name")


def test_an_unknown_key_that_does_not_look_like_one_is_not_repeated():
    assert fault(detainee(**{"Paul MARTIN": 1})) == ("unknown_key", "unknown key")
    assert fault(detainee(**{"x" * 41: 1})) == ("unknown_key", "unknown key")
    assert fault(permit(visitor={"123456": 1})) == ("unknown_key", "unknown key")


@pytest.mark.parametrize("key", ["establishment", "wing", "new_committal_number", "disclose_from"])
def test_only_a_transfer_has_the_keys_of_a_transfer(key):
    assert fault(movement("release", **{key: None})) == ("unknown_key", key)


NOT_TEXTS = [
    "",
    " ",
    "\u00a0\u2003",
    "x" * 101,
    "A\nB",
    "A\u0000",
    "\u007f",
    "A\u0085B",
    "\u2028",
    "\ud800",
    "A\u202eB",
]
WRONG = [None, 5, 1.5, True, [], {}, ["A"]]
NOT_DATES = [
    "",
    "2026-02-30",
    "2026-13-01",
    "20261102",
    "2026-W45-1",
    "2026-11-2",
    "2026-11-02T00:00:00Z",
    " 2026-11-02",
]
NOT_DATES += ["0000-01-01", "２０２６-11-02", "02/11/2026", 20261102, True, []]


@pytest.mark.parametrize("value", [*NOT_TEXTS, *WRONG])
@pytest.mark.parametrize(
    ("line", "key"),
    [
        *((detainee, key) for key in ("committal_number", "establishment", "wing", "birth_name", "category")),
        *((permit, key) for key in ("number", "committal_number", "status", "issued_by", "relationship")),
        *((transfer, key) for key in ("committal_number", "kind", "establishment", "wing")),
        *((restriction, key) for key in ("committal_number", "kind")),
    ],
)
def test_a_text_is_1_to_100_characters_without_control_characters(line, key, value):
    assert fault(line(**{key: value})) == ("bad_value", key)


@pytest.mark.parametrize("value", [v for v in (*NOT_TEXTS, *WRONG) if v is not None])
def test_a_text_that_may_be_null_is_a_text_otherwise(value):
    assert fault(detainee(use_name=value)) == ("bad_value", "use_name")
    assert fault(transfer(new_committal_number=value)) == ("bad_value", "new_committal_number")
    assert fault(permit(visitor={"use_name": value})) == ("bad_value", "visitor.use_name")


@pytest.mark.parametrize("value", [*NOT_TEXTS, None, 5, True, [], {}, ["Paul", ""], ["Paul", None], [["Paul"]]])
def test_first_names_are_texts_and_at_least_one(value):
    assert fault(detainee(first_names=value)) == ("bad_value", "first_names")
    assert fault(permit(visitor={"first_names": value})) == ("bad_value", "visitor.first_names")


@pytest.mark.parametrize(
    "value", ["x" * 100, "N’Diaye-Ó'Brien", "李", "a\u200db", "نیک\u200cنام", "  A", "\u0915\u093f", "𞤀𞤣𞤤𞤢𞤥"]
)
def test_names_of_every_language_are_texts(value):
    assert read(detainee(birth_name=value)).civil.birth_name == value


@pytest.mark.parametrize("value", NOT_DATES)
def test_a_date_is_a_day_of_the_calendar(value):
    assert fault(detainee(birth_date=value)) == ("bad_value", "birth_date")
    assert fault(permit(visitor={"birth_date": value})) == ("bad_value", "visitor.birth_date")
    assert fault(permit(valid_from=value)) == ("bad_value", "valid_from")
    assert fault(permit(valid_until=value)) == ("bad_value", "valid_until")
    assert fault(permit(status="suspended", suspended_until=value)) == ("bad_value", "suspended_until")
    assert fault(transfer(disclose_from=value)) == ("bad_value", "disclose_from")
    assert fault(restriction(**{"from": value})) == ("bad_value", "from")
    assert fault(restriction(until=value)) == ("bad_value", "until")


def test_nobody_is_born_in_the_future_nor_in_another_age():
    assert fault(detainee(birth_date="2026-11-04")) == ("bad_value", "birth_date")
    assert fault(permit(visitor={"birth_date": "1899-12-31"})) == ("bad_value", "visitor.birth_date")


def test_a_word_of_another_list_is_a_bad_value():
    assert fault(detainee(category="PREVENU")) == ("bad_value", "category")
    assert fault(permit(status="closed")) == ("bad_value", "status")
    assert fault(movement("escape")) == ("bad_value", "kind")
    assert fault(restriction(kind="release")) == ("bad_value", "kind")


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "1", [], 2**31, 10**30, 1e400])
def test_visits_allowed_is_null_or_at_least_one(value):
    raw = json.dumps(permit(visits_allowed="HERE")).replace('"HERE"', json.dumps(value).replace("Infinity", "1e400"))
    assert fault(raw.encode()) == ("bad_value", "visits_allowed")


def test_a_number_of_ten_thousand_digits_is_a_bad_value():
    raw = json.dumps(permit(visits_allowed="HERE")).replace('"HERE"', "9" * 10_000)
    assert fault(raw.encode()) == ("bad_value", "visits_allowed")


@pytest.mark.parametrize("value", [[], [0], [8], [1, 1], ["1"], [True], [1.0], [None], {}, "1", 1, False])
def test_weekdays_are_null_or_days_of_the_week_each_once(value):
    assert fault(permit(weekdays=value)) == ("bad_value", "weekdays")


@pytest.mark.parametrize("value", [None, 0, 1, "true", [], {}])
@pytest.mark.parametrize("key", ["separated", "alone_from_16"])
def test_a_yes_or_no_is_nothing_else(key, value):
    assert fault(permit(**{key: value})) == ("bad_value", key)


@pytest.mark.parametrize("value", [None, [], "V1", 5, True])
def test_the_visitor_is_an_object(value):
    assert fault(permit() | {"visitor": value}) == ("bad_value", "visitor")


@pytest.mark.parametrize("status", ["active", "withdrawn"])
def test_suspended_until_without_suspension_is_a_bad_value(status):
    assert fault(permit(status=status, suspended_until="2026-12-01")) == ("bad_value", "suspended_until")


def test_a_suspension_may_be_without_end():
    assert read(permit(status="suspended")).terms.suspended_until is None


def test_a_permit_that_ends_before_it_begins_is_a_bad_period():
    assert fault(permit(valid_until="2026-09-30")) == ("bad_period", "valid_until")


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-02T08:00:00",
        "2026-11-02",
        "2026-11-02T08:00:00+0100",
        "2026-11-02 08:00:00+01:00",
        "2026-11-02T08:00:00+01:00 ",
        "2026-11-02T24:00:00Z",
        "2026-02-30T08:00:00Z",
        "2026-11-02T08:00:00+25:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2026-11-02T09:05:00.000001Z",
        "2027-01-01T00:00:00Z",
        "hier",
        "",
        None,
        1793606400,
        True,
        [],
    ],
)
@pytest.mark.parametrize("line", ALL)
def test_a_moment_needs_a_zone_and_is_not_later_than_five_minutes_ahead(line, value):
    assert fault(line | {"at": value}) == ("bad_at", "at")


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-11-02T09:05:00Z", NOW + timedelta(minutes=5)),
        ("2026-11-02T10:00:00+01:00", NOW),
        ("2026-11-02T09:00Z", NOW),
        ("2026-11-02T08:59:59.250-00:00", NOW - timedelta(seconds=0.75)),
    ],
)
def test_a_moment_is_read_in_any_zone(value, at):
    assert read(detainee(at=value)).clock.at == at


def test_the_reasons_are_those_of_the_format_and_no_other():
    assert {str(reason) for reason in Reason} == {
        *("internal", "bad_json", "bad_type", "unknown_key", "missing_key", "bad_value", "bad_at", "bad_period"),
        *("unknown_establishment", "unknown_wing", "unknown_detainee", "conflict"),
    }


def test_the_first_fault_is_told_in_the_order_of_the_reasons():
    line = permit(at="?", valid_until="2026-01-01", number="")

    assert fault(line | {"oops": 1}) == ("unknown_key", "oops")
    assert fault({k: v for k, v in line.items() if k != "status"}) == ("missing_key", "status")
    assert fault(line) == ("bad_value", "number")
    assert fault(permit(at="?", valid_until="2026-01-01")) == ("bad_at", "at")


def test_the_same_content_has_the_same_digest_however_it_is_written():
    line = permit(weekdays=[1, 3])
    shuffled = dict(reversed(line.items())) | {"weekdays": [3, 1], "at": "2026-11-02T07:00:00Z"}

    assert read(line).clock == read(json.dumps(shuffled, indent=1).replace("\n", " ").encode()).clock


@pytest.mark.parametrize(
    "other",
    [permit(separated=True), permit(visits_allowed=1), permit(visitor={"id": "V2"}), permit(issued_by="prefet")],
)
def test_another_content_has_another_digest(other):
    assert read(permit()).clock.digest != read(other).clock.digest


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_no_value_whatever_breaks_the_reader(value):
    for line in ALL:
        for key in line:
            with suppress(BadLine):
                read(line | {key: value})
    for key in permit()["visitor"]:
        with suppress(BadLine):
            read(permit(visitor={key: value}))


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(raw):
    with pytest.raises(BadLine):
        read_line(raw, now=NOW)
