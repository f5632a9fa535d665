"""What a message to a family that waits may say, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from parloir.notifications.queries import address_of
from parloir.visits.models import Offer, OpeningAlert, WaitingEntry
from parloir.visits.rules import OfferState, WaitEnd, opening_told_at

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from parloir.notifications.rules import Address

_OPENING_USEFUL_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class OfferToTell:
    """A place kept for a family, and where to write to it."""

    offer_id: int
    account_id: int
    language: str
    address: Address
    starts_at: datetime
    expires_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class OpeningToTell:
    """A day that has opened, and where to write to a family that asked."""

    account_id: int
    language: str
    address: Address
    detainee_id: int
    day: date
    useful_until: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class WaitOver:
    """A wait that ended by itself, and where to write to its family; ``no_day``: none of its days could serve."""

    account_id: int
    language: str
    address: Address
    useful_until: datetime
    zone: ZoneInfo
    no_day: bool = False


def offer_to_tell(offer_id: int) -> OfferToTell | None:
    """Return an offer that its family can still accept; None when it is over."""
    offers = Offer.objects.select_related("entry__account", "slot__wing__establishment")
    offer = offers.filter(pk=offer_id, state=OfferState.OPEN).first()
    if offer is None or offer.entry is None:
        return None
    account = offer.entry.account
    return OfferToTell(
        offer_id=offer.pk,
        account_id=account.pk,
        language=account.language,
        address=address_of(account.pk),
        starts_at=offer.slot.starts_at,
        expires_at=offer.expires_at,
        zone=offer.slot.wing.establishment.zone,
    )


def opening_to_tell(alert_id: int) -> OpeningToTell | None:
    """Return an opening to be told; None when the family no longer asks for it."""
    alerts = OpeningAlert.objects.select_related("account", "detainee__wing__establishment")
    alert = alerts.filter(pk=alert_id, told_at__isnull=False).first()
    if alert is None:
        return None
    zone = alert.detainee.wing.establishment.zone
    return OpeningToTell(
        account_id=alert.account_id,
        language=alert.account.language,
        address=address_of(alert.account_id),
        detainee_id=alert.detainee_id,
        day=alert.day,
        useful_until=opening_told_at(alert.opens_at, zone) + _OPENING_USEFUL_FOR,
        zone=zone,
    )


def wait_over(entry_id: int) -> WaitOver | None:
    """Return a wait that ended by itself; None when its family waits again for the same person."""
    entries = WaitingEntry.objects.select_related("account", "wing__establishment")
    ended = entries.filter(pk=entry_id, end_cause__in=_BY_ITSELF).first()
    if ended is None or ended.ended_at is None:
        return None
    again = WaitingEntry.objects.filter(account=ended.account_id, detainee=ended.detainee_id, ended_at__isnull=True)
    if again.exists():
        return None
    return WaitOver(
        account_id=ended.account_id,
        language=ended.account.language,
        address=address_of(ended.account_id),
        useful_until=ended.ended_at + _END_USEFUL_FOR,
        zone=ended.wing.establishment.zone,
        no_day=ended.end_cause == WaitEnd.NO_DAY,
    )


_BY_ITSELF = (WaitEnd.OVER, WaitEnd.GONE, WaitEnd.NO_DAY)
_END_USEFUL_FOR = timedelta(days=7)
