"""What is told of visits and waits at night waits for the prison's morning, unless it could then be too late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parloir.establishments.rules import Policy
from parloir.notifications.models import Contact
from parloir.notifications.rules import NotYet
from parloir.notifications.tasks import Patience
from parloir.timetable.models import Slot
from parloir.visits import tasks
from parloir.visits.models import Offer, OpeningAlert, Reminder, Visit, WaitingEntry
from parloir.visits.operations import plan_reminders, tell_openings
from parloir.visits.rules import offer_expires_at, offer_waits_until, reminder_waits_until
from tests.factories import NOW, ContactFactory
from tests.notifications.test_nights import ZONES, at
from tests.visits.families import Family
from tests.visits.test_messages import Story
from tests.visits.test_reminders import EVE, visit_at
from tests.visits.test_reminders import plan as plan_at

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
THREE = at("2026-11-11T03:00", "Europe/Paris")


def clock(instant, zone=PARIS):
    return f"{instant.astimezone(zone):%H:%M}"


def do(task, now, **about):
    """Do a job as the worker would; return when it is to be tried again, None when it is done."""
    with time_machine.travel(now, tick=False):
        try:
            task(**about)
        except NotYet as later:
            return later.at
    return None


# Reminders -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "now", "planned"),
    [
        ("14:00", "2026-11-10T20:59", True),
        ("14:00", "2026-11-10T21:00", False),
        ("14:00", "2026-11-11T03:00", False),
        ("14:00", "2026-11-11T08:04", False),
        ("14:00", "2026-11-11T08:30", True),
        ("12:00", "2026-11-11T03:00", False),
        ("11:59", "2026-11-11T03:00", True),
        ("09:00", "2026-11-10T22:30", True),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Noumea", "America/Cayenne"])
def test_a_late_reminder_waits_for_the_morning_unless_the_visit_is_before_noon(start, now, planned, zone):
    visit_at(f"2026-11-11T{start}", zone)

    assert plan_at(at(now, zone)) == planned


def test_reminders_of_a_worker_that_comes_back_at_three_are_spread_over_the_morning():
    visits = [visit_at("2026-11-11T14:00") for _ in range(6)]

    counts = [plan_at(at(f"2026-11-11T08:{minute:02}", "Europe/Paris")) for minute in range(31)]

    assert (sum(counts), max(counts) < len(visits), counts[:5]) == (6, True, [0] * 5)
    assert plan_at(THREE) == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ZONES),
    hour=st.integers(8, 17),
    minutes=st.integers(-18 * 60, 0),
)
def test_the_statement_that_plans_agrees_with_the_rule(db, zone, hour, minutes):
    Reminder.objects.all().delete()
    Visit.objects.update(status="cancelled", cancelled_by="family", cancelled_at=NOW)
    visit = visit_at(f"2026-11-11T{hour:02}:00", zone, booked_at=datetime(2026, 3, 1, tzinfo=UTC))
    now = visit.slot.starts_at + timedelta(minutes=minutes - 1)
    due = at("2026-11-10T18:00", zone) <= now

    waits = reminder_waits_until(visit.pk, starts_at=visit.slot.starts_at, zone=ZoneInfo(zone), now=now)

    assert plan_reminders(hour=18, now=now) == int(due and waits is None)


def test_a_reminder_that_night_has_overtaken_in_the_queue_is_planned_anew_and_holds_up_no_cancellation(mailbox):
    story = Story()
    plan_at(EVE)

    do(tasks.remind, THREE, visit_id=story.visit.pk, slot_id=story.visit.slot_id)
    at_night = len(mailbox.letters), Reminder.objects.count()
    planned = plan_at(at("2026-11-11T08:30", "Europe/Paris"))
    do(
        tasks.remind,
        at("2026-11-11T08:30", "Europe/Paris"),
        visit_id=story.visit.pk,
        slot_id=story.visit.slot_id,
    )

    assert (at_night, planned, len(mailbox.letters)) == ((0, 0), 1, 2)


def test_a_reminder_for_a_visit_before_noon_leaves_at_three(mailbox):
    story = Story()
    Slot.objects.update(starts_at=at("2026-11-11T09:00", "Europe/Paris"))

    do(tasks.remind, THREE, visit_id=story.visit.pk, slot_id=story.visit.slot_id)

    assert len(mailbox.letters) == 2


# What is told at once --------------------------------------------------------------------


def test_a_confirmation_and_a_cancellation_leave_at_three(mailbox):
    story = Story()

    do(tasks.tell_booked, THREE - timedelta(days=1), visit_id=story.visit.pk)
    story.cancel(by="register")
    do(tasks.tell_cancelled, THREE, visit_id=story.visit.pk)

    assert len(mailbox.letters) == 4


# Waits that are over ---------------------------------------------------------------------


def waiting(family, **about):
    values = {
        "account": family.account, "detainee": family.detainee, "wing": family.wing, "permit_ids": [family.permit.pk],
        "weekdays": [1, 2, 3, 4, 5, 6, 7], "earliest": "00:00", "latest": "23:59", "first_day": NOW.date(),
        "notice_hours": 0, "last_day": datetime(2026, 11, 10, tzinfo=UTC).date(), "since": NOW,
        "active_from": NOW.date(),
    }  # fmt: skip
    return WaitingEntry.objects.create(**(values | about))


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_a_wait_that_is_over_at_midnight_is_told_in_the_morning(mailbox, zone):
    family = Family()
    type(family.wing.establishment).objects.update(time_zone=zone)
    ContactFactory(account=family.account)
    entry = waiting(family, ended_at=at("2026-11-11T00:01", zone), end_cause="over")

    later = do(tasks.tell_wait_over, at("2026-11-11T00:01", zone), entry_id=entry.pk)
    at_night = len(mailbox.letters)
    again = do(tasks.tell_wait_over, later, entry_id=entry.pk)

    assert "08:05" <= clock(later, ZoneInfo(zone)) <= "08:30"
    assert (at_night, again, len(mailbox.letters)) == (0, None, 1)


def test_the_queue_tries_again_at_that_very_moment():
    decision = Patience().get_retry_decision(exception=NotYet(THREE), job=type("Job", (), {"attempts": 3})())

    assert decision.retry_at == THREE


# Openings --------------------------------------------------------------------------------


def asked(opens_at, zone="Europe/Paris"):
    family = Family()
    type(family.wing.establishment).objects.filter(pk=family.wing.establishment_id).update(time_zone=zone)
    clock_of_day = opens_at.astimezone(ZoneInfo(zone)).time()
    type(family.wing.policy).objects.filter(pk=family.wing.policy.pk).update(opens_at=clock_of_day, opens_days_before=1)
    ContactFactory(account=family.account)
    local = (opens_at.astimezone(ZoneInfo(zone)) + timedelta(days=1)).date()
    Slot.objects.filter(pk=family.slot.pk).update(
        local_date=local, starts_at=opens_at + timedelta(hours=30), ends_at=opens_at + timedelta(hours=31)
    )
    return OpeningAlert.objects.create(
        account=family.account, detainee=family.detainee, day=local, asked_at=NOW, opens_at=opens_at
    )


@pytest.mark.parametrize(
    ("opens", "told"), [("09:15", "09:15"), ("20:59", "20:59"), ("21:00", "08:00"), ("06:00", "08:00")]
)
@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Tahiti"])
def test_an_openings_alert_goes_to_all_at_its_minute_or_at_eight(mailbox, opens, told, zone):
    first = at(f"2026-11-11T{opens}", zone)
    alerts = [asked(first, zone), asked(first, zone)]

    minutes = [first + timedelta(minutes=n) for n in range(12 * 60)]
    due = next(now for now in minutes if tell_openings(now=now))
    left = [do(tasks.tell_opening, due, alert_id=alert.pk) for alert in alerts]

    assert clock(due, ZoneInfo(zone)) == told
    assert (left, len(mailbox.letters)) == ([None, None], 2)


def test_those_who_sleep_hold_up_nobody_else(monkeypatch):
    monkeypatch.setattr("parloir.visits.operations.openings._AT_ONCE", 1)
    opens = at("2026-11-11T09:00", "Europe/Paris")
    asked(opens, "America/Martinique")
    awake = asked(opens)

    assert tell_openings(now=opens) == 1
    assert list(OpeningAlert.objects.filter(told_at__isnull=False)) == [awake]


def test_an_alert_that_an_outage_has_held_up_until_night_leaves_at_eight(mailbox):
    alert = asked(at("2026-11-11T20:55", "Europe/Paris"))
    tell_openings(now=alert.opens_at)

    later = do(tasks.tell_opening, at("2026-11-11T22:00", "Europe/Paris"), alert_id=alert.pk)

    assert later == at("2026-11-12T08:00", "Europe/Paris")
    assert do(tasks.tell_opening, later, alert_id=alert.pk) is None
    assert len(mailbox.letters) == 1


# Offers ----------------------------------------------------------------------------------

FAR = at("2026-11-30T14:00", "Europe/Paris")


def offered(made, *, minutes=12 * 60, starts_at=FAR, zone=PARIS):
    policy = Policy(offer_minutes=(minutes,) * 4)
    now = at(made, zone.key)
    until = offer_expires_at(starts_at=starts_at, notice_hours=0, policy=policy, zone=zone, now=now)
    told = offer_waits_until(7, expires_at=until, zone=zone, now=now)
    return clock(until, zone), told and "08:05" <= clock(told, zone) <= "08:30"


@pytest.mark.parametrize(
    ("made", "minutes", "expected"),
    [
        ("2026-11-11T20:59", 12 * 60, ("08:59", None)),
        ("2026-11-11T20:59", 13 * 60, ("09:59", None)),
        ("2026-11-11T21:00", 60, ("22:00", None)),
        ("2026-11-11T22:00", 10 * 60, ("08:00", None)),
        ("2026-11-11T21:00", 12 * 60 - 1, ("08:59", None)),
        ("2026-11-11T21:00", 12 * 60, ("09:30", True)),
        ("2026-11-11T23:00", 12 * 60, ("11:00", True)),
        ("2026-11-12T07:00", 60, ("08:00", None)),
        ("2026-11-12T07:59", 90, ("09:30", True)),
        ("2026-11-12T08:00", 90, ("09:30", None)),
    ],
)
@pytest.mark.parametrize("zone", [PARIS, ZoneInfo("Pacific/Noumea"), ZoneInfo("America/Miquelon")])
def test_an_offer_made_at_night_waits_for_the_morning_if_it_lasts_and_then_until_half_past_nine(
    made, minutes, expected, zone
):
    assert offered(made, minutes=minutes, zone=zone) == expected


def test_an_offer_is_never_kept_beyond_the_closing_and_is_told_at_once_if_that_is_before_half_past_nine():
    closes = at("2026-11-12T09:10", "Europe/Paris")

    assert offered("2026-11-11T22:00", starts_at=closes + timedelta(hours=24)) == ("09:10", None)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("2026-10-24T21:30", ("08:30", None)),
        ("2026-10-24T22:15", ("09:30", True)),
        ("2026-03-28T21:30", ("10:30", True)),
    ],
)
def test_in_the_night_in_which_the_clocks_change_hours_are_elapsed_and_the_morning_is_the_clocks(made, expected):
    far = datetime.fromisoformat(made).replace(tzinfo=UTC) + timedelta(days=20)

    assert offered(made, starts_at=far) == expected


def test_a_place_kept_for_long_is_told_in_the_morning_and_one_that_lapses_earlier_at_three(mailbox):
    family = Family()
    Contact.objects.create(account=family.account, email="sophie@example.org", email_confirmed_at=NOW)
    entry = waiting(family, last_day=datetime(2026, 12, 10, tzinfo=UTC).date())
    long, short = (
        Offer.objects.create(
            slot=family.slot, entry=entry if n == 10 else waiting(Family(slot=family.slot)), state="open",
            made_at=THREE, expires_at=THREE + n * HOUR,
        )
        for n in (10, 4)
    )  # fmt: skip
    ContactFactory(account=short.entry.account)

    later = [do(tasks.tell_offer, THREE, offer_id=offer.pk) for offer in (long, short)]

    assert "08:05" <= clock(later[0]) <= "08:30"
    assert (later[1], len(mailbox.letters)) == (None, 1)
