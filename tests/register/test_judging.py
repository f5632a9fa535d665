"""Visits are judged together for many lines, and come out as if each line had been judged alone."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import transaction

from parloir.establishments.models import BookingPolicy
from parloir.people.models import Detainee
from parloir.permits.models import Permit
from parloir.register import importer
from parloir.review.models import Entry as Review
from parloir.visits.models import Visit
from parloir.visits.operations import receiving
from tests.register.feed import (
    AT,
    BEFORE,
    LATER,
    LATEST,
    counted,
    detainee,
    movement,
    permit,
    restriction,
    transfer,
)
from tests.register.test_consequences import THURSDAY, WEDNESDAY, book, statuses

pytestmark = pytest.mark.django_db

HOME = {"establishment": "ma-dijon", "wing": "MA/QMA"}


def one_hour_later(n):
    return WEDNESDAY + timedelta(hours=n)


def people(feed, count, *, visits=1):
    """Make people known, each with a permit and visits booked."""
    for n in range(count):
        feed.tell(
            detainee(committal_number=f"D{n}", at=BEFORE),
            permit(number=f"P{n}", committal_number=f"D{n}", at=BEFORE, visitor={"id": f"V{n}"}),
        )
        book(*(one_hour_later(n - 4) + timedelta(days=day) for day in range(visits)), number=f"P{n}")


def sizes(monkeypatch):
    """Note how many lines each transaction applied."""
    receive, applied = importer.receive_register_lines, []

    def noting(*, lines, now):
        fates = receive(lines=lines, now=now)
        applied.append(len(fates))
        return fates

    monkeypatch.setattr(importer, "receive_register_lines", noting)
    return applied


def test_the_news_about_many_people_is_judged_in_as_many_statements_as_about_one(feed, django_assert_num_queries):
    people(feed, 9)
    spared = {"from": "2026-12-20", "until": "2026-12-21"}
    with django_assert_num_queries(23):
        feed.tell(restriction(committal_number="D0", **spared))
    with django_assert_num_queries(23):
        feed.tell(*(restriction(committal_number=f"D{n}", **spared) for n in range(1, 9)))

    assert {status for status, _ in statuses()} == {"booked"}


def test_a_transaction_judges_the_visits_of_a_bounded_number_of_people(feed, monkeypatch):
    people(feed, 7)
    monkeypatch.setattr(receiving, "JUDGED_AT_ONCE", 3)
    applied = sizes(monkeypatch)

    feed.tell(*(movement("hospital", committal_number=f"D{n}") for n in range(7)))

    assert applied == [3, 3, 1]
    assert statuses() == [("cancelled", "hospital")] * 7


def test_lines_about_several_permits_of_one_person_are_judged_together(feed, monkeypatch):
    people(feed, 1)
    feed.tell(permit(number="P0bis", committal_number="D0", at=BEFORE, visitor={"id": "V-bis"}))
    book(THURSDAY, number="P0bis")
    applied = sizes(monkeypatch)

    feed.tell(
        permit(number="P0", committal_number="D0", visitor={"id": "V0"}, status="withdrawn"),
        permit(number="P0bis", committal_number="D0", visitor={"id": "V-bis"}, status="suspended"),
    )

    assert applied == [2]
    assert statuses() == [("cancelled", "permit_withdrawn"), ("cancelled", "permit_suspended")]


@pytest.mark.parametrize(
    ("first", "then", "cause"),
    [
        (movement("hospital"), movement("return", at=LATEST), "hospital"),
        (restriction(), restriction(at=LATER, until="2026-11-01"), "restricted"),
        (transfer(), transfer(at=LATEST, **HOME), "moved"),
        (transfer(new_committal_number="7"), transfer(at=LATEST, committal_number="7", **HOME), "moved"),
        (detainee(wing="MA/QSL"), detainee(at=LATER), "moved"),
        (movement("release"), detainee(at=LATEST), "released"),
        (movement("release", at=AT), permit(at=LATEST), "released"),
        (permit(status="withdrawn"), permit(at=LATER), "permit_withdrawn"),
        (permit(weekdays=[6]), permit(at=LATER), "permit_weekday"),
        (
            permit(visitor={"birth_date": "2012-01-30"}),
            permit(at=LATER, number="2", visitor={"birth_date": "1992-01-30"}),
            "minor_needs_adult",
        ),
    ],
)
def test_a_line_never_hides_what_the_one_before_it_did(feed, first, then, cause):
    feed.tell(detainee(at=BEFORE), permit(at=BEFORE), permit(at=BEFORE, number="2"))
    book()

    assert feed.tell(first, then).counts == counted(accepted=2)

    assert statuses() == [("cancelled", cause)]


def test_a_late_release_closes_permits_before_a_newer_line_opens_them_again(feed):
    feed.tell(detainee(at=BEFORE), permit(at=BEFORE), detainee(at=LATER))
    book()

    feed.tell(movement("release", at=AT), permit(at=LATER))

    assert statuses() == [("cancelled", "permit_closed")]


def test_a_person_whose_visits_cannot_be_judged_costs_only_the_line_about_them(feed, monkeypatch):
    people(feed, 6)
    unlucky = Detainee.objects.get(committal_number="D3").pk
    judge = receiving.judge_again

    def failing(*, detainee_ids, **about):
        if unlucky in detainee_ids:
            raise OverflowError
        return judge(detainee_ids=detainee_ids, **about)

    monkeypatch.setattr(receiving, "judge_again", failing)

    told = feed.tell(*(movement("hospital", committal_number=f"D{n}") for n in range(6)))

    assert told.rejected == [(4, "internal", "")]
    assert dict(Visit.objects.values_list("detainee__committal_number", "status"))["D3"] == "booked"
    assert Detainee.objects.get(pk=unlucky).presence == "present"
    assert [cause for _, cause in statuses()].count("hospital") == 5


def any_line(chance, minute):
    n = chance.randrange(3)
    at = f"2026-11-02T08:{minute:02}:00+01:00"
    person, leave = {"committal_number": f"D{n}", "at": at}, {"number": f"P{n}", "visitor": {"id": f"V{n}"}}
    return chance.choice(
        [
            lambda: movement(chance.choice(["hospital", "disciplinary", "return", "return", "release"]), **person),
            lambda: detainee(category=chance.choice(["prevenu", "condamne", "appelant"]), **person),
            lambda: detainee(wing=chance.choice(["MA/QMA", "MA/QSL"]), **person),
            lambda: restriction(until=chance.choice(["2026-11-01", "2026-11-11", "2026-11-12"]), **person),
            lambda: permit(status=chance.choice(["active", "suspended", "withdrawn"]), **leave, **person),
            lambda: permit(visits_allowed=chance.choice([None, 1, 2]), **leave, **person),
            lambda: permit(weekdays=chance.choice([None, [3], [4, 5]]), **leave, **person),
            lambda: permit(**leave, **(person | {"committal_number": f"D{(n + 1) % 3}"})),
        ]
    )()


def what_is_left():
    reviews = Review.objects.order_by("cause", "subject_kind", "subject_id", "closing")
    return (
        list(Visit.objects.order_by("reference").values_list("reference", "status", "cancel_cause")),
        list(reviews.values_list("cause", "subject_kind", "subject_id", "closing")),
        list(Detainee.objects.order_by("pk").values_list("presence", "category", "wing__code")),
        list(Permit.objects.order_by("pk").values_list("status", "closed_at", "visits_allowed", "weekdays")),
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_file_leaves_the_same_however_it_is_cut_into_transactions(feed, monkeypatch, seed):
    BookingPolicy.objects.update(on_hospital="review", on_restriction="review", weekly_maximum_condamne=1)
    people(feed, 3, visits=3)
    chance = random.Random(seed)
    lines = [any_line(chance, minute) for minute in range(1, 50)]
    left, told = [], []
    for size in (1, 500):
        monkeypatch.setattr(importer, "BATCH", size)
        with transaction.atomic():
            told.append(feed.tell(*lines))
            left.append(what_is_left())
            transaction.set_rollback(True)

    assert told[0] == told[1]
    assert left[0] == left[1]
    assert any(status == "cancelled" for _, status, _ in left[0][0])
