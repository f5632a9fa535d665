"""Thirty days after its date a visit is nobody's; figures stay, and what a limited permit used stays used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from parloir.notifications.models import Delivery
from parloir.visits.models import Attendance, PastUse, Visit
from parloir.visits.operations import VisitRefused, anonymise_old_visits
from parloir.visits.queries.invariants import broken_invariants
from parloir.visits.queries.mine import past_visits_of, visits_of
from parloir.visits.rules import Code, first_day_kept
from tests.factories import NOW, SlotFactory
from tests.visits.families import WEDNESDAY, Family

pytestmark = pytest.mark.django_db

THAT_DAY = datetime(2026, 12, 11, 20, tzinfo=UTC)
"""The thirtieth day after the visit of the tests, 11 November."""
NEXT_DAY = THAT_DAY + timedelta(days=1)


def broken(now):
    return [name for name, count in broken_invariants(now=now) if count]


def told(visit):
    return Delivery.objects.create(
        account=visit.booker, dedup_key=f"visit-{visit.pk}-booked-{visit.booker_id}", channel="email", created_at=NOW
    )


def test_a_day_is_kept_until_it_is_over_everywhere():
    assert first_day_kept(now=datetime(2026, 12, 12, 11, 59, tzinfo=UTC), days=30) == date(2026, 11, 11)
    assert first_day_kept(now=datetime(2026, 12, 12, 12, 0, tzinfo=UTC), days=30) == date(2026, 11, 12)


def test_on_the_thirtieth_day_it_is_still_shown_and_then_no_longer():
    family = Family()
    visit = family.book()

    assert list(past_visits_of(family.account, now=THAT_DAY)) == [visit]
    assert anonymise_old_visits(now=THAT_DAY) == 0
    assert list(past_visits_of(family.account, now=NEXT_DAY)) == []


def test_who_booked_and_who_came_is_forgotten_and_figures_are_kept():
    family = Family()
    visit = family.book(family.permit, family.add())
    told(visit)

    assert anonymise_old_visits(now=NEXT_DAY) == 1

    visit = Visit.objects.get()
    assert (visit.booker_id, visit.detainee_id) == (None, None)
    assert (Attendance.objects.count(), Delivery.objects.count()) == (0, 0)
    assert (visit.party, visit.children, visit.anonymised_at) == (2, 1, NEXT_DAY)
    assert list(visits_of(family.account)) == []
    assert broken(NEXT_DAY) == []
    assert anonymise_old_visits(now=NEXT_DAY) == 0


def test_a_visit_that_is_nobody_s_says_so_to_whoever_asks_whose_it_is():
    Family().book()
    anonymise_old_visits(now=NEXT_DAY)
    visit = Visit.objects.get()

    for whose in ("visited", "visited_id"):
        with pytest.raises(ValueError, match="nobody"):
            getattr(visit, whose)


def test_what_a_limited_permit_used_stays_used():
    family = Family(visits_allowed=1)
    family.book()

    anonymise_old_visits(now=NEXT_DAY)

    assert PastUse.objects.get().visits == 1
    later = SlotFactory(wing=family.wing, starts_at=WEDNESDAY + timedelta(days=42))
    with pytest.raises(VisitRefused) as refused:
        family.book(slot=later, key="k2", now=NEXT_DAY)
    assert [refusal.code for refusal in refused.value.refusals] == [Code.PERMIT_USED_UP]


def test_a_visit_of_an_unlimited_permit_leaves_no_count():
    family = Family()
    family.book()

    anonymise_old_visits(now=NEXT_DAY)

    assert PastUse.objects.count() == 0


def test_the_confirmation_of_a_trip_stays_as_long_as_one_of_its_visits():
    family = Family()
    first, second = (
        family.book(),
        family.book(slot=SlotFactory(wing=family.wing, starts_at=WEDNESDAY + timedelta(days=7)), key="k2"),
    )
    Visit.objects.update(trip=first)
    told(first)

    anonymise_old_visits(now=NEXT_DAY)
    assert Delivery.objects.count() == 1
    anonymise_old_visits(now=NEXT_DAY + timedelta(days=7))

    assert Delivery.objects.count() == 0
    assert Visit.objects.filter(pk=second.pk, booker=None).count() == 1
