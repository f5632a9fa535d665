"""Processes killed at random in a rush: no visit without its message, no message without its visit, no offer untold."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.notifications.models import Contact
from parloir.timetable.models import Slot
from parloir.visits.models import Offer, Visit
from parloir.visits.operations import cancel_visit
from parloir.visits.queries.invariants import broken_invariants
from tests.factories import ContactFactory, PolicyFactory, SlotFactory
from tests.mailbox import mailbox  # noqa: F401 - a fixture
from tests.ports import free_port
from tests.serving import database_url, end
from tests.visits.families import Family
from tests.visits.test_race import a_family, press_the_button
from tests.visits.test_worker import until
from tests.visits.waiting_families import wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

HANDS = 6
AWAITED = ["visits.tell_booked", "visits.offer_place", "visits.tell_offer"]


class House:
    """The site and a worker of messages, each started anew whenever it is killed."""

    def __init__(self, mail_url) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DEV": "1",
            "PORT": str(self.port),
            "DATABASE_URL": database_url(),
            "EMAIL_URL": mail_url,
        }
        serve = [sys.executable, "-m", "parloir.demo.serve", "parloir.config.wsgi:application", "127.0.0.1"]
        self.commands = {
            "site": [*serve, str(self.port), "2", "2"],
            "worker": [sys.executable, "manage.py", "procrastinate", "worker"],
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.kills = Counter[str]()

    def start(self, name):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.running[name] = subprocess.Popen(self.commands[name], cwd=settings.ROOT, env=self.environment, **quiet)

    def open(self):
        for name in self.commands:
            self.start(name)
        assert until(self.answers, seconds=120)

    def answers(self):
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/sante/vivant").status_code == httpx.codes.OK
        return False

    def kill(self, what):
        """Kill the worker, the whole site, or one of the site's own processes, which it replaces by itself."""
        self.kills[what] += 1
        if what == "one of the site's":
            for child in children_of(self.running["site"].pid)[:1]:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            return
        self.running[what].kill()
        self.running[what].wait(10)
        self.start(what)

    def close(self):
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            end(process)


def children_of(pid):
    """Return the processes that serve requests: children that loaded the application, not the trackers of resources."""
    with suppress(FileNotFoundError):
        ids = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return [child for child in ids if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return []


@pytest.fixture
def house(mailbox):  # noqa: F811 - the fixture
    opened = House(mailbox.url)
    try:
        opened.open()
        yield opened
    finally:
        opened.close()


def book_until_answered(house, slot, family, end):
    """Press the button until an answer comes: a person whose page does not load tries again."""
    while time.monotonic() < end:
        try:
            status, location, _words = press_the_button(house.address, slot, family)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        if status == httpx.codes.FOUND:
            return location
        if status < httpx.codes.INTERNAL_SERVER_ERROR:
            return None
    return None


def full_slots(count):
    """Return owners of slots with one place, for which as many other families wait."""
    wing, now = PolicyFactory().wing, timezone.now()
    start = (now + timedelta(days=9)).replace(hour=8, minute=0, second=0, microsecond=0)
    slots = [SlotFactory(wing=wing, starts_at=start + timedelta(minutes=15 * n), capacity=1) for n in range(count)]
    owners = [Family(slot=slot) for slot in slots]
    for owner in owners:
        owner.visit = owner.book(now=now)
    # Once nothing is free: the worker lives already, and offers each minute what is.
    for owner in owners:
        other = Family(slot=owner.slot)
        ContactFactory(account=other.account)
        wait(other, now=now, first_day=now.date(), last_day=now.date() + timedelta(days=30))
    return owners


def rush(house, *, families, slots, given_back, seconds, pause):
    """Let families book and give places back while processes are killed; return the references that were shown."""
    owners = full_slots(given_back)
    wing = PolicyFactory().wing
    start = (timezone.now() + timedelta(days=9)).replace(hour=8, minute=0, second=0, microsecond=0)
    rooms = [SlotFactory(wing=wing, starts_at=start + timedelta(hours=n), capacity=families) for n in range(slots)]
    people = [a_family(wing) for _ in range(families)]
    end, over = time.monotonic() + seconds, threading.Event()

    def give_back():
        with closing(connection):
            for owner in owners:
                cancel_visit(booker=owner.account, visit_id=owner.visit.pk, now=timezone.now())
                over.wait(pause / 2)

    def reaper():
        while not over.wait(pause):
            if house.answers():  # what is not up yet on a busy machine has nothing to lose
                house.kill(random.choice(["worker", "site", "one of the site's", "one of the site's"]))

    with ThreadPoolExecutor(HANDS) as crowd, ThreadPoolExecutor(2) as fate:
        dying, giving = fate.submit(reaper), fate.submit(give_back)
        shown = list(
            crowd.map(lambda n: book_until_answered(house, rooms[n % slots], people[n], end), range(len(people)))
        )
        giving.result()
        over.set()
        dying.result()
    return [reference[0] for location in shown if location and (reference := re.search(r"PAR-.{4}-..", location))]


def messages_end():
    """Wait for the last message; the jobs of the dead are taken back at once, without their minute of silence."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")
    return until(
        lambda: not ProcrastinateJob.objects.filter(task_name__in=AWAITED, status__in=["todo", "doing"]).exists(),
        seconds=90,
    )


def assert_nothing_lost(house, letters, shown, say, *, given_back):
    booked = list(Visit.objects.filter(status="booked").select_related("booker"))
    addresses = dict(Contact.objects.values_list("account_id", "email"))
    written = Counter(letter.to for letter in letters)
    offers = list(Offer.objects.filter(state="open").values_list("entry__account", flat=True))
    told = Counter(letter.to for letter in letters if "gardée pour vous" in letter.subject)
    assert {addresses[visit.booker_id] for visit in booked} == set(written) - set(told)
    assert {addresses[account_id] for account_id in offers} == set(told)
    assert len(offers) == given_back
    assert set(shown) <= {visit.reference for visit in booked}
    assert sum(slot.taken for slot in Slot.objects.all()) >= len(booked)
    # Once each, and once more at the most for each worker that died between sending and saying so.
    assert sum(written.values()) - len(written) <= house.kills["worker"]
    assert [name for name, count in broken_invariants(now=timezone.now()) if count] == []
    say(f"\n{len(booked)} booked, {len(offers)} offered, {sum(written.values())} written, killed: {dict(house.kills)}")


def test_processes_killed_in_a_rush_lose_nothing(house, mailbox, say):  # noqa: F811
    shown = rush(house, families=24, slots=4, given_back=8, seconds=30, pause=1.2)

    assert until(house.answers, seconds=120)
    assert messages_end()
    assert shown
    assert_nothing_lost(house, mailbox.letters, shown, say, given_back=8)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_processes_killed_for_two_minutes_lose_nothing(house, mailbox, say):  # noqa: F811
    shown = rush(house, families=1500, slots=30, given_back=24, seconds=120, pause=1.5)

    assert until(house.answers, seconds=120)
    assert messages_end()
    assert_nothing_lost(house, mailbox.letters, shown, say, given_back=24)
