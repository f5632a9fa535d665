"""Keys, numbers, names and far days: what a line may write so that people can find and type it again."""

from __future__ import annotations

import json
from datetime import date

import pytest

from parloir.people.rules import NO_END
from parloir.register import values
from tests.register.feed import detainee, movement, permit, restriction, transfer
from tests.register.test_lines import fault, read


def test_a_name_is_kept_in_one_form_whichever_of_the_two_it_is_written_in():
    line = read(detainee(birth_name="Zoe\u0301", first_names=["Zoe\u0301"]))

    assert (line.civil.birth_name, line.civil.first_names) == ("Zo\u00e9", ("Zo\u00e9",))


UNSEEN = [
    "\u200b",
    "\u200d",
    "\u00ad",
    "\ufeff",
    "\u3164",
    "\u2800",
    "\u034f",
    "\ufe0f",
    "\u0301",
    "\u20dd",
    " \u0301",
    "\u0301\u200b",
]


@pytest.mark.parametrize("value", UNSEEN)
def test_a_text_of_which_nothing_is_seen_is_a_bad_value(value):
    assert fault(detainee(birth_name=value)) == ("bad_value", "birth_name")
    assert fault(detainee(use_name=value)) == ("bad_value", "use_name")
    assert fault(permit(visitor={"first_names": ["Sophie", value]})) == ("bad_value", "visitor.first_names")
    assert fault(permit(number=value)) == ("bad_value", "number")


def with_key(key, value):
    """Return the lines whose key or number this is, each with the name by which its fault is told."""
    return {
        "number": [(permit(number=value), "number")],
        "visitor.id": [(permit(visitor={"id": value}), "visitor.id")],
        "new_committal_number": [(transfer(new_committal_number=value), "new_committal_number")],
        "committal_number": [
            (line(committal_number=value), "committal_number") for line in (detainee, permit, transfer, restriction)
        ]
        + [(movement("release", committal_number=value), "committal_number")],
    }[key]


KEYS = ["number", "visitor.id", "new_committal_number", "committal_number"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "value",
    [
        *(" 12", "12 ", "\u00a012", "12\u3000", "1\u00a02", "1\u20032"),
        *("1\u200b2", "12\u200d", "1\u200c2", "1\u00ad2", "\ufeff12", "1\u20602", "1\u061c2", "1\U000e00412"),
        *("1\u034f2", "1\ufe0f2", "1\U000e01002", "1\u180e2", "1\u115f2", "1\u31642", "1\uffa02", "1\u28002"),
        *("1\ue0002", "1\U000f00002", "1\u03782", "1\uffff2"),
    ],
)
def test_a_key_or_a_number_holds_nothing_that_is_not_seen_nor_an_outer_space(key, value):
    for line, name in with_key(key, value):
        assert fault(line) == ("bad_value", name)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ["12", "2026 0012", "A-1/2.é", "١٢٣", "Ünïcôdé", "第12号", "\u0915\u093f1"])
def test_a_key_or_a_number_may_be_written_in_any_script(key, value):
    for line, _ in with_key(key, value):
        read(line)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_the_same_in_both_forms_of_unicode(key):
    for (one, _), (other, _) in zip(with_key(key, "Ze\u0301ro"), with_key(key, "Z\u00e9ro"), strict=True):
        assert read(one) == read(other)


def test_nobody_has_more_than_twenty_first_names():
    assert len(read(detainee(first_names=["A"] * 20)).civil.first_names) == 20
    assert fault(detainee(first_names=["A"] * 21)) == ("bad_value", "first_names")
    assert fault(permit(visitor={"first_names": ["A"] * 4001})) == ("bad_value", "visitor.first_names")


def test_the_last_day_of_the_calendar_is_no_end():
    line = read(permit(status="suspended", suspended_until="9999-12-31", valid_until="9999-12-31"))

    assert (line.terms.suspended_until, line.terms.valid_until) == (None, None)
    assert read(restriction(until="9999-12-31")).until == NO_END
    assert read(transfer(disclose_from="9999-12-31")).disclose_from == NO_END
    assert fault(permit(suspended_until="9999-12-31")) == ("bad_value", "suspended_until")


def test_a_day_too_far_to_be_counted_from_is_no_end_either():
    assert read(permit(valid_until="9999-12-30")).terms.valid_until is None
    assert read(transfer(disclose_from="9000-01-01")).disclose_from == NO_END
    assert read(transfer(disclose_from="8999-12-31")).disclose_from == date(8999, 12, 31)


def test_the_same_content_in_the_other_form_of_unicode_has_the_same_digest():
    composed, decomposed = (permit(visitor={"first_names": [name]}) for name in ("Zo\u00e9", "Zoe\u0301"))

    assert read(composed).clock == read(decomposed).clock
    assert read(json.dumps(decomposed, ensure_ascii=False).encode()).clock == read(composed).clock


@pytest.mark.parametrize(
    ("line", "memory"),
    [(detainee(birth_date="9" * 100_000), values._day), (detainee(at="9" * 100_000), values._instant)],
)
def test_a_day_or_a_moment_as_long_as_a_line_is_not_remembered(line, memory):
    fault(line)
    known = memory.cache_info()

    fault(line)

    assert (memory.cache_info().hits, memory.cache_info().misses) == (known.hits, known.misses)
