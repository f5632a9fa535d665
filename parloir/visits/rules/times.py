"""Weeks and windows of booking, in the prison's own time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from parloir.establishments.rules import Policy


def monday_of(day: date) -> date:
    """Return the Monday of a day's week: weeks run from Monday to Sunday, local to the prison."""
    return day - timedelta(days=day.weekday())


def opens_at(*, local_date: date, policy: Policy, zone: ZoneInfo, channel: Channel = Channel.ONLINE) -> datetime:
    """Return the instant (UTC) at which the slots of a local day are opened on a channel."""
    days = policy.opens_days_before_on(channel)
    local = datetime.combine(local_date - timedelta(days=days), policy.opens_at, tzinfo=zone)
    return local.astimezone(UTC)


def closes_at(*, starts_at: datetime, policy: Policy, channel: Channel) -> datetime:
    """Return the instant (UTC) at which booking closes: elapsed hours, whatever the clocks do that night."""
    return starts_at.astimezone(UTC) - timedelta(hours=policy.closes_hours_before(channel))


def visit_is_given_back(*, starts_at: datetime, policy: Policy, now: datetime) -> bool:
    """Tell whether a limited permit gets its visit back when a family cancels now: elapsed hours, here too."""
    return starts_at.astimezone(UTC) - now >= timedelta(hours=policy.refund_hours_before)


def first_day_kept(*, now: datetime, days: int) -> date:
    """Return the earliest day whose visits are still kept and shown, ``days`` after their date.

    Judged where a day ends last on Earth: no prison's families lose a day by the clock of another.
    """
    return now.astimezone(timezone(timedelta(hours=-12))).date() - timedelta(days=days)
