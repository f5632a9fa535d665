"""How far away a visit is, in words."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)


def countdown(starts_at: datetime, *, zone: ZoneInfo, now: datetime) -> str:
    """Say how long until a visit: days are those of the prison's calendar, hours and minutes have elapsed."""
    days = (starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    left = starts_at.astimezone(UTC) - now.astimezone(UTC)
    if left <= timedelta(0):
        return _("C’est maintenant")
    if days > 1:
        return ngettext("Dans %(number)d jour", "Dans %(number)d jours", days) % {"number": days}
    if days == 1:
        return _("Demain")
    if left >= _HOUR:
        hours = left // _HOUR
        return ngettext("Aujourd’hui, dans %(number)d heure", "Aujourd’hui, dans %(number)d heures", hours) % {
            "number": hours
        }
    minutes = max(1, left // timedelta(minutes=1))
    return ngettext("Aujourd’hui, dans %(number)d minute", "Aujourd’hui, dans %(number)d minutes", minutes) % {
        "number": minutes
    }
