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
from itertools import batched, chain, repeat

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
from tests.daytime import zone_by_day
from tests.factories import ContactFactory, PolicyFactory, SlotFactory, WingFactory
from tests.mailbox import mailbox  # noqa: F401 - a fixture
from tests.ports import free_port
from tests.serving import children_of, database_url, end, kill_with_children
from tests.visits.families import Family
from tests.visits.test_race import a_family, press_the_button
from tests.visits.test_worker import until
from tests.visits.waiting_families import wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_no_jobs_left")]

HANDS = 6
PROCESSES = 2
ONE_OF_THE_SITE_S = "one of the site's"
DEATHS = [ONE_OF_THE_SITE_S, "worker", "site", ONE_OF_THE_SITE_S]
"""Each of them at least once, however slow the machine; then at random."""

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
            "site": [*serve, str(self.port), str(PROCESSES), "2"],
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
        """Kill the worker, the whole site, or one of the site's own processes, which it replaces by itself.

        Counted is what died.
        """
        if what == ONE_OF_THE_SITE_S:
            self.kills[what] += sum(map(self._dies, children_of(self.running["site"].pid)[:1]))
            return
        kill_with_children(self.running[what])
        self.kills[what] += self.running[what].wait(10) == -signal.SIGKILL
        self.start(what)

    def _dies(self, child):
        os.kill(child, signal.SIGKILL)
        return until(lambda: child not in children_of(self.running["site"].pid), seconds=10)

    def is_whole(self):
        """Whether the site answers, by as many processes as it was given."""
        return self.answers() and len(children_of(self.running["site"].pid)) == PROCESSES

    def close(self):
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            end(process)


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


def wing_by_day():
    """Return a wing of which nothing that is told waits for the morning."""
    return PolicyFactory(wing=WingFactory(establishment__time_zone=zone_by_day(timezone.now()))).wing


def full_slots(count):
    """Return owners of slots with one place, for which as many other families wait."""
    wing, now = wing_by_day(), timezone.now()
    start = (now + timedelta(days=9)).replace(hour=8, minute=0, second=0, microsecond=0)
    slots = [SlotFactory(wing=wing, starts_at=start + timedelta(minutes=15 * n), capacity=1) for n in range(count)]
    owners = [Family(slot=slot) for slot in slots]
    for owner in owners:
        owner.visit = owner.book(now=now)
    tomorrow = now.date() + timedelta(days=1)  # it may be tomorrow at the prison already
    # Once nothing is free: the worker lives already, and offers each minute what is.
    for owner in owners:
        other = Family(slot=owner.slot)
        ContactFactory(account=other.account)
        wait(other, now=now, first_day=tomorrow, last_day=tomorrow + timedelta(days=30))
    return owners


def rush(house, *, families, slots, given_back, seconds):
    """Let families book, a few at a time, and places be given back, and somebody die amid each few.

    Returns the references that were shown.
    """
    owners = full_slots(given_back)
    wing = wing_by_day()
    start = (timezone.now() + timedelta(days=9)).replace(hour=8, minute=0, second=0, microsecond=0)
    rooms = [SlotFactory(wing=wing, starts_at=start + timedelta(hours=n), capacity=families) for n in range(slots)]
    people = [a_family(wing) for _ in range(families)]
    end, over, shown = time.monotonic() + seconds, threading.Event(), []

    def give_back():
        with closing(connection):
            for owner in owners:
                cancel_visit(booker=owner.account, visit_id=owner.visit.pk, now=timezone.now())
                over.wait(1)

    def die(what):
        time.sleep(random.uniform(0, 0.5))
        house.kill(what)

    with ThreadPoolExecutor(HANDS) as crowd, ThreadPoolExecutor(2) as fate:
        giving = fate.submit(give_back)
        deaths = chain(DEATHS, (random.choice(DEATHS) for _ in repeat(None)))
        for few, death in zip(batched(enumerate(people), HANDS, strict=False), deaths, strict=False):
            if time.monotonic() > end:
                break
            # What is not up yet has nothing to lose.
            assert until(house.is_whole, seconds=120)
            dying = fate.submit(die, death)
            shown += crowd.map(lambda n: book_until_answered(house, rooms[n[0] % slots], n[1], end), few)
            dying.result()
        over.set()
        giving.result()
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
    assert all(house.kills[what] for what in DEATHS)
    say(f"\n{len(booked)} booked, {len(offers)} offered, {sum(written.values())} written, killed: {dict(house.kills)}")


def test_processes_killed_in_a_rush_lose_nothing(house, mailbox, say):  # noqa: F811
    shown = rush(house, families=24, slots=4, given_back=8, seconds=120)

    assert until(house.is_whole, seconds=120)
    assert messages_end()
    assert shown
    assert_nothing_lost(house, mailbox.letters, shown, say, given_back=8)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_processes_killed_for_two_minutes_lose_nothing(house, mailbox, say):  # noqa: F811
    shown = rush(house, families=1500, slots=30, given_back=24, seconds=120)

    assert until(house.is_whole, seconds=120)
    assert messages_end()
    assert_nothing_lost(house, mailbox.letters, shown, say, given_back=24)


def test_a_process_of_the_site_that_dies_is_seen_to_die_and_is_replaced(house):
    before = set(children_of(house.running["site"].pid))

    house.kill(ONE_OF_THE_SITE_S)
    replaced = until(house.is_whole, seconds=60)

    after = set(children_of(house.running["site"].pid))
    assert (len(before), house.kills[ONE_OF_THE_SITE_S], replaced) == (PROCESSES, 1, True)
    assert len(before & after) == PROCESSES - 1
