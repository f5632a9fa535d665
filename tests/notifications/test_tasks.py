"""What the worker does: asks for confirmations, has patience, takes back the jobs of the dead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.db import OperationalError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from structlog.testing import capture_logs

from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import TryLater, ask_confirmation, note_address, set_address
from parloir.notifications.tasks import Patience, take_back_jobs
from parloir.notifications.tasks import ask_confirmation as task
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import NOW, AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


def run_all():
    for delivery_id in Delivery.objects.order_by("pk").values_list("pk", flat=True):
        task(delivery_id=delivery_id)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_message_that_asks_for_confirmation_is_discreet_and_holds_the_link(mailbox, settings, language):
    account = AccountFactory(language=language)
    note_address(account_id=account.pk, email="sophie@example.org", now=NOW)

    run_all()

    (letter,) = mailbox.letters
    assert letter.to == "sophie@example.org"
    (link,) = letter.links
    assert link.startswith(f"{settings.LINK_URL}/courriel/confirmer/")
    assert f'href="{link}"' in letter.html
    whole = {"all": letter.text + letter.html, "subject": letter.subject}
    assert_discreet(whole, "Sophie DURAND")
    seen = told_by_lock_screen(
        sender=letter.message["From"], subject=letter.subject, text=letter.text, html=letter.html, title=letter.subject
    )
    assert_discreet(seen, "Sophie DURAND")


def test_a_confirmation_no_longer_wanted_is_not_sent(mailbox):
    account = AccountFactory()
    note_address(account_id=account.pk, email="first@example.org", now=NOW)
    set_address(account_id=account.pk, email="second@example.org", now=NOW)
    run_all()
    Contact.objects.update(email_confirmed_at=NOW)
    Delivery.objects.update(outcome="pending", sent_at=None)

    run_all()

    assert [letter.to for letter in mailbox.letters] == ["second@example.org"]


def test_asking_twice_sends_twice_and_running_twice_does_not(mailbox):
    account = AccountFactory()
    note_address(account_id=account.pk, email="sophie@example.org", now=NOW)
    ask_confirmation(account_id=account.pk, now=NOW + timedelta(minutes=6))

    run_all()
    run_all()

    assert len(mailbox.letters) == 2


def job(attempts):
    return Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="t", attempts=attempts)


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (30, 60), (1000, 600)])
def test_an_outage_is_waited_out(attempts, seconds):
    decision = Patience().get_retry_decision(exception=TryLater("away"), job=job(attempts))

    assert decision is not None
    assert decision.retry_at == datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(("exception", "said"), [(OperationalError("lock timeout"), 1), (TryLater("away"), 0)])
def test_a_job_that_the_database_kept_waiting_says_so_and_is_tried_again(exception, said):
    with capture_logs() as lines:
        decision = Patience().get_retry_decision(exception=exception, job=job(0))

    assert decision is not None
    assert [line["event"] for line in lines] == ["job.postponed"] * said
    assert "lock timeout" not in str(lines)


def test_a_fault_of_ours_is_tried_ten_times_and_left_for_a_human():
    decisions = [Patience().get_retry_decision(exception=ValueError("bug"), job=job(n)) for n in range(11)]

    assert [decision is not None for decision in decisions] == [True] * 9 + [False] * 2


@pytest.mark.parametrize(("silent_for", "taken_back"), [(19, False), (21, True)])
def test_jobs_are_taken_back_from_a_worker_that_fell_silent(silent_for, taken_back):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - %s::int * interval '1 second') RETURNING id",
            [silent_for],
        )
        worker = cursor.fetchone()[0]
        app.configure_task("notifications.ask_confirmation").defer(delivery_id=1)
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s::int", [worker])

    async_to_sync(take_back_jobs.func)(timestamp=0)

    status = ProcrastinateJob.objects.values_list("status", flat=True).get()
    assert status == ("todo" if taken_back else "doing")
