"""What the worker does about messages, and about the jobs of workers that died."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from parloir.notifications.messages import code_sms, confirmation_email, notice_email
from parloir.notifications.operations import (
    TryLater,
    deliver_email,
    deliver_sms,
    end_notice,
    forget_old_codes,
    forget_old_counts,
    forget_old_deliveries,
    forget_old_notices,
)
from parloir.notifications.queries import NOTICES, code_to_send, confirmation_to_send, notice_to_send
from parloir.notifications.rules import STALLED_AFTER, TRIES_OF_A_FAULT, NotYet, wait_before_try

if TYPE_CHECKING:
    from procrastinate.jobs import Job

log = structlog.get_logger("parloir.jobs")

_OUTAGES = (TryLater, OperationalError, InterfaceError)


class Patience(BaseRetryStrategy):
    """Try again, ever more slowly: an outage for as long as it lasts, a fault of ours a few times.

    A task whose message has become useless ends by itself, which ends the tries.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try next; None gives up, and the job stays in the table as failed."""
        if not isinstance(exception, _OUTAGES):
            log.error("job.fault", task=job.task_name, job=job.id, tries=job.attempts + 1, exc_info=exception)
            if job.attempts + 1 >= TRIES_OF_A_FAULT:
                return None
        elif not isinstance(exception, TryLater):
            # What could not be sent has said so itself; a database that keeps one waiting has not.
            log.warning("job.postponed", task=job.task_name, job=job.id, tries=job.attempts + 1)
        if isinstance(exception, NotYet):
            return RetryDecision(retry_at=exception.at)
        return RetryDecision(retry_at=datetime.now(UTC) + wait_before_try(job.attempts))


@app.task(name="notifications.ask_confirmation", retry=Patience())
def ask_confirmation(*, delivery_id: int) -> None:
    """Send the link that confirms an address, if it is still wanted."""
    now = timezone.now()
    request = confirmation_to_send(delivery_id)
    if request is not None:
        email = confirmation_email(request, now=now)
        deliver_email(account_id=request.account_id, dedup_key=request.dedup_key, email=email, now=now)


@app.task(name="notifications.send_code", retry=Patience(), priority=20)
def send_code(*, code_id: int) -> None:
    """Send the code that confirms a telephone, before other messages: somebody waits for it at a page."""
    now = timezone.now()
    request = code_to_send(code_id, now=now)
    if request is not None:
        sms = code_sms(request)
        key = f"code-{code_id}"
        deliver_sms(account_id=request.account_id, dedup_key=key, number=request.phone, sms=sms, now=now)


@app.task(name="notifications.send_notice", retry=Patience())
def send_notice(*, notice_id: int) -> None:
    """Tell an address of what was done in its space, then forget that address."""
    notice = notice_to_send(notice_id)
    if notice is not None:
        email, key = notice_email(notice), f"{NOTICES}{notice_id}"
        deliver_email(account_id=notice.account_id, dedup_key=key, email=email, to=notice.email, now=timezone.now())
        end_notice(notice_id=notice_id)


@app.periodic(cron="27 3 * * *")
@app.task(name="notifications.forget_notices", queueing_lock="forget_notices")
def forget_notices(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, the addresses that were not told in time."""
    forget_old_notices(now=timezone.now())


@app.periodic(cron="23 3 * * *")
@app.task(name="notifications.forget_codes", queueing_lock="forget_codes")
def forget_codes(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, the telephones that were asked for."""
    forget_old_codes(now=timezone.now())


@app.periodic(cron="28 3 * * *")
@app.task(name="notifications.forget_counts", queueing_lock="forget_counts")
def forget_counts(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, how many SMS left on days that no budget looks at any more."""
    forget_old_counts(now=timezone.now())


@app.periodic(cron="43 3 * * *")
@app.task(name="notifications.forget_deliveries", queueing_lock="forget_deliveries")
def forget_deliveries(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Forget, every night, the messages that were sent long enough ago."""
    while forget_old_deliveries(days=settings.DELIVERIES_KEPT_DAYS, now=timezone.now()):
        pass


@app.periodic(cron="* * * * * */15")
@app.task(name="notifications.take_back_jobs", queueing_lock="take_back_jobs", priority=100)
async def take_back_jobs(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Give the jobs of workers that died to those that live; every 15 seconds, before any other job."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER.total_seconds()):
        try:
            await app.job_manager.retry_job(job)
        except ConnectorException:
            # It ended, or another worker took it back, between our two statements.
            continue
        log.warning("job.taken_back", task=job.task_name, job=job.id)
