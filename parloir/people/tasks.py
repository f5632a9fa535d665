"""What the worker does about people: forget what was only needed for a while."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.people.operations import forget_old_devices, forget_sign_ins


@app.periodic(cron="13 3 * * *")
@app.task(name="people.forget_sign_ins", queueing_lock="forget_sign_ins")
def forget_old_sign_ins(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, the sessions that ended a day ago or more."""
    forget_sign_ins(now=timezone.now())


@app.periodic(cron="17 3 * * *")
@app.task(name="people.forget_devices", queueing_lock="forget_devices")
def forget_devices(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, the devices that have not been used for thirteen months."""
    forget_old_devices(now=timezone.now())
