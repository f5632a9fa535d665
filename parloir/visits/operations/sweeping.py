"""Give back, by and by, the places whose time is over, and forget drafts that nobody finishes."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from django.db import transaction

from parloir.foundation.one_by_one import one_by_one
from parloir.visits.models import Draft, Hold
from parloir.visits.operations.holding import forget_drafts
from parloir.visits.operations.places import lapse_expired_holds
from parloir.visits.rules import DRAFTS_KEPT_FOR

if TYPE_CHECKING:
    from datetime import datetime


def free_expired_holds(*, now: datetime) -> int:
    """Give back the places held past their time and return how many; each slot is a transaction of its own.

    What another writer has in hand this instant is left for the next time.

    :raises ExceptionGroup: when some could not be given back; the others are.
    """
    expired = Hold.objects.filter(held=True, expires_at__lte=now).order_by("slot_id").values_list("slot_id", flat=True)

    def free(slot_id: int) -> int:
        with transaction.atomic():
            return lapse_expired_holds(slot_id=slot_id, now=now)

    return one_by_one((slot_id for slot_id, _holds in groupby(list(expired[:_AT_ONCE]))), free)


_AT_ONCE = 1000


@transaction.atomic
def forget_old_drafts(*, now: datetime) -> int:
    """Forget the drafts that nobody has touched for a month, and return how many."""
    old = Draft.objects.select_for_update(skip_locked=True).filter(touched_at__lt=now - DRAFTS_KEPT_FOR).order_by("pk")
    ids = list(old.values_list("pk", flat=True)[:_AT_ONCE])
    forget_drafts(ids, now=now)
    return len(ids)
