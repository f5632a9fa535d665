"""What becomes of a visit that something stands in the way of, and the code told by telephone: one sentence each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parloir.establishments.rules import Consequence, Policy
from parloir.review.rules import Cause
from parloir.visits.rules import (
    ALPHABET,
    CODE_GOOD_FOR,
    CODES_COUNTED_FOR,
    CODES_PER_HOUR,
    HOLDS,
    CapacityChoice,
    Code,
    Fate,
    as_code,
    fate_of,
    maximum_after_change,
    new_code,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
NEXT_WEEK = NOW + timedelta(days=7)
PATIENT = Policy(on_hospital=Consequence.REVIEW, on_disciplinary=Consequence.REVIEW, on_restriction=Consequence.REVIEW)
STRICT = Policy(on_hospital=Consequence.CANCEL, on_disciplinary=Consequence.CANCEL, on_restriction=Consequence.CANCEL)
PASSING = [
    (Code.HOSPITAL, Cause.HOSPITAL),
    (Code.DISCIPLINARY_MAXIMUM, Cause.DISCIPLINARY),
    (Code.RESTRICTED, Cause.RESTRICTED),
]


def fate(*codes, policy=PATIENT, starts_at=NEXT_WEEK, decided=()):
    return fate_of(codes, decided=decided, policy=policy, starts_at=starts_at, now=NOW)


@pytest.mark.parametrize(
    ("before", "after", "counted", "allowed", "left"),
    [
        (3, 2, 3, 0, 2),
        (3, 3, 5, 0, None),
        (2, 3, 5, 0, None),
        (3, None, 5, 0, None),
        (None, 2, 5, 0, 2),
        (None, None, 5, 0, None),
        (3, 2, 4, 1, 3),
        (3, 2, 4, 0, 3),
        (3, 2, 5, 1, 4),
        (3, 1, 3, 2, 3),
        (2, 1, 3, 0, 2),
        (2, 1, 1, 0, 1),
    ],
)
def test_a_change_of_maximum_ends_only_what_it_makes_impossible_itself(before, after, counted, allowed, left):
    assert maximum_after_change(before=before, after=after, counted=counted, allowed=allowed) == left


def test_a_visit_against_which_nothing_stands_holds():
    assert fate() == HOLDS == Fate(ends=None, causes=frozenset(), deadline=None)


@pytest.mark.parametrize(("code", "cause"), PASSING)
def test_what_can_pass_before_the_visit_waits_two_days_for_a_human_where_the_prison_says_so(code, cause):
    assert fate(code) == Fate(causes=frozenset({cause}), deadline=NOW + timedelta(hours=48))


@pytest.mark.parametrize(("code", "_cause"), PASSING)
def test_what_can_pass_ends_the_visit_where_the_prison_says_so(code, _cause):
    assert fate(code, policy=STRICT) == Fate(ends=code)


@pytest.mark.parametrize(("code", "_cause"), PASSING)
def test_each_cause_follows_its_own_setting(code, _cause):
    field = {"hospital": "on_hospital", "disciplinary_maximum": "on_disciplinary", "restricted": "on_restriction"}
    one_strict = Policy(**{**dict.fromkeys(field.values(), Consequence.REVIEW), field[str(code)]: Consequence.CANCEL})

    ended = [other for other, _ in PASSING if fate(other, policy=one_strict).ends]

    assert ended == [code]


def test_what_cannot_pass_ends_the_visit_whatever_the_prison_says():
    assert fate(Code.PERMIT_WITHDRAWN) == Fate(ends=Code.PERMIT_WITHDRAWN)


def test_what_cannot_pass_is_the_reason_told_even_beside_what_can():
    assert fate(Code.HOSPITAL, Code.RELEASED) == Fate(ends=Code.RELEASED)


def test_several_causes_wait_together():
    both = fate(Code.HOSPITAL, Code.RESTRICTED)

    assert both.causes == {Cause.HOSPITAL, Cause.RESTRICTED}


def test_a_decision_comes_while_the_family_could_still_book_something_else_online():
    starts_at = NOW + timedelta(hours=60)

    assert fate(Code.HOSPITAL, starts_at=starts_at).deadline == NOW + timedelta(hours=36)


@pytest.mark.parametrize(("hours", "expected"), [(24, Fate(ends=Code.HOSPITAL)), (23, Fate(ends=Code.HOSPITAL))])
def test_when_nobody_could_decide_in_time_the_visit_ends(hours, expected):
    assert fate(Code.HOSPITAL, starts_at=NOW + timedelta(hours=hours)) == expected


def test_a_minute_before_that_somebody_may_still_decide():
    starts_at = NOW + timedelta(hours=24, minutes=1)

    assert fate(Code.HOSPITAL, starts_at=starts_at).deadline == NOW + timedelta(minutes=1)


def test_a_cause_despite_which_somebody_kept_the_visit_no_longer_counts():
    assert fate(Code.HOSPITAL, decided=[Cause.HOSPITAL]) == HOLDS
    assert fate(Code.HOSPITAL, Code.RESTRICTED, decided=[Cause.HOSPITAL]).causes == {Cause.RESTRICTED}
    assert fate(Code.RELEASED, decided=[Cause.HOSPITAL]) == Fate(ends=Code.RELEASED)


def test_whoever_cuts_places_may_refuse_keep_or_cancel_the_latest():
    assert [str(choice) for choice in CapacityChoice] == ["refuse", "keep", "cancel_latest"]


# The code -----------------------------------------------------------------------------------


def test_a_code_is_two_groups_of_three_that_cannot_be_misread():
    drawn = {new_code() for _ in range(200)}

    assert len(drawn) > 190
    assert {(len(code), code[3]) for code in drawn} == {(7, "-")}
    assert set("".join(drawn)) - {"-"} == set(ALPHABET)
    assert all(as_code(code) == code for code in drawn)


@pytest.mark.parametrize("typed", ["BCD-2GH", "bcd2gh", " bcd 2gh ", "B.C.D.2.G.H", "bcd‑2gh", "bcd–2gh", "bcd‐2gh"])
def test_a_code_is_read_however_it_is_typed(typed):
    assert as_code(typed) == "BCD-2GH"


@pytest.mark.parametrize("typed", ["", "BCD-2G", "BCD-2GHJ", "BCD/2GH", "BCD-2G1", "XXBCD-2GH", "BCD-2GH\nBCD"])
def test_what_is_not_a_code_is_not_read(typed):
    assert as_code(typed) is None


def test_a_code_is_good_for_ten_minutes_and_six_are_given_an_hour():
    assert timedelta(minutes=10) == CODE_GOOD_FOR
    assert timedelta(minutes=10) == CODES_COUNTED_FOR / CODES_PER_HOUR
