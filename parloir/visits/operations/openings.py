"""Tell everybody who asked, together, that the slots of a day are open: nobody comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from procrastinate.contrib.django import app

from parloir.establishments.rules import VisitKind
from parloir.notifications.nights import is_night
from parloir.people.models import Detainee
from parloir.timetable.models import Slot
from parloir.visits.models import OpeningAlert
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.queries.calendar import reasons_against_opening
from parloir.visits.queries.mine import detainee_of, permits_named
from parloir.visits.queries.waiting import next_day_to_open
from parloir.visits.rules import Code, Refusal, opens_at

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import Account

_AT_ONCE = 2000
_ZONE = "detainee__wing__establishment__time_zone"


@transaction.atomic
def ask_to_be_told_of_opening(*, account: Account, detainee_id: int, now: datetime) -> OpeningAlert:
    """Note that a family wants to be told when the next slots of a detained person open; asked twice, it is one.

    :raises Detainee.DoesNotExist: when the account has no permit registered for them.
    :raises VisitRefused: when nothing is known to open, or may not be known yet, or opens for others alone.
    """
    detainee = detainee_of(account, detainee_id, now=now)
    opening = next_day_to_open(detainee, now=now) if detainee.is_disclosed(now=now) else None
    if opening is None:
        raise VisitRefused([Refusal(Code.NO_SUCH_SLOT)])
    day, at = opening
    against = reasons_against_opening(detainee, permits_named(account, detainee), day, now=now)
    if against:
        raise VisitRefused(against)
    return OpeningAlert.objects.get_or_create(
        account=account, detainee=detainee, day=day, defaults={"asked_at": now, "opens_at": at}
    )[0]


@transaction.atomic
def tell_openings(*, now: datetime) -> int:
    """Have told, once and together, all whose day has opened, in the morning if it opened at night; return how many.

    Each is looked at anew: one whose day opens later by now is kept, one whose day means nothing any more
    is closed in silence.
    """
    due = OpeningAlert.objects.filter(told_at__isnull=True, opens_at__lte=now).order_by("pk")
    zones = set(due.order_by().values_list(_ZONE, flat=True).distinct())
    due = due.exclude(**{f"{_ZONE}__in": [zone for zone in zones if is_night(now, ZoneInfo(zone))]})
    alerts = list(
        due.select_related("account", "detainee__wing__policy", "detainee__wing__establishment").select_for_update(
            of=("self",), skip_locked=True
        )[:_AT_ONCE]
    )
    told = []
    for alert in alerts:
        wing = alert.detainee.wing
        alert.opens_at = opens_at(local_date=alert.day, policy=wing.policy.as_rules(), zone=wing.establishment.zone)
        if alert.opens_at <= now:
            alert.told_at = now
            told += [alert.pk] if _is_worth_telling(alert, now=now) else []
    OpeningAlert.objects.bulk_update(alerts, ["opens_at", "told_at"])
    for alert_id in told:
        app.configure_task("visits.tell_opening").defer(alert_id=alert_id)
    return len(told)


def _is_worth_telling(alert: OpeningAlert, *, now: datetime) -> bool:
    """Whether somebody of the family may come that day, and something can be booked."""
    try:
        detainee = detainee_of(alert.account, alert.detainee_id, now=now)
    except Detainee.DoesNotExist:
        return False
    if reasons_against_opening(detainee, permits_named(alert.account, detainee), alert.day, now=now):
        return False
    slots = Slot.objects.filter(
        wing=detainee.wing_id, kind=VisitKind.ORDINARY, capacity__gt=0, local_date=alert.day, starts_at__gt=now
    )
    return slots.exists()
