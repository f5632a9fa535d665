"""What a line changes of what is known of a person: pure rules, by the thousand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from parloir.establishments.rules import PenalCategory
from parloir.people.feed import (
    OLDER,
    REPEATED,
    CivilStatus,
    Clock,
    DetaineeLine,
    MovementKind,
    MovementLine,
    Outcome,
    Place,
    PlaceName,
    Reason,
    Verdict,
    after_detainee_line,
    after_movement,
    category_before,
    touches_visits,
)
from parloir.people.rules import Presence

T0 = datetime(2026, 11, 2, 8, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
DIJON, DIJON_OTHER, VARENNES = Place(1, 1, PARIS), Place(2, 1, PARIS), Place(3, 2, PARIS)
CIVIL = CivilStatus("MARTIN", "", ("Paul",), date(1990, 4, 12))


def clock(hours, digest="a"):
    return Clock(T0 + timedelta(hours=hours), digest)


def told(hours, *, digest="a", category=PenalCategory.PREVENU):
    return DetaineeLine(clock(hours, digest), "1", PlaceName("x", "y"), CIVIL, category)


def moved(hours, kind, *, digest="a"):
    return MovementLine(clock(hours, digest), "1", kind, PlaceName("x", "y") if kind == "transfer" else None)


def known_at(hours=0, place=DIJON):
    known = after_detainee_line(None, told(hours), place)
    assert not isinstance(known, Outcome)
    return known


def test_a_clock_tells_news_from_what_is_known():
    assert clock(1).against(None) is None
    assert clock(1).against(clock(0)) is None
    assert clock(0).against(clock(1)) == OLDER
    assert clock(0).against(clock(0)) == REPEATED
    assert clock(0, "b").against(clock(0)) == Outcome(Verdict.REJECTED, Reason.CONFLICT, "at")


def test_a_new_category_or_place_or_presence_touches_visits_and_a_new_name_does_not():
    known = known_at()

    assert not touches_visits(None, known)
    assert not touches_visits(known, replace(known, line=clock(5), civil=replace(CIVIL, birth_name="X")))
    assert touches_visits(known, replace(known, category=PenalCategory.CONDAMNE))
    assert touches_visits(known, replace(known, wing_id=2))
    assert touches_visits(known, replace(known, presence=Presence.HOSPITAL))


def test_weeks_are_counted_again_for_another_category_only():
    known = known_at()
    punished = replace(known, presence=Presence.DISCIPLINARY)

    assert category_before(known, replace(known, category=PenalCategory.CONDAMNE)) is PenalCategory.PREVENU
    assert category_before(known, punished) is None
    assert category_before(punished, replace(punished, wing_id=2)) is None
    assert category_before(None, punished) is None


lines = st.lists(
    st.tuples(
        st.sampled_from(["detainee", *MovementKind]),
        st.integers(0, 6),
        st.sampled_from([DIJON, DIJON_OTHER, VARENNES]),
    ).map(lambda line: (*line, f"{line[0]}{line[2].wing_id}")),
    max_size=12,
)


def after(known, line):
    """Apply one line; what is not news leaves all as it was."""
    kind, hours, place, digest = line
    if kind == "detainee":
        result = after_detainee_line(known, told(hours, digest=digest), place)
    else:
        movement = moved(hours, MovementKind(kind), digest=digest)
        result = after_movement(known, movement, place if kind == "transfer" else None)
    return (known, result) if isinstance(result, Outcome) else (result, None)


@given(lines)
def test_whatever_is_told_a_line_told_twice_is_never_news_twice(told_lines):
    known = known_at(-1)
    for line in told_lines:
        known, _ = after(known, line)
        again, fate = after(known, line)
        assert fate is not None
        assert again == known


@given(lines)
def test_whatever_is_told_clocks_never_go_back(told_lines):
    known = known_at(-1)
    for line in told_lines:
        before, (known, _) = known, after(known, line)
        assert known.line.at >= before.line.at
        assert before.movement is None or known.movement.at >= before.movement.at
        assert before.transferred_at is None or known.transferred_at >= before.transferred_at
        assert before.released_at is None or known.released_at >= before.released_at


@given(lines)
def test_whatever_is_told_a_person_is_released_until_a_newer_detainee_line(told_lines):
    known = known_at(-1)
    for line in told_lines:
        known, _ = after(known, line)
        released = known.released_at is not None and known.line.at <= known.released_at
        assert (known.presence is Presence.RELEASED) == released


@given(lines, st.randoms(use_true_random=False))
def test_detainee_lines_and_releases_lead_to_one_place_and_presence_whatever_their_order(told_lines, random):
    told_lines = [line for line in told_lines if line[0] == "detainee"] + [("release", 3, DIJON, "r")]
    told_lines = list({line[1]: line for line in told_lines}.values())
    shuffled = random.sample(told_lines, len(told_lines))

    def end(order):
        known = known_at(-1)
        for line in order:
            known, _ = after(known, line)
        return known.presence, known.wing_id, known.line

    assert end(shuffled) == end(sorted(told_lines, key=lambda line: line[1]))
