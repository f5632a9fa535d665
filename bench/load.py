"""An opening rush over HTTP: bookings and pages a second, server and clients on one machine."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Count
from django.utils import timezone

from parloir.people.models import Detainee
from parloir.timetable.models import Slot
from tests.serving import served

if TYPE_CHECKING:
    from bench.journey import Family

Request = tuple[str, str, dict[str, str], str]
"""Method, path, cookies, body."""

CROWD = Path(__file__).with_name("crowd.py")
CLIENTS = 8
BOOKINGS = 400
PAGES = 600
TOKEN = "t" * 32


def measure(families: list[Family], *, rounds: int) -> list[tuple[str, str]]:
    """Interleave the rounds: one hot slot, many slots, the slot page, the home page."""
    found: dict[str, list[tuple[float, float]]] = {}
    queue = iter(families)
    with served() as site:
        for _ in range(rounds):
            hot = list(itertools.islice(queue, BOOKINGS))
            spread = list(itertools.islice(queue, BOOKINGS))
            hot_slots, many_slots = _slots_for(hot, one_slot=True), _slots_for(spread, one_slot=False)
            asks: dict[str, list[Request]] = {
                "places held a second on one hot slot": _holds(hot, hot_slots),
                "bookings a second on one hot slot": _bookings(hot, hot_slots),
                "places held a second on many slots": _holds(spread, many_slots),
                "bookings a second on many slots": _bookings(spread, many_slots),
                "slot pages a second": [("GET", family.calendar, family.cookies, "") for family in hot + spread][
                    :PAGES
                ],
                "home pages a second": [("GET", "/", {}, "")] * PAGES,
            }
            for what, requests in asks.items():
                found.setdefault(what, []).append(_drive(site, requests))
    return [(what, _median(results)) for what, results in found.items()]


def _slots_for(families: list[Family], *, one_slot: bool) -> list[int]:
    """Return a slot for each family, made for the purpose.

    For one hot slot the families' detained persons are moved to its wing: only the counter is shared. Otherwise
    each has its own, among the tens of thousands of the country.
    """
    first = families[0]
    day = timezone.now() + timedelta(days=12)
    slots: dict[int, int] = {}
    if one_slot:
        Detainee.objects.filter(pk__in=[f.detainee_id for f in families]).update(wing_id=first.wing_id)
    for family in families:
        wing = first.wing_id if one_slot else family.wing_id
        key = wing if one_slot else family.detainee_id
        if key not in slots:
            taken = Slot.objects.filter(wing=wing).aggregate(n=Count("pk"))["n"]
            starts_at = day.replace(hour=9, minute=taken % 60, second=taken % 59, microsecond=0)
            slots[key] = Slot.objects.create(
                wing_id=wing,
                local_date=starts_at.date(),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=45),
                capacity=5000,
                fictional=True,
            ).pk
    return [slots[first.wing_id if one_slot else family.detainee_id] for family in families]


def _holds(families: list[Family], slots: list[int]) -> list[Request]:
    """Return the press of each family that chooses its slot; the booker alone comes, as a draft begins."""
    return [_press(family, "garder", creneau=slot) for family, slot in zip(families, slots, strict=True)]


def _bookings(families: list[Family], slots: list[int]) -> list[Request]:
    """Return the last press of each family."""
    return [
        _press(family, "verifier", cle="k" * 32, creneaux=slot) for family, slot in zip(families, slots, strict=True)
    ]


def _press(family: Family, step: str, **fields: str | int) -> Request:
    body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN})
    return "POST", family.step(step), {**family.cookies, "csrftoken": TOKEN}, body


def _drive(site: str, requests: list[Request]) -> tuple[float, float]:
    """Send requests from another process, eight at a time; return how many a second succeeded, and the p99 in ms."""
    driver = subprocess.run(
        [sys.executable, str(CROWD), site],
        input=json.dumps(requests),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result = json.loads(driver.stdout)
    if result["failed"]:
        raise SystemExit(f"{result['failed']} requests failed: {result['statuses']}")
    return result["rate"], result["p99"]


def _median(results: list[tuple[float, float]]) -> str:
    rates, p99s = zip(*results, strict=True)
    return f"{median(rates):.0f}/s, p99 {median(p99s):.0f} ms ({len(results)} rounds, {CLIENTS} clients)"
