"""The whole product on real parts: site, look-alike, worker, mail server, and a browser on each size of screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from parloir.demo.feed import persona_lines
from parloir.demo.operations import invent_slots, invent_timetable
from parloir.establishments.models import Establishment
from parloir.establishments.operations import load_establishments
from parloir.establishments.referential import read_referential
from tests.daytime import zone_by_day
from tests.lines import parted_lines
from tests.look_alike import issuer_at, look_alike
from tests.mailbox import Mailbox
from tests.ports import free_port
from tests.serving import database_url, empty_the_queue, end, served
from tests.standard import PAGES
from tests.telephone import Telephone
from tests.validators import axe_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from playwright.sync_api import Page

PICTURES = settings.ROOT / "var" / "screenshots"


@dataclass
class Service:
    """Where the product answers, and the mail it sent."""

    site: str
    mailbox: Mailbox
    telephone: Telephone


@pytest.fixture
def register(transactional_db: None, tmp_path: Path) -> None:
    """The personas' real prisons with fictional hours, and their part of the register through the real command."""
    now = timezone.now()
    lines = list(persona_lines(as_of=now.date()))
    named = {value for line in lines for value in line.values() if isinstance(value, str)}
    load_establishments(facts=[facts for facts in read_referential() if facts.slug in named], now=now)
    Establishment.objects.update(time_zone=zone_by_day(now))
    invent_timetable(now=now)
    invent_slots(now=now)
    feed = tmp_path / "register.jsonl"
    feed.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    call_command("import_register", str(feed))


@pytest.fixture
def service(register: None) -> Iterator[Service]:
    """Everything running, each part in a process of its own."""
    empty_the_queue()
    box, telephone, port = Mailbox(port=free_port()), Telephone(port=free_port()), free_port()
    box.open()
    telephone.open()
    with served(FRANCECONNECT_ISSUER=issuer_at(port), EMAIL_URL=box.url) as site, look_alike(site=site, port=port):
        environment = {**os.environ, "DEV": "1", "DATABASE_URL": database_url(), "SITE_URL": site}
        environment |= {"EMAIL_URL": box.url, "SMS_URL": telephone.url}
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "procrastinate", "worker"], cwd=settings.ROOT, env=environment
        )
        try:
            yield Service(site, box, telephone)
        finally:
            end(worker)
            box.close()
            telephone.close()


@pytest.fixture
def site(transactional_db: None) -> Iterator[str]:
    """The site alone, for what needs neither a provider nor mail; gives its address."""
    with served() as address:
        yield address


@dataclass
class Look:
    """Looks at every page and state of a journey: no fault of axe, of the HTML standard, of the policy, no overflow.

    It is looked at as wide as the person's screen, and at each of ``widths``; the standard is read at the run's end.
    """

    page: Page
    name: str
    scripts: bool
    widths: Sequence[int] = ()
    states: int = 0
    complaints: list[str] = field(default_factory=list)

    def __call__(self, state: str, *, alike: bool = False) -> None:
        """Look at the page as it is now; with ``PICTURES=1`` in the environment, keep its picture too.

        :param alike: it differs from a page seen before in its words alone: axe, the slowest, need not see it.
        """
        where = f"{self.states:02}-{state}"
        self.states += 1
        # What a press leads to is a document before it is a page: read too soon, it has neither doctype nor title.
        self.page.wait_for_load_state("load")
        PAGES.keep({where: self.page.content()})
        if "PICTURES" in os.environ:
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{self.name}-{where}.png", full_page=True)
        # axe is a script itself: without scripts, the same pages are judged by it in the other journeys.
        axe = self.scripts and not alike
        size = self.page.viewport_size or {"width": 0, "height": 0}
        self._judge(f"{where} at {size['width']}", axe=axe)
        for width in self.widths:
            self.page.set_viewport_size({"width": width, "height": size["height"]})
            self._judge(f"{where} at {width}", axe=axe)
        if self.widths:
            self.page.set_viewport_size(size)

    def _judge(self, where: str, *, axe: bool) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        self.complaints += [f"{where}: scrolls sideways"] if wide else []
        self.complaints += [f"{where}: {fault}" for fault in parted_lines(self.page)]
        self.complaints += [f"{where}: {fault}" for fault in axe_faults(self.page)] if axe else []

    def faults(self) -> list[str]:
        """Return all that was found wrong, but what the standard forbids."""
        return self.complaints


@pytest.fixture
def look(request: pytest.FixtureRequest):
    """Give ``look(page)``; what was found wrong is in its ``faults()``, which every journey asks for."""

    def at(page: Page, *, scripts: bool, widths: Sequence[int] = ()) -> Look:
        one = Look(page, request.node.name.replace("[", "-").rstrip("]"), scripts, widths)
        page.on("console", lambda said: one.complaints.append(said.text) if _is_a_fault(said) else None)
        page.on("response", lambda answer: one.complaints.append(answer.url) if _is_missing(answer) else None)
        page.on("pageerror", lambda error: one.complaints.append(str(error)))
        return one

    return at


def _is_a_fault(said) -> bool:
    """A page that answers 400 or 409 to a form is no fault: Chromium says so all the same."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def _is_missing(answer) -> bool:
    return answer.status >= 400 and answer.request.resource_type != "document"
