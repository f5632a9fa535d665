"""Whatever another machine does, a request waits for it a few seconds at most, and few requests wait at once."""

from __future__ import annotations

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from parloir.foundation.outbound import (
    Answer,
    Door,
    Limits,
    NotNow,
    TooLarge,
    TooLate,
    Unreachable,
)
from tests.outside import HEAD, answers, drips, hangs, outside, pours

LIMITS = Limits(call_seconds=0.3, visit_seconds=0.5, most_bytes=200_000, pause_seconds=15)
PATIENT = Limits(call_seconds=20, visit_seconds=30, most_bytes=200_000, pause_seconds=15)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def door_of(*, places=8, limits=LIMITS, **more):
    return Door("there", places=threading.BoundedSemaphore(places), limits=limits, **more)


def ask(door, place, **more):
    with door.entered() as visit:
        return visit.ask("GET", place.address, **more)


def test_an_answer_is_handed_over_whole():
    with outside(answers(b'{"a": 1}')) as place:
        assert ask(door_of(limits=PATIENT), place) == Answer(200, "application/json", b'{"a": 1}')


@pytest.mark.parametrize("size", [200_000, 200_001])
def test_an_answer_is_read_up_to_its_size_limit_and_no_further(size):
    with outside(answers(b"x" * size)) as place:
        door = door_of(limits=PATIENT)
        if size <= 200_000:
            assert len(ask(door, place).body) == size
        else:
            with pytest.raises(TooLarge):
                ask(door, place)


def test_an_answer_without_end_is_left():
    with outside(pours) as place, pytest.raises(TooLarge):
        ask(door_of(limits=PATIENT), place)


def test_nothing_compressed_is_asked_for_and_what_comes_compressed_is_never_inflated():
    bomb = gzip.compress(b"\0" * 20_000_000)
    with outside(answers(bomb, HEAD + b"Content-Encoding: gzip\r\n")) as place:
        answer = ask(door_of(limits=PATIENT), place)

        assert len(answer.body) == len(bomb)
        assert b"accept-encoding: identity\r\n" in place.heads[0].lower()


@pytest.mark.parametrize("of", [HEAD + b"X: " + b"y" * 10_000, b"z" * 10_000], ids=["headers", "anything"])
def test_a_drip_is_left_at_the_deadline_though_no_single_read_is_late(of):
    with outside(drips(every=0.05, of=of)) as place, pytest.raises(TooLate):
        ask(door_of(), place)


def test_a_dripping_body_is_left_at_the_deadline():
    head = HEAD + b"Content-Length: 100000\r\n\r\n"

    def manner(line):
        line.sendall(head)
        drips(every=0.05)(line)

    with outside(manner) as place, pytest.raises(TooLate):
        ask(door_of(), place)


def test_whoever_hangs_is_left_at_the_deadline_and_the_line_is_closed():
    with outside(hangs) as place:
        with pytest.raises(TooLate):
            ask(door_of(), place)
        place.wait_for(0)


def test_a_whole_visit_has_a_deadline_of_its_own():
    clock = Clock()
    with outside(answers()) as place, door_of(limits=PATIENT, clock=clock).entered() as visit:
        visit.ask("GET", place.address)
        clock.now += 30
        with pytest.raises(TooLate):
            visit.ask("GET", place.address)
        assert place.arrived == 1


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/", "http://[/", "http://a\x00b/", "nothing", "http://é\ud800/"]
)
def test_an_address_that_leads_nowhere_is_unreachable(address):
    with door_of(limits=PATIENT).entered() as visit, pytest.raises(Unreachable):
        visit.ask("GET", address)


@pytest.mark.parametrize("token", ["é", "a\r\nX: y", "\ud800"])
def test_a_header_that_cannot_be_sent_is_no_crash(token):
    with outside(answers()) as place, pytest.raises(Unreachable):
        ask(door_of(limits=PATIENT), place, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"", HEAD + b"Content-Length: 10\r\n\r\nshort"])
def test_an_answer_that_is_none_is_unreachable(answer):
    with outside(lambda line: line.sendall(answer)) as place, pytest.raises(Unreachable):
        ask(door_of(limits=PATIENT), place)


def test_few_are_outside_at_once_and_the_next_is_told_at_once_that_it_is_not_now():
    """Eight wait for a machine that hangs; the ninth asks nothing of it and does not wait."""
    places = threading.BoundedSemaphore(8)
    doors = [Door(name, places=places, limits=PATIENT) for name in ("there", "elsewhere")]
    leave = threading.Event()

    def hang_until_told(line):
        leave.wait()
        answers()(line)

    with outside(hang_until_told) as place, ThreadPoolExecutor(8) as crowd:
        waiting = [crowd.submit(ask, doors[number % 2], place) for number in range(8)]
        place.wait_for(8)

        for door in doors:
            with pytest.raises(NotNow) as told:
                ask(door, place)
            assert told.value.retry_after == 2
        assert place.arrived == 8

        leave.set()
        assert {answer.result().status for answer in waiting} == {200}
        assert ask(doors[0], place).status == 200


def test_a_place_is_given_back_whatever_happened():
    door = door_of(places=1)
    with outside(hangs) as place:
        for _ in range(2):
            with pytest.raises(TooLate):
                ask(door, place)
    with pytest.raises(ZeroDivisionError), door.entered():
        raise ZeroDivisionError
    door.limits = PATIENT
    with outside(answers()) as place:
        assert ask(door, place).status == 200


def late(door, place, times=1):
    for _ in range(times):
        with pytest.raises(TooLate):
            ask(door, place)


def test_after_three_visits_that_came_too_late_nobody_asks_for_a_while():
    clock = Clock()
    door = door_of(clock=clock)
    with outside(hangs) as place:
        late(door, place, 2)
        door.check_open()
        late(door, place)

        clock.now += 5
        for enter in (door.check_open, partial(ask, door, place)):
            with pytest.raises(NotNow) as told:
                enter()
            assert told.value.retry_after == 10
        assert place.arrived == 3


def test_after_the_pause_one_visit_tries_for_all():
    clock = Clock()
    door = door_of(clock=clock)
    with outside(hangs) as place:
        late(door, place, 3)
        clock.now += 15
        door.check_open()

        with door.entered() as first:
            with pytest.raises(NotNow):
                ask(door, place)
            with pytest.raises(TooLate):
                first.ask("GET", place.address)
        with pytest.raises(NotNow):
            door.check_open()

        clock.now += 15
        place.manner, door.limits = answers(), PATIENT
        assert ask(door, place).status == 200
        assert ask(door, place).status == 200
        place.manner, door.limits = hangs, LIMITS
        late(door, place, 2)
        door.check_open()


def test_a_visit_is_late_even_if_its_first_answers_came_in_time():
    """A provider may answer one address and hang on the next: each whole visit counts once."""
    door = door_of(limits=PATIENT)
    with outside(answers()) as place:
        for _ in range(3):
            with door.entered() as visit:
                place.manner, door.limits = answers(), PATIENT
                visit.ask("GET", place.address)
                place.manner, door.limits = hangs, LIMITS
                with pytest.raises(TooLate):
                    visit.ask("GET", place.address)
    with pytest.raises(NotNow):
        door.check_open()


def test_a_visit_that_asked_nothing_says_nothing_of_the_other_side():
    door = door_of(clock=Clock())
    with outside(hangs) as place:
        late(door, place, 2)
        with door.entered():
            pass
        late(door, place)
    with pytest.raises(NotNow):
        door.check_open()


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"a": [1]}', {"a": [1]}),
        (b"[1]", {}),
        (b"", {}),
        (b"\xff", {}),
        (b'{"a": ' + b"[" * 90_000, {}),
        (b'{"a": ' + b"9" * 5_000 + b"}", {}),
    ],
)
def test_what_is_no_object_reads_as_an_empty_one(body, read):
    assert Answer(200, "application/json", body).object() == read
