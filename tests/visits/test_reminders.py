"""The evening before, on each prison's own clock, those who want it are reminded, once, of what is still true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import TryLater, withdraw
from parloir.notifications.rules import Channel
from parloir.visits.models import Reminder, Visit
from parloir.visits.operations import plan_reminders
from parloir.visits.queries.messages import last_words, visit_to_tell
from parloir.visits.tasks import remind, tell_booked
from tests.factories import (
    NOW,
    AttendanceFactory,
    ContactFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    SlotFactory,
    VisitFactory,
    WingFactory,
)
from tests.visits.test_messages import Story, assert_lock_screen_tells_nothing, letters_by_address

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
EVE = datetime(2026, 11, 10, 17, 0, tzinfo=UTC)
"""18:00 in Paris, the day before the tests' Wednesday 11 November at 14:00."""

NUMBER = "+33612345678"


def visit_at(local, zone="Europe/Paris", **about):
    """Book a visit at a local time of a prison."""
    starts_at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    wing = PolicyFactory(wing=WingFactory(establishment=EstablishmentFactory(time_zone=zone))).wing
    slot = SlotFactory(wing=wing, starts_at=starts_at)
    return VisitFactory(detainee=DetaineeFactory(wing=wing), slot=slot, **about)


def planned():
    return list(Reminder.objects.order_by("visit_id").values_list("visit_id", flat=True))


def jobs():
    found = ProcrastinateJob.objects.filter(task_name="visits.remind").order_by("id")
    return list(found.values_list("lock", "args"))


def plan(now, hour=18):
    return plan_reminders(hour=hour, now=now)


# When ------------------------------------------------------------------------------------


def test_a_visit_is_planned_at_six_in_the_evening_the_day_before_and_once():
    visit = visit_at("2026-11-11T14:00")

    counts = [plan(EVE - timedelta(seconds=1)), plan(EVE), plan(EVE), plan(EVE + HOUR)]

    assert counts == [0, 1, 0, 0]
    assert jobs() == [(f"visit-{visit.pk}", {"visit_id": visit.pk, "slot_id": visit.slot_id})]


@pytest.mark.parametrize(
    ("zone", "local", "due"),
    [
        ("Europe/Paris", "2026-10-25T09:00", "2026-10-24T16:00Z"),
        ("Europe/Paris", "2026-10-26T09:00", "2026-10-25T17:00Z"),
        ("Europe/Paris", "2026-03-29T09:00", "2026-03-28T17:00Z"),
        ("Europe/Paris", "2026-03-30T09:00", "2026-03-29T16:00Z"),
        ("America/Miquelon", "2026-11-11T09:00", "2026-11-10T21:00Z"),
        ("America/Martinique", "2026-11-11T16:30", "2026-11-10T22:00Z"),
        ("Indian/Reunion", "2026-11-11T09:00", "2026-11-10T14:00Z"),
        ("Pacific/Noumea", "2026-11-11T09:00", "2026-11-10T07:00Z"),
        ("Pacific/Tahiti", "2026-11-11T23:30", "2026-11-11T04:00Z"),
        ("Pacific/Wallis", "2026-11-11T00:15", "2026-11-10T06:00Z"),
    ],
)
def test_the_hour_is_that_of_the_prisons_own_clock(zone, local, due):
    visit = visit_at(local, zone, booked_at=datetime(2026, 3, 1, tzinfo=UTC))
    due = datetime.fromisoformat(due)

    assert [plan(due - timedelta(seconds=1)), plan(due)] == [0, 1]
    assert planned() == [visit.pk]


def test_the_hour_is_a_setting():
    visit_at("2026-11-11T14:00")

    assert [plan(EVE, hour=19), plan(EVE + HOUR, hour=19)] == [0, 1]


def test_a_worker_that_was_away_catches_up_until_the_visit_begins():
    visit = visit_at("2026-11-11T14:00")
    visit_at("2026-11-11T10:00")

    assert plan(EVE + 19 * HOUR) == 1
    assert planned() == [visit.pk]
    assert plan(EVE + 20 * HOUR) == 0


def test_nobody_is_reminded_of_what_they_booked_that_evening_nor_of_a_cancelled_visit():
    visit_at("2026-11-11T14:00", booked_at=EVE + timedelta(minutes=10))
    cancelled = {"status": "cancelled", "cancelled_by": "family", "cancelled_at": NOW}
    visit_at("2026-11-11T15:00", **cancelled)
    visit_at("2026-11-12T14:00")

    assert plan(EVE + HOUR) == 0


def test_a_visit_that_moves_is_reminded_of_again_before_its_new_day():
    visit = visit_at("2026-11-11T14:00")
    plan(EVE)
    later = SlotFactory(wing=visit.slot.wing, starts_at=visit.slot.starts_at + timedelta(days=1))
    Visit.objects.update(slot=later, local_date=later.local_date)

    assert [plan(EVE + HOUR), plan(EVE + 24 * HOUR)] == [0, 1]


def test_thousands_are_planned_a_thousand_at_a_time(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("parloir.visits.operations.reminding._AT_ONCE", 2)
    visits = [visit_at("2026-11-11T14:00") for _ in range(5)]

    assert plan(EVE) == 5
    assert planned() == [visit.pk for visit in visits]
    with django_assert_num_queries(3):  # the transaction's two, and the one statement
        plan(EVE)


# What ------------------------------------------------------------------------------------


def reminded(story, *, now=EVE, slot_id=None):
    with time_machine.travel(now, tick=False):
        remind(visit_id=story.visit.pk, slot_id=slot_id or story.visit.slot_id)


def agree(account, **more):
    Contact.objects.filter(account=account).update(phone=NUMBER, phone_confirmed_at=NOW, **more)


def test_everybody_who_comes_is_reminded_by_email_with_what_to_bring_and_how_to_stop(mailbox, telephone, settings):
    story = Story()

    reminded(story)
    reminded(story)

    assert sorted(letters_by_address(mailbox)) == ["amina@example.org", "sophie@example.org"]
    assert len(mailbox.letters) == 2
    letter = letters_by_address(mailbox)["sophie@example.org"]
    assert letter.subject == "Rappel : votre rendez-vous du mercredi 11 novembre"
    assert "Rappel : votre rendez-vous est le mercredi 11 novembre 2026 à 14 h 00." in letter.text
    assert "une pièce d’identité" in letter.text
    assert "Annulez dans votre espace" in letter.text
    assert "en ligne, jusqu’à 24 heures" not in letter.text
    assert_lock_screen_tells_nothing(letter)
    stop = letter.links[-1]
    assert stop.startswith(f"{settings.LINK_URL}/m/e")
    assert f'href="{stop}"' in letter.html
    assert letter.message["List-Unsubscribe"] == f"<{stop}un-clic/>"
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert telephone.requests == 0


def test_a_confirmation_cannot_be_stopped_and_does_not_say_so(mailbox):
    story = Story()

    with time_machine.travel(NOW, tick=False):
        tell_booked(visit_id=story.visit.pk)

    assert [letter.message["List-Unsubscribe"] for letter in mailbox.letters] == [None, None]


def test_each_is_reminded_by_what_they_chose(mailbox, telephone):
    story = Story()
    agree(story.sophie, sms_since=NOW, email_reminder=False)

    reminded(story)

    assert [letter.to for letter in mailbox.letters] == ["amina@example.org"]
    (text,) = telephone.texts(NUMBER)
    assert text.startswith("Rappel : rendez-vous mercredi 11 novembre à 14 h 00. Arrivez à 13 h 30. ")


@pytest.mark.parametrize(("withdrawn", "count"), [(False, 1), (True, 0)])
def test_the_box_of_one_booking_is_consent_for_it_until_withdrawn(mailbox, telephone, withdrawn, count):
    story = Story()
    Visit.objects.update(sms_reminder=True)
    agree(story.sophie)
    Contact.objects.filter(account=story.amina).update(phone="+33687654321", phone_confirmed_at=NOW)
    if withdrawn:
        withdraw(account_id=story.sophie.pk, channel=Channel.SMS, now=NOW + HOUR)

    reminded(story)

    assert len(telephone.texts(NUMBER)) == len(telephone.taken) == count


@pytest.mark.parametrize("change", ["cancelled", "moved", "begun"])
def test_what_is_no_longer_true_is_not_reminded_of(mailbox, telephone, change):
    story = Story()
    now, slot_id = EVE, story.visit.slot_id
    if change == "cancelled":
        story.cancel()
    elif change == "moved":
        Visit.objects.update(slot=SlotFactory(wing=story.visit.slot.wing, starts_at=EVE + timedelta(days=3)))
    else:
        now = story.visit.slot.starts_at

    reminded(story, now=now, slot_id=slot_id)

    assert (mailbox.letters, Delivery.objects.count()) == ([], 0)


def test_a_mail_server_that_is_away_does_not_hold_up_the_sms_and_nothing_is_said_twice(mailbox, telephone):
    story = Story()
    agree(story.sophie, sms_since=NOW)
    mailbox.close()

    with pytest.raises(TryLater):
        reminded(story)
    mailbox.open()
    reminded(story, now=EVE + HOUR)
    reminded(story, now=EVE + 2 * HOUR)

    assert (len(mailbox.letters), len(telephone.taken)) == (2, 1)


def test_a_reminder_counts_as_what_was_last_told_of_a_visit(mailbox, telephone):
    story = Story()
    with time_machine.travel(NOW, tick=False):
        tell_booked(visit_id=story.visit.pk)
    Visit.objects.update(version=2)

    reminded(story)

    word = last_words(visit_to_tell(story.visit.pk))[story.sophie.pk]
    assert (word.version, word.starts_at, word.comes) == (2, story.visit.slot.starts_at, True)


def test_a_relative_with_no_address_and_no_telephone_stops_nobody_else(mailbox, telephone):
    story = Story()
    Contact.objects.filter(account=story.sophie).delete()
    partner = ContactFactory(email="partner@example.org").account
    permit = PermitFactory(detainee=story.visit.detainee)
    RegistrationFactory(account=partner, permit=permit)
    AttendanceFactory(visit=story.visit, permit=permit)

    reminded(story)

    assert sorted(letter.to for letter in mailbox.letters) == ["amina@example.org", "partner@example.org"]
