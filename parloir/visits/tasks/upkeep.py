"""What is kept true by itself: places whose time is over, the waiting list, what was kept long enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.visits.operations import (
    anonymise_old_visits,
    close_calls_past_use,
    decide_overdue_reviews,
    end_waits_that_are_over,
    expire_offers,
    follow_those_who_moved,
    forget_erased_accounts,
    forget_old_codes,
    forget_old_drafts,
    forget_old_waits,
    free_expired_holds,
    offer_free_places,
)

if TYPE_CHECKING:
    from datetime import datetime


class Upkeep(Protocol):
    """An operation that does what has come due, and returns how much it was."""

    __name__: str

    def __call__(self, *, now: datetime) -> int:
        """Do it."""


EVERY_MINUTE: tuple[Upkeep, ...] = (
    free_expired_holds,
    forget_old_drafts,
    forget_old_codes,
    decide_overdue_reviews,
    close_calls_past_use,
    end_waits_that_are_over,
    follow_those_who_moved,
    expire_offers,
    offer_free_places,
)
"""Each is a job of its own: what one of them cannot do keeps no other from its work."""


def _have_done_every_minute(operation: Upkeep) -> None:
    """Register the job of an operation, under its name; one that is still waiting is not put off twice."""
    name = f"visits.{operation.__name__}"

    @app.periodic(cron="* * * * *")
    @app.task(name=name, queueing_lock=name, priority=10)
    def job(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
        operation(now=timezone.now())


for _operation in EVERY_MINUTE:
    _have_done_every_minute(_operation)


@app.periodic(cron="20 2 * * *")
@app.task(name="visits.anonymise_old", queueing_lock="visits.anonymise_old")
def anonymise_old(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Make nobody's, every night, the visits that were kept long enough."""
    while anonymise_old_visits(now=timezone.now()):
        pass


@app.periodic(cron="30 2 * * *")
@app.task(name="visits.forget_waits", queueing_lock="visits.forget_waits")
def forget_waits(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, the waits and offers that ended long ago."""
    while forget_old_waits(now=timezone.now()):
        pass


@app.periodic(cron="50 * * * *")
@app.task(name="visits.forget_erased", queueing_lock="visits.forget_erased")
def forget_erased(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """End, every hour, the erasures whose last messages have had a day to leave."""
    forget_erased_accounts(now=timezone.now())
