"""Which reminders of a visit are planned for an account, when they leave and where they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.notifications.queries import reached_by, when_sent
from parloir.notifications.rules import Channel
from parloir.visits.models import Visit
from parloir.visits.rules import VisitStatus, reminder_leaves_at

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.notifications.rules import Address
    from parloir.people.models import Account


@dataclass(frozen=True, slots=True)
class Reminders:
    """The reminders of one visit, as the account that reads may have them.

    :ivar leave_at: when they leave; None when none does any more: the visit was booked after that, or is not sure.
    :ivar address: where the account is written to.
    :ivar by_email: whether a reminder goes there; not when it was switched off or there is no address.
    :ivar number: the telephone (E.164) that an SMS goes to; empty when there is none.
    :ivar noted: an SMS is wanted, and leaves as soon as there is a telephone to send it to.
    :ivar for_all: SMS were agreed to for every appointment: the preferences say so, not this visit.
    :ivar may_choose: whether the account may still have an SMS about this visit, or have it no more.
    :ivar sent: the instants at which those that have left did, by channel.
    """

    leave_at: datetime | None
    address: Address
    by_email: bool
    number: str
    noted: bool
    for_all: bool
    may_choose: bool
    sent: dict[str, datetime]


def reminders_of(visit: Visit, account: Account, *, hour: int, now: datetime) -> Reminders | None:
    """Return the reminders of a visit loaded with its slot, wing and prison; None for one that is not to come.

    ``hour`` is that of the prison's clock at which they leave. A visit that the prison is still to confirm has none.
    """
    if visit.status != VisitStatus.BOOKED or now >= visit.slot.starts_at:
        return None
    leave_at = _leave_at(visit, hour)
    is_due = visit.booked_at < leave_at and not getattr(visit, "confirm_by", None)
    address, choices = reached_by(account.pk)
    wanted_since = sms_wanted_since(visit) if visit.booker_id == account.pk else None
    number = choices.number_for(agreed_at=wanted_since)
    keys = reminder_keys(visit_id=visit.pk, slot_id=visit.slot_id, account_id=account.pk)
    sent = when_sent(keys.values()) if is_due and now >= leave_at else {}
    return Reminders(
        leave_at=leave_at if is_due else None,
        address=address,
        by_email=address.is_known and choices.email_reminder,
        number=number,
        noted=not choices.phone and choices.would_text(agreed_at=wanted_since),
        for_all=choices.sms_since is not None,
        may_choose=visit.booker_id == account.pk and is_due and now < leave_at and choices.sms_since is None,
        sent={str(channel): sent[key] for channel, key in keys.items() if key in sent},
    )


def reminder_keys(*, visit_id: int, slot_id: int, account_id: int) -> dict[Channel, str]:
    """Return the keys by which the reminders of a visit, at an hour, are sent to somebody once each."""
    key = f"visit-{visit_id}-reminder-{slot_id}-{account_id}"
    return {Channel.EMAIL: key, Channel.SMS: f"{key}-sms"}


def sms_wanted_since(visit: Visit) -> datetime | None:
    """Return when the booker agreed to an SMS about a visit; None when they do not want one."""
    return (visit.sms_agreed_at or visit.booked_at) if visit.sms_reminder else None


def wishes_noted(account: Account, *, now: datetime) -> list[Visit]:
    """Return the visits to come, the soonest first, of which an SMS is wanted that lacks a telephone alone."""
    _, choices = reached_by(account.pk)
    if choices.phone:
        return []
    wanted = Visit.objects.filter(
        booker=account, status=VisitStatus.BOOKED, sms_reminder=True, slot__starts_at__gt=now
    ).select_related("slot__wing__establishment")
    return [
        visit
        for visit in wanted.order_by("slot__starts_at", "pk")[:_AT_MOST]
        if choices.would_text(agreed_at=sms_wanted_since(visit))
    ]


_AT_MOST = 10


def _leave_at(visit: Visit, hour: int) -> datetime:
    zone = visit.slot.wing.establishment.zone
    return reminder_leaves_at(
        visit.pk, starts_at=visit.slot.starts_at, local_date=visit.local_date, hour=hour, zone=zone
    )
