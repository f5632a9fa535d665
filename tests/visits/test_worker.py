"""The worker as it runs: the mail server away for a while, the worker killed while it sends; shown by count."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.notifications.models import Delivery
from parloir.visits.models import Offer
from parloir.visits.operations import cancel_visit
from tests.daytime import zone_by_day
from tests.factories import AccountFactory, ContactFactory, PolicyFactory, SlotFactory, VisitFactory, WingFactory
from tests.serving import database_url, empty_the_queue, end
from tests.visits.families import Family
from tests.visits.waiting_families import wait

pytestmark = pytest.mark.django_db(transaction=True)

FAMILIES = 6


def until(condition, seconds=45):
    """Wait for something to become true, and tell whether it did."""
    end = time.monotonic() + seconds
    while not (result := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return bool(result)


class Workers:
    """Real workers, as ``make run`` starts them, on the tests' database."""

    def __init__(self, mailbox) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        database = connection.settings_dict
        host = database["HOST"]
        where = f"@/{database['NAME']}?host={host}" if host.startswith("/") else f"@{host}/{database['NAME']}"
        if not host.startswith("/") and database["PORT"]:
            where = f"@{host}:{database['PORT']}/{database['NAME']}"
        who = f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
        self.environment = {
            **os.environ,
            "DEV": "1",
            "DATABASE_URL": f"postgresql://{who}{where}",
            "EMAIL_URL": mailbox.url,
        }

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "procrastinate", "worker"]
        process = subprocess.Popen(command, cwd=settings.ROOT, env=self.environment)
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            end(process)


@pytest.fixture
def workers(mailbox):
    empty_the_queue()
    started = Workers(mailbox)
    yield started
    mailbox.stalls_for = 0
    started.stop()
    empty_the_queue()


def book(families=FAMILIES):
    """Let families book visits of next week, each told by a job as booking defers it; return who must be written to."""
    wing = PolicyFactory(wing=WingFactory()).wing
    start = timezone.now().replace(microsecond=0) + timedelta(days=7)
    addresses = []
    for number in range(families):
        account = AccountFactory()
        addresses.append(ContactFactory(account=account).email)
        slot = SlotFactory(wing=wing, starts_at=start + timedelta(hours=number))
        visit = VisitFactory(booker=account, slot=slot)
        app.configure_task("visits.tell_booked", lock=f"visit-{visit.pk}").defer(visit_id=visit.pk)
    return addresses


def sent():
    return Delivery.objects.filter(outcome="sent").count()


def waiting():
    return ProcrastinateJob.objects.filter(task_name="visits.tell_booked").exclude(status="succeeded").count()


def test_while_the_mail_server_is_away_nothing_is_lost_and_then_each_message_arrives_once(mailbox, workers, capfd):
    mailbox.close()
    addresses = book()
    workers.start()
    tried = until(lambda: Delivery.objects.filter(tries__gte=1).count() == FAMILIES)
    arrived_before = len(mailbox.letters)

    mailbox.open()
    all_sent = until(lambda: sent() == FAMILIES and not waiting())

    assert (tried, arrived_before, all_sent) == (True, 0, True)
    assert Counter(letter.to for letter in mailbox.letters) == Counter(addresses)
    workers.stop()
    printed = capfd.readouterr()
    assert "email.postponed" in printed.err
    assert [name for name in (*addresses, "DURAND", "Sophie", "MARTIN") if name in printed.out + printed.err] == []


def test_the_same_job_twice_and_two_workers_send_each_message_once(mailbox, workers):
    addresses = book()
    for args in ProcrastinateJob.objects.values_list("args", flat=True):
        app.configure_task("visits.tell_booked").defer(**args)
    workers.start()
    workers.start()

    assert until(lambda: sent() == FAMILIES and not waiting())
    assert Counter(letter.to for letter in mailbox.letters) == Counter(addresses)


def killed_in_mid_send(mailbox, workers):
    """Kill a worker after the server has taken a message and before it says so; return who must be written to."""
    mailbox.stalls_for = 30
    addresses = book()
    first = workers.start()
    assert mailbox.stalled.wait(30)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(10)
    assert ProcrastinateJob.objects.filter(status="doing").exists()
    assert sent() == 0
    mailbox.stalls_for = 0
    return addresses


def assert_one_more_at_most_and_none_lost(mailbox, addresses):
    arrived = Counter(letter.to for letter in mailbox.letters)
    assert set(arrived) == set(addresses)
    assert len(addresses) <= len(mailbox.letters) <= len(addresses) + 1
    names = {letter.message["Message-ID"] for letter in mailbox.letters}
    assert len(names) == len(addresses)


def test_a_worker_killed_while_it_sends_costs_one_message_more_at_most_and_loses_none(mailbox, workers):
    addresses = killed_in_mid_send(mailbox, workers)
    with connection.cursor() as cursor:
        # Time passes: the dead worker has been silent for a minute.
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")

    workers.start()

    assert until(lambda: sent() == FAMILIES and not waiting())
    assert_one_more_at_most_and_none_lost(mailbox, addresses)


@pytest.mark.soak
def test_a_killed_workers_jobs_are_taken_back_within_a_minute_by_the_clock(mailbox, workers):
    addresses = killed_in_mid_send(mailbox, workers)
    began = time.monotonic()

    workers.start()

    assert until(lambda: sent() == FAMILIES and not waiting(), seconds=90)
    assert time.monotonic() - began < 60
    assert_one_more_at_most_and_none_lost(mailbox, addresses)


def test_a_worker_asked_to_stop_finishes_what_it_was_sending(mailbox, workers):
    mailbox.stalls_for = 2
    addresses = book(1)
    worker = workers.start()
    assert mailbox.stalled.wait(30)

    worker.terminate()
    ended = worker.wait(30)

    assert (ended, sent(), waiting()) == (0, 1, 0)
    assert [letter.to for letter in mailbox.letters] == addresses


@pytest.fixture
def place_given_back(workers):
    """A place that one family gives back and another waits for; the job that offers it waits for a worker."""
    now = timezone.now()
    # Where it is day: towards the end of a night, an offer that can wait is told in the morning.
    wing = WingFactory(establishment__time_zone=zone_by_day(now))
    slot = SlotFactory(wing=wing, starts_at=now.replace(microsecond=0) + timedelta(days=7), capacity=1)
    PolicyFactory(wing=wing)
    owner, waiting_family = Family(slot=slot), Family(slot=slot)
    ContactFactory(account=waiting_family.account, email_confirmed_at=now)
    visit = owner.book(now=now)
    tomorrow = now.date() + timedelta(days=1)  # it may be tomorrow at the prison already
    wait(waiting_family, now=now, first_day=tomorrow, last_day=tomorrow + timedelta(days=30))
    cancel_visit(booker=owner.account, visit_id=visit.pk, now=now)


def is_blocked():
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.rowcount > 0


@pytest.mark.usefixtures("place_given_back")
def test_what_a_job_puts_off_is_seen_together_with_what_it_did_and_not_before(mailbox, workers):
    with psycopg.connect(database_url()) as elsewhere:
        elsewhere.execute("LOCK TABLE journal_entry IN SHARE MODE")
        workers.start()
        was_blocked = until(is_blocked)
        # The job has chosen the family and put the letter off; its transaction waits to write in the journal.
        seen = Offer.objects.get().state
    # Seen too soon, the letter's job would find nothing to tell, and end.
    told = until(lambda: any("gardée pour vous" in letter.subject for letter in mailbox.letters))

    assert (was_blocked, seen, told) == (True, "reserved", True)
    assert Offer.objects.get().state == "open"
