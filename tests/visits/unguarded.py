"""The guards of the engine, taken away one by one: what the negative controls of races put in their place."""

from __future__ import annotations

import time

from django.db.models import QuerySet

from parloir.timetable.models import Slot
from parloir.visits.models import Hold, Visit
from parloir.visits.operations import booking, reserving
from parloir.visits.queries.facts import detainees_with_restrictions, usage_around


def read_then_write(slot_id, move):
    """Count the places, think, then write: what the conditional update replaces."""
    slot = Slot.objects.get(pk=slot_id)
    if move.places > 0 and slot.taken + move.places > slot.capacity:
        return False
    time.sleep(0.2)
    Slot.objects.filter(pk=slot_id).update(taken=slot.taken + move.places)
    return True


def unlocked_detainee(detainee_id, *, now, of=None):
    return detainees_with_restrictions(since=now.date()).get(pk=detainee_id)


def slow_usage(*args, in_turn=False, **how):
    usage = usage_around(*args, **how)
    time.sleep(0.2)
    return usage


def unlocked_choice(account, detainee):
    holds = Hold.objects.select_related("draft", "slot").filter(draft__account=account, draft__detainee=detainee)
    return list(holds.order_by("slot__starts_at"))


def slow_announcement(visits, *, party, now):
    time.sleep(0.5)
    booking.announce_booking(visits, party=party, now=now)


def unlocked_visit(visit_id, *, party):
    visit = Visit.objects.select_related("slot__wing__policy").get(pk=visit_id)
    time.sleep(0.5)
    return visit


def waited_for_without_lock(slot_id, *, freed, now):
    """Count what is waited for without locking the slot, and think before it is used."""
    locking, reserving._WAITED_FOR = (
        reserving._WAITED_FOR,
        reserving._WAITED_FOR.replace("FOR NO KEY UPDATE OF here", ""),
    )
    try:
        return _waited_for(slot_id, freed=freed, now=now)
    finally:
        reserving._WAITED_FOR = locking
        time.sleep(0.5)


_waited_for = reserving._waited_for


def unlocked(model):
    """Return a ``select_for_update`` that no longer locks the rows of one model."""
    lock = QuerySet.select_for_update
    return lambda rows, *how, **more: rows.all() if rows.model is model else lock(rows, *how, **more)
