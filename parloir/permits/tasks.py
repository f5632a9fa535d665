"""Tell the accounts that registered a permit what became of it, and its holder that somebody else registered it.

Each try looks at the permit anew: what is no longer so is not told.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from parloir.notifications.nights import leaves_at
from parloir.notifications.operations import TryLater, deliver, deliver_email
from parloir.notifications.rules import NotYet
from parloir.notifications.tasks import Patience
from parloir.permits.messages import news_email, news_sms, registered_elsewhere_email
from parloir.permits.operations import warn_of_endings
from parloir.permits.queries import (
    changed_permit,
    ending_permit,
    holders_to_tell,
    registered_permit,
    zone_of_registration,
)
from parloir.permits.rules import News, PermitStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parloir.permits.queries import PermitToTell

_STATUS = {
    News.SUSPENDED: PermitStatus.SUSPENDED,
    News.WITHDRAWN: PermitStatus.WITHDRAWN,
    News.RESTORED: PermitStatus.ACTIVE,
}


@app.task(name="permits.tell_holder", retry=Patience())
def tell_holder(*, registration_id: int) -> None:
    """Write to the holder's accounts; nothing is sent once the permit was taken out again.

    :raises TryLater: when one could not be told yet; those who were are not told again.
    """
    now = timezone.now()
    later: TryLater | None = None
    for holder, since in holders_to_tell(registration_id):
        try:
            deliver_email(
                account_id=holder.pk,
                dedup_key=f"registration-{registration_id}-{holder.pk}",
                email=registered_elsewhere_email(holder, now=now, since=since),
                now=now,
            )
        except TryLater as error:
            later = error
    if later is not None:
        raise later


@app.task(name="permits.tell_registered", retry=Patience())
def tell_registered(*, registration_id: int) -> None:
    """Tell an account that a permit is in its space, unless it was taken out again."""
    found = registered_permit(registration_id)
    _tell([found] if found else [], News.REGISTERED, key=f"permit-registered-{registration_id}")


@app.task(name="permits.tell_ending", retry=Patience())
def tell_ending(*, registration_id: int, until: str) -> None:
    """Tell an account that a permit of its space ends on a day, if it still does.

    :raises NotYet: at night: in the morning.
    """
    now = timezone.now()
    found = ending_permit(registration_id, until=date.fromisoformat(until), now=now)
    at = leaves_at(registration_id, now=now, zone=zone_of_registration(registration_id, now=now))
    if found is not None and at is not None:
        raise NotYet(at)
    _tell([found] if found else [], News.ENDING, key=f"permit-ending-{registration_id}-{until}")


@app.task(name="permits.tell_changed", retry=Patience())
def tell_changed(*, permit_id: int, news: str, suspended_until: str | None, line_at: str, since: str) -> None:
    """Tell each account what the register changed of a permit, unless the register has changed it again since."""
    told, until = News(news), date.fromisoformat(suspended_until) if suspended_until else None
    found = changed_permit(permit_id, status=_STATUS[told], suspended_until=until, since=datetime.fromisoformat(since))
    line = int(datetime.fromisoformat(line_at).timestamp() * 1000)
    _tell(found, told, key=f"permit-{told}-{permit_id}-{line}")


@app.periodic(cron="40 8 * * *")
@app.task(name="permits.warn_of_endings", queueing_lock="permits.warn_of_endings")
def warn(timestamp: int) -> None:  # noqa: ARG001 - the library names the tick
    """Have told, once a day, the accounts whose permits end soon; where it is night then, in the morning."""
    while warn_of_endings(days=settings.PERMIT_WARNING_DAYS, now=timezone.now()):
        pass


def _tell(found: Sequence[PermitToTell], news: News, *, key: str) -> None:
    """Write to each account, by SMS where e-mails do not arrive; one full mailbox does not hold up the others.

    :raises TryLater: when one could not be told yet; those who were are not told again.
    """
    now = timezone.now()
    later: TryLater | None = None
    for to in found:
        email, sms = news_email(to, news, now=now), news_sms(to, news)
        try:
            deliver(account_id=to.account_id, dedup_key=f"{key}-{to.account_id}", email=email, sms=sms, now=now)
        except TryLater as error:
            later = error
    if later is not None:
        raise later
