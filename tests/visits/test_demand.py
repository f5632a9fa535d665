"""Searches that found nothing are counted, and nobody with them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core.cache import cache

from parloir.people.models import Detainee
from parloir.timetable.models import Slot
from parloir.visits.models import UnmetDemand
from parloir.visits.operations import tally_unmet_demand
from parloir.visits.queries.demand import Demand, unmet_demand_of
from tests.factories import NOW, ContactFactory
from tests.signed_in import signed_in
from tests.visits.families import Family

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 2)


def searches():
    return list(UnmetDemand.objects.order_by("pk").values_list("week", "category", "party", "searches"))


@pytest.fixture
def full():
    """A family whose prison has no place left, looking at the calendar at the tests' present."""
    family = Family()
    family.add()
    ContactFactory(account=family.account)
    Slot.objects.update(taken=3)
    with time_machine.travel(NOW, tick=False) as clock:
        family.clock = clock
        family.browser = signed_in(family.account)
        family.address = f"/espace/rendez-vous/nouveau/{family.detainee.pk}/"
        yield family


def test_one_figure_counts_all_the_searches_of_a_week():
    family = Family()

    for _ in range(3):
        tally_unmet_demand(detainee=family.detainee, party=2, now=NOW)
    tally_unmet_demand(detainee=family.detainee, party=1, now=NOW + timedelta(days=7))

    assert searches() == [(MONDAY, "prevenu", 2, 3), (MONDAY + timedelta(days=7), "prevenu", 1, 1)]


def test_the_week_is_the_prisons_own():
    family = Family()
    family.detainee.wing.establishment.time_zone = "Pacific/Noumea"
    sunday_in_paris = NOW.replace(day=1, hour=14)

    tally_unmet_demand(detainee=family.detainee, party=1, now=sunday_in_paris)

    assert searches() == [(MONDAY, "prevenu", 1, 1)]


def test_a_calendar_without_a_place_is_counted_with_those_registered(full):
    page = full.browser.get(full.address).content.decode()

    assert "Tous les créneaux sont complets jusqu’au" in page
    assert searches() == [(MONDAY, "prevenu", 2, 1)]


def test_a_page_loaded_again_counts_once_a_minute(full):
    full.browser.get(full.address)
    full.browser.get(full.address)
    assert searches() == [(MONDAY, "prevenu", 2, 1)]

    full.clock.shift(timedelta(seconds=61))
    full.browser.get(full.address)

    assert searches() == [(MONDAY, "prevenu", 2, 2)]


def test_what_is_remembered_meanwhile_names_nobody(full, monkeypatch):
    kept = []
    monkeypatch.setattr(cache, "add", lambda key, value, timeout: kept.append((key, value, timeout)) or False)

    full.browser.get(full.address)

    ((key, value, timeout),) = kept
    assert (value, timeout, len(key)) == (1, 60, len("search-") + 32)


def test_where_there_are_no_hours_at_all_the_search_is_counted(full):
    Slot.objects.all().delete()

    full.browser.get(full.address)

    assert searches() == [(MONDAY, "prevenu", 2, 1)]


@pytest.mark.parametrize("presence", ["hospital", "released"])
def test_who_could_not_come_anyway_is_not_counted(full, presence):
    Detainee.objects.update(presence=presence)

    full.browser.get(full.address)

    assert searches() == []


def test_who_finds_a_place_is_not_counted(full):
    Slot.objects.update(taken=2)

    full.browser.get(full.address)

    assert searches() == []


def test_the_figures_of_a_prison_are_its_own_and_of_the_weeks_asked_for():
    family, other = Family(), Family()
    tally_unmet_demand(detainee=family.detainee, party=2, now=NOW)
    tally_unmet_demand(detainee=family.detainee, party=2, now=NOW - timedelta(days=28))
    tally_unmet_demand(detainee=other.detainee, party=2, now=NOW)

    found = unmet_demand_of(family.wing.establishment, since=MONDAY - timedelta(days=7), until=MONDAY)

    assert found == [Demand(MONDAY, "MA/QMA", "prevenu", 2, 1)]
