"""Forget what families wished of slots that are past: waits, offers, places held, codes that explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from parloir.journal.operations import forget_links
from parloir.visits.models import Hold, Offer, OpeningAlert, WaitingEntry, WhyNot
from parloir.visits.rules import LIVE_OFFERS, first_day_kept

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_AT_ONCE = 500


@transaction.atomic
def forget_old_waits(*, now: datetime) -> int:
    """Forget a batch of the waits and offers that ended as long ago as visits are kept; return how many.

    An offer is kept as long as its slot: a place that a family let go is not offered to it again. A wait is kept as
    long as one of its offers.
    """
    first = first_day_kept(now=now, days=settings.VISITS_KEPT_DAYS)
    offers = Offer.objects.exclude(state__in=LIVE_OFFERS).filter(slot__local_date__lt=first).order_by("pk")
    slots = set(offers.values_list("slot_id", flat=True)[:_AT_ONCE])
    forget_what_was_wished_of(slots)
    over = WaitingEntry.objects.filter(ended_at__date__lt=first, offers__isnull=True).order_by("pk")
    waits = list(over.values_list("pk", flat=True)[:_AT_ONCE])
    forget_links({"wait": waits})
    WaitingEntry.objects.filter(pk__in=waits).delete()
    told = OpeningAlert.objects.filter(told_at__isnull=False, day__lt=first)
    alerts = list(told.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    OpeningAlert.objects.filter(pk__in=alerts).delete()
    return len(slots) + len(waits) + len(alerts)


def forget_what_was_wished_of(slot_ids: Collection[int]) -> None:
    """Forget who was offered, chose or asked about slots that are past, in the caller's transaction.

    What still counts in a slot's counter is left to those who give it back.
    """
    offers = Offer.objects.filter(slot__in=slot_ids).exclude(state__in=LIVE_OFFERS)
    forget_links({"slot": slot_ids, "offer": list(offers.values_list("pk", flat=True))})
    offers.delete()
    Hold.objects.filter(slot__in=slot_ids, held=False).delete()
    WhyNot.objects.filter(slot__in=slot_ids).delete()
