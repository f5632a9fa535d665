"""Forget, every night, the opinions that were kept long enough."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.content.operations import forget_old_opinions


@app.periodic(cron="33 3 * * *")
@app.task(name="content.forget_opinions", queueing_lock="content.forget_opinions")
def forget_opinions(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget what was written of the site a year ago."""
    forget_old_opinions(days=settings.OPINIONS_KEPT_DAYS, today=timezone.localdate())
