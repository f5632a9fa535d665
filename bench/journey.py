"""The slot page and a booking on the national data: statements and milliseconds, in one process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parloir.identity.cookies import SESSION
from parloir.notifications.models import Contact
from parloir.people.models import Account, SignIn
from parloir.permits.models import Permit, Registration

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

KEY = "k" * 32


@dataclass(frozen=True, slots=True)
class Family:
    """A signed-in relative ready to book."""

    cookies: dict[str, str]
    permit_id: int
    detainee_id: int
    wing_id: int

    @property
    def calendar(self) -> str:
        return f"/espace/rendez-vous/nouveau/{self.detainee_id}/"

    def step(self, name: str) -> str:
        return f"{self.calendar}{name}/"


def prepare(*, count: int) -> list[Family]:
    """Open accounts for adults of the register whose permits are in force, each with its permit registered.

    Each visitor once: nobody can be in two rooms at the same hour.
    """
    now = timezone.now()
    permits = Permit.objects.raw(
        """SELECT DISTINCT ON (p.detainee_id) p.* FROM permits_permit p
        JOIN people_detainee d ON d.id = p.detainee_id JOIN people_visitor v ON v.id = p.visitor_id
        WHERE p.status = 'active' AND p.valid_until IS NULL AND p.weekdays IS NULL AND p.visits_allowed IS NULL
        AND NOT p.separated AND p.closed_at IS NULL AND d.presence = 'present' AND d.disclose_from IS NULL
        AND v.birth_date < '1990-01-01' AND p.valid_from < current_date
        AND d.wing_id IN (SELECT w.id FROM establishments_wing w JOIN establishments_establishment e
            ON e.id = w.establishment_id WHERE e.time_zone = 'Europe/Paris' AND e.online_booking = 'open')
        AND EXISTS (SELECT FROM timetable_slot s WHERE s.wing_id = d.wing_id)
        AND NOT EXISTS (SELECT FROM people_restriction r WHERE r.detainee_id = d.id)
        AND NOT EXISTS (SELECT FROM visits_visit t WHERE t.detainee_id = d.id)
        AND NOT EXISTS (SELECT FROM visits_attendance a WHERE a.visitor_id = v.id)
        ORDER BY p.detainee_id LIMIT %s""",
        [count],
    )
    chosen = list({permit.visitor_id: permit for permit in permits}.values())
    stamp = f"{now.timestamp():.0f}"
    accounts = Account.objects.bulk_create(
        Account(
            issuer="bench",
            sub=f"{stamp}-{permit.pk}",
            birth_name="BANC",
            first_names=["Essai"],
            birth_date="1980-01-01",
            created_at=now,
        )
        for permit in chosen
    )
    pairs = list(zip(accounts, chosen, strict=True))
    Contact.objects.bulk_create(
        Contact(account=account, email="banc@example.org", email_confirmed_at=now) for account, _ in pairs
    )
    Registration.objects.bulk_create(
        Registration(account=account, permit=permit, holding="own", registered_at=now) for account, permit in pairs
    )
    keys = [f"{stamp}-{account.pk:032d}"[-43:] for account in accounts]
    SignIn.objects.bulk_create(
        SignIn(key=key, account=account, id_token=b"", created_at=now, last_seen_at=now)
        for key, account in zip(keys, accounts, strict=True)
    )
    wings = dict(Permit.objects.filter(pk__in=[p.pk for p in chosen]).values_list("pk", "detainee__wing_id"))
    signer = signing.Signer(salt="parloir.identity.session")
    return [
        Family({SESSION: signer.sign(key)}, permit.pk, permit.detainee_id, wings[permit.pk])
        for key, permit in zip(keys, chosen, strict=True)
    ]


def measure(families: list[Family]) -> list[tuple[str, str]]:
    """Open the calendar, hold a place and confirm it, family after family."""
    calendars, holds, bookings = [], [], []
    statements = {"calendar": 0, "hold": 0, "booking": 0}
    browser = Client(headers={"host": "127.0.0.1"})  # one for all: each builds the middlewares anew
    for family in families:
        browser.cookies.load(family.cookies)
        statements["calendar"], ms, page = _timed(partial(browser.get, family.calendar))
        calendars.append(ms)
        slot = _first_slot(page)
        if slot is None:
            continue
        statements["hold"], ms, answer = _timed(partial(browser.post, family.step("garder"), {"creneau": slot}))
        if answer.status_code != HTTPStatus.FOUND:
            continue
        holds.append(ms)
        browser.get(family.step("qui-vient"))
        last = {"cle": KEY, "creneaux": slot}
        statements["booking"], ms, answer = _timed(partial(browser.post, family.step("verifier"), last))
        if answer.status_code == HTTPStatus.FOUND:
            bookings.append(ms)
    return [
        ("slot page, in process", f"{statements['calendar']} statements, {_spread(calendars)}"),
        ("holding a place, in process", f"{statements['hold']} statements with the page's own, {_spread(holds)}"),
        ("booking, in process", f"{statements['booking']} statements with the page's own, {_spread(bookings)}"),
    ]


def _timed(ask: Callable[[], Any]) -> tuple[int, float, Any]:
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    return len(captured), (time.perf_counter() - began) * 1000, answer


def _first_slot(page: HttpResponse) -> str | None:
    _, found, rest = page.content.decode().partition('<button class="p-time" type="submit" name="creneau" value="')
    return rest.partition('"')[0] if found else None


def _spread(ms: list[float]) -> str:
    return f"p50 {median(ms):.1f} ms, p95 {quantiles(ms, n=20)[-1]:.1f} ms ({len(ms)} times)" if ms else "none"
