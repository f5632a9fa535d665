"""Public holidays are those of the place, and close only the wings that say so."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from parloir.timetable.models import Slot
from parloir.timetable.operations import make_slots
from parloir.timetable.public_holidays import is_public_holiday
from tests.factories import EstablishmentFactory, PolicyFactory, SessionFactory, WingFactory

SAINT_STEPHEN = date(2026, 12, 26)
GOOD_FRIDAY = date(2026, 4, 3)
END_OF_SLAVERY = date(2026, 12, 20)


@pytest.mark.parametrize(
    ("day", "insee", "holiday"),
    [
        (date(2026, 11, 11), "21231", True),
        (date(2026, 11, 12), "21231", False),
        (date(2026, 11, 11), "97411", True),
        (SAINT_STEPHEN, "67482", True),
        (SAINT_STEPHEN, "68066", True),
        (SAINT_STEPHEN, "57463", True),
        (SAINT_STEPHEN, "21231", False),
        (GOOD_FRIDAY, "67482", True),
        (GOOD_FRIDAY, "21231", False),
        (END_OF_SLAVERY, "97411", True),
        (END_OF_SLAVERY, "97209", False),
        (date(2026, 5, 22), "97209", True),
        (date(2026, 5, 27), "97105", True),
        (date(2026, 6, 10), "97302", True),
        (date(2026, 4, 27), "97611", True),
        (date(2026, 9, 24), "98818", True),
        (date(2026, 7, 14), "", True),
    ],
)
def test_each_territory_has_its_own_days(day, insee, holiday):
    assert is_public_holiday(day, insee=insee) is holiday


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("insee", "zone", "weekday", "day"),
    [
        ("67482", "Europe/Paris", 6, SAINT_STEPHEN),
        ("97411", "Indian/Reunion", 7, END_OF_SLAVERY),
        ("21231", "Europe/Paris", 5, date(2026, 12, 25)),
    ],
    ids=["Strasbourg", "Réunion", "Dijon"],
)
@pytest.mark.parametrize("closes", [True, False])
def test_a_wing_makes_no_slot_on_a_public_holiday_if_it_closes_them(insee, zone, weekday, day, closes):
    wing = WingFactory(establishment=EstablishmentFactory(insee=insee, time_zone=zone))
    PolicyFactory(wing=wing, closed_on_public_holidays=closes)
    SessionFactory(wing=wing, weekday=weekday)

    make_slots(now=datetime.fromisoformat("2026-12-14T09:00:00+00:00"), days=14)

    assert Slot.objects.filter(local_date=day).exists() is not closes
    assert Slot.objects.exclude(local_date=day).exists()
