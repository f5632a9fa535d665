"""Work that happens by itself at night."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from parloir.timetable.operations import make_slots

log = structlog.get_logger("parloir.timetable")


@app.periodic(cron="20 1 * * *")
@app.task(
    name="timetable.make_slots",
    queueing_lock="timetable.make_slots",
    retry=RetryStrategy(max_attempts=5, exponential_wait=5),
)
def make_slots_tonight(timestamp: int) -> None:  # noqa: ARG001 (the scheduler hands it over)
    """Keep the slots 60 days ahead, every night at 01:20 UTC."""
    made = make_slots(now=timezone.now())
    log.info("slots_made", created=made.created, updated=made.updated, removed=made.removed, kept=made.kept)
