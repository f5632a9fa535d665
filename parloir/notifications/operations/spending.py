"""What SMS cost: how many a day in all, and to each country abroad."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import connection

from parloir.notifications.models import SmsCount
from parloir.notifications.numbers import FRENCH, country_of

if TYPE_CHECKING:
    from datetime import date

log = structlog.get_logger("parloir.notifications")

ALL = ""
"""The count of a day for all countries together."""

_WARNED_AT = 0.8
_KEPT_FOR = timedelta(days=90)


def spent_until(*, number: str, now: datetime) -> datetime | None:
    """Return when SMS can be sent to the country of a number again; None when they can now. Days are those of UTC.

    Several workers can pass together at the last one: a day's budget may be exceeded by as many as there are.
    """
    counted = SmsCount.objects.filter(day=_day(now)).values_list("country", "sent")
    sent = dict(counted.filter(country__in=_budgets(number)))
    if all(sent.get(country, 0) < budget for country, budget in _budgets(number).items()):
        return None
    return datetime.combine(_day(now) + timedelta(days=1), time(), tzinfo=UTC)


def count_sms(*, number: str, now: datetime) -> None:
    """Count an SMS that a provider has taken; a budget that is nearly or wholly spent is told to whoever watches."""
    for country, budget in _budgets(number).items():
        sent = _count(_day(now), country)
        if sent == budget:
            log.error("sms.budget_spent", country=country or "all", sent=sent)
        elif sent == int(budget * _WARNED_AT):
            log.warning("sms.budget_nearly_spent", country=country or "all", sent=sent)


def forget_old_counts(*, now: datetime) -> int:
    """Delete the counts of long ago, and return how many."""
    return SmsCount.objects.filter(day__lt=_day(now) - _KEPT_FOR).delete()[0]


def _budgets(number: str) -> dict[str, int]:
    """Return what counts an SMS to a number, and up to how many: at home only the day's whole does."""
    country = country_of(number)
    abroad = {} if country in FRENCH else {country: settings.SMS_COUNTRY_BUDGET}
    return {ALL: settings.SMS_DAILY_BUDGET, **abroad}


def _count(day: date, country: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [day, country])
        return int(cursor.fetchone()[0])


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


_COUNT = """
INSERT INTO notifications_smscount AS known (day, country, sent) VALUES (%s::date, %s::text, 1)
ON CONFLICT (day, country) DO UPDATE SET sent = known.sent + 1 RETURNING sent
"""
