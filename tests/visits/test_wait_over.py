"""A wait that ends by itself is told once to its family, never why."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.permits.models import Registration
from parloir.visits.models import WaitingEntry
from parloir.visits.operations import end_waits_that_are_over, leave_waiting_list
from parloir.visits.tasks import tell_wait_over
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import NOW, ContactFactory
from tests.visits.families import Family, jobs
from tests.visits.waiting_families import ends, wait

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

DAYS_LATER = NOW + timedelta(days=9)


@pytest.fixture
def family():
    found = Family()
    ContactFactory(account=found.account, email="sophie@example.org")
    found.entry = wait(found, last_day=date(2026, 11, 10))
    return found


def test_a_period_that_is_past_is_told_once(mailbox, family):
    ended = [end_waits_that_are_over(now=DAYS_LATER) for _ in range(2)]
    tell_wait_over(entry_id=family.entry.pk)
    tell_wait_over(entry_id=family.entry.pk)

    assert (ended, ends(), jobs()) == ([1, 0], ["over"], ["visits.tell_wait_over"])
    (letter,) = mailbox.letters
    assert "Vous n’êtes plus sur la liste d’attente" in letter.text
    seen = told_by_lock_screen(
        sender=letter.message["From"], subject=letter.subject, text=letter.text, html=letter.html, title=letter.subject
    )
    assert_discreet(seen, "Sophie DURAND", "Paul MARTIN")


def test_permits_that_are_gone_read_the_same(mailbox, family):
    Registration.objects.all().delete()

    end_waits_that_are_over(now=NOW)
    tell_wait_over(entry_id=family.entry.pk)

    assert ends() == ["gone"]
    assert "vous pouvez choisir un jour ou vous inscrire de nouveau" in mailbox.letters[0].text


def test_whoever_leaves_is_told_nothing(mailbox, family):
    leave_waiting_list(account=family.account, entry_id=family.entry.pk, now=NOW)
    tell_wait_over(entry_id=family.entry.pk)

    assert (jobs(), mailbox.letters) == ([], [])


def test_a_family_that_waits_again_is_told_nothing(mailbox, family):
    end_waits_that_are_over(now=DAYS_LATER)
    wait(family, now=DAYS_LATER, first_day=date(2026, 11, 12))

    tell_wait_over(entry_id=family.entry.pk)

    assert mailbox.letters == []


def test_a_wait_that_was_erased_is_told_to_nobody(mailbox, family):
    WaitingEntry.objects.all().delete()

    tell_wait_over(entry_id=family.entry.pk)

    assert mailbox.letters == []
