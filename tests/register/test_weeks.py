"""A change of category ends only the visits that it makes impossible itself."""

from __future__ import annotations

import pytest

from parloir.establishments.models import BookingPolicy
from parloir.visits.models import Allowance
from tests.factories import NOW
from tests.register.feed import AT, BEFORE, LATER, LATEST, detainee, movement, permit
from tests.register.test_consequences import FRIDAY, THURSDAY, WEDNESDAY, book, statuses, waiting
from tests.register.test_import import instant

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed(feed):
    feed.tell(detainee(at=BEFORE), permit(at=BEFORE, visits_allowed=3))
    return feed


@pytest.mark.parametrize("category", ["appelant", "prevenu"])
def test_a_category_that_allows_as_many_visits_ends_none_whatever_the_policy_became(feed, category):
    book(WEDNESDAY, THURSDAY, FRIDAY)
    BookingPolicy.objects.update(weekly_maximum_prevenu=1)

    feed.tell(detainee(category=category))

    assert statuses() == [("booked", "")] * 3


def test_what_a_lower_policy_left_is_left_by_a_change_of_category_too(feed):
    book(WEDNESDAY, THURSDAY, FRIDAY)
    BookingPolicy.objects.update(weekly_maximum_prevenu=2, weekly_maximum_condamne=1)

    feed.tell(detainee(category="condamne"))

    assert statuses() == [("booked", ""), ("booked", ""), ("cancelled", "weekly_maximum")]


def allow(visit, *, at=NOW):
    Allowance.objects.create(
        kind="quota", slot=visit.slot, visit=visit, reason="Naissance", author_kind="staff", author_id=1, at=at
    )


def test_a_visit_that_an_agent_allowed_outlives_a_change_of_category(feed):
    *_, latest = book(WEDNESDAY, THURSDAY, FRIDAY)
    allow(latest)

    feed.tell(detainee(category="condamne"))

    assert statuses() == [("booked", "")] * 3


def test_the_latest_of_those_that_nobody_allowed_ends(feed):
    BookingPolicy.objects.update(weekly_maximum_condamne=1)
    *_, latest = book(WEDNESDAY, THURSDAY, FRIDAY)
    allow(latest)

    feed.tell(detainee(category="condamne"))

    assert statuses() == [("booked", ""), ("cancelled", "weekly_maximum"), ("booked", "")]


def test_in_a_disciplinary_cell_what_was_allowed_there_stands_and_what_was_allowed_before_waits(feed):
    visits = book(WEDNESDAY, THURSDAY, FRIDAY)
    allow(visits[1], at=instant(AT))
    allow(visits[2], at=instant(LATEST))

    feed.tell(movement("disciplinary", at=LATER))
    assert waiting("disciplinary") == {visits[1].pk}
