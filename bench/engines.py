"""What the engine of templates costs a signed-in page: the most that any other engine could save of it.

Processor time of the application alone, for a machine that others use too; what is compared is measured in turn, round
after round. An engine that took no time at all would save the templates; preparing the frame once, the frame.

Alone: ``python -m bench.engines`` (``--rounds N``, ``--times N``).
"""

from __future__ import annotations

import argparse
import logging
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest import mock

from parloir.demo import postgres

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.test import Client

    from bench.journey import Family

    type Ask = Callable[[], object]

DETAINEES = 4_000
"""Enough for the families of the fullest prisons; the slots are those of every wing of the country."""

OPEN_DAYS = timedelta(days=30)
FRAME = '{% extends "base.html" %}'


@dataclass(frozen=True)
class Page:
    """A page as its view handed it to the templates, with the request that it answered."""

    ask: Ask
    request: HttpRequest
    template: str
    context: dict[str, Any]

    @property
    def parts(self) -> dict[str, Ask]:
        """What is timed, the whole first."""
        from django.template import engines, loader

        whole, frame = loader.get_template(self.template), engines["django"].from_string(FRAME)
        return {
            "the whole request": self.ask,
            "its templates": lambda: whole.render(dict(self.context), self.request),
            "the frame alone": lambda: frame.render({}, self.request),
        }


def measure(*, rounds: int, times: int) -> list[str]:
    """Time the calendar with the most days and the page of a visit; milliseconds, a row for each part."""
    rows = ["| page | part | min | median | max | of the whole |", "|---|---|---:|---:|---:|---:|"]
    for name, page in _pages():
        figures: dict[str, list[float]] = {part: [] for part in page.parts}
        for _ in range(rounds + 1):
            for part, ask in page.parts.items():
                figures[part].append(_milliseconds(ask, times=times))
        warm = {part: ms[1:] for part, ms in figures.items()}
        whole = median(warm["the whole request"])
        rows += [
            f"| {name} | {part} | {min(ms):.2f} | {median(ms):.2f} | {max(ms):.2f} | {median(ms) / whole:.0%} |"
            for part, ms in warm.items()
        ]
    return rows


def _milliseconds(ask: Ask, *, times: int) -> float:
    """Return the processor time of one, the mean of so many in a row."""
    began = time.process_time()
    for _ in range(times):
        ask()
    return (time.process_time() - began) * 1000 / times


def _pages() -> list[tuple[str, Page]]:
    from bench import journey

    family = max(journey.prepare(count=400), key=_days_open)
    browser = _browser_of(family)
    calendar = _page(browser, family.calendar)
    visit = _page(browser, _book(browser, family, calendar))
    return [(f"calendar of {len(calendar.context['calendar'].days)} days", calendar), ("visit", visit)]


def _days_open(family: Family) -> int:
    from django.utils import timezone

    from parloir.timetable.models import Slot

    today = timezone.localdate()
    slots = Slot.objects.filter(wing=family.wing_id, local_date__gt=today, local_date__lte=today + OPEN_DAYS)
    return slots.values("local_date").distinct().count()


def _browser_of(family: Family) -> Client:
    from django.test import Client

    browser = Client(headers={"host": "127.0.0.1"})
    browser.cookies.load(family.cookies)
    return browser


def _page(browser: Client, path: str) -> Page:
    """Ask for a page once, and keep what its view hands to the templates."""
    from django.template import loader

    with mock.patch.object(loader, "render_to_string", wraps=loader.render_to_string) as rendered:
        answer = browser.get(path)
    if answer.status_code != HTTPStatus.OK:
        raise SystemExit(f"{path} answered {answer.status_code}")
    template, context, request = rendered.call_args.args[:3]
    return Page(partial(browser.get, path), request, template, context)


def _book(browser: Client, family: Family, calendar: Page) -> str:
    """Book the first hour of a calendar; return the address of the visit."""
    slot = next(time.slot_id for time in calendar.context["chosen"].times if time.is_open)
    browser.post(family.step("garder"), {"creneau": slot})
    browser.get(family.step("qui-vient"))
    answer = browser.post(family.step("verifier"), {"cle": "k" * 32, "creneaux": slot})
    return answer.headers["Location"].partition("?")[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--times", type=int, default=100)
    options = parser.parse_args()
    os.environ["DEV"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parloir.config.settings")
    postgres.drop(name="bench-engines")
    with postgres.running(name="bench-engines", durable=False) as url:
        os.environ["DATABASE_URL"] = url
        import django

        django.setup()
        logging.disable(logging.CRITICAL)
        from django.core.management import call_command

        from bench import national

        call_command("prepare", files_only=True)
        national.measure(detainees=DETAINEES)
        print("\n".join(measure(rounds=options.rounds, times=options.times)))


if __name__ == "__main__":
    main()
