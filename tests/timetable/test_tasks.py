"""The command and the nightly job make slots of their own accord."""

from io import StringIO

import pytest
from django.core.management import call_command
from procrastinate.contrib.django import app

from parloir.timetable.models import Slot
from parloir.timetable.queries import sessions_of, slots_of
from parloir.timetable.tasks import make_slots_tonight
from tests.factories import NOW, SessionFactory, SlotFactory

pytestmark = pytest.mark.django_db


def test_the_nightly_job_is_known_by_its_name_and_runs_once_a_night():
    (periodic,) = [p for p in app.periodic_registry.periodic_tasks.values() if p.task.name == "timetable.make_slots"]

    assert periodic.cron == "20 1 * * *"
    assert app.tasks["timetable.make_slots"] is make_slots_tonight


def test_the_nightly_job_makes_slots():
    SessionFactory()

    make_slots_tonight(timestamp=0)

    assert Slot.objects.count() in {8, 9}


def test_the_command_tells_what_it_did():
    SessionFactory()
    first, again = StringIO(), StringIO()

    call_command("make_slots", stdout=first)
    call_command("make_slots", stdout=again)

    created = Slot.objects.count()
    assert first.getvalue() == f"slots: created={created} updated=0 removed=0 withdrawn=0 kept=0\n"
    assert again.getvalue() == "slots: created=0 updated=0 removed=0 withdrawn=0 kept=0\n"


def test_the_sessions_of_a_wing_are_those_in_force_on_the_day():
    today = NOW.date()
    current = SessionFactory(valid_from=today, valid_until=today)
    SessionFactory(wing=current.wing, weekday=1, valid_from=today.replace(day=3))
    SessionFactory(wing=current.wing, weekday=2, valid_until=today.replace(day=1))
    SessionFactory()

    assert list(sessions_of(current.wing_id, on=today)) == [current]


def test_the_slots_of_a_wing_are_those_of_its_days():
    slot = SlotFactory()
    SlotFactory()

    assert list(slots_of(slot.wing_id, first=slot.local_date, last=slot.local_date)) == [slot]
    assert list(slots_of(slot.wing_id, first=NOW.date(), last=NOW.date())) == []
