"""Change how many places a slot or a session has, also below what is sold: then somebody chooses what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from parloir.journal.operations import Act, record
from parloir.timetable import operations as of_timetable
from parloir.timetable.models import Slot
from parloir.visits.models import Allowance
from parloir.visits.operations.emptying import fit_slots, read_until_still
from parloir.visits.operations.places import Size, SoldMeanwhile, lapse_expired_holds, move_places
from parloir.visits.operations.refused import told_as_reasons
from parloir.visits.queries.closures import sold_slots_of_session
from parloir.visits.rules import AllowanceKind, CapacityChoice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from parloir.journal.operations import Actor


class CapacityRefused(Exception):
    """``excess`` places more are taken than would be left, and nobody has chosen what becomes of them."""

    def __init__(self, excess: int) -> None:
        super().__init__(f"{excess} places too many are taken")
        self.excess = excess


def change_capacity(
    *, slot_id: int, capacity: int, choice: CapacityChoice, reason: str = "", actor: Actor, now: datetime
) -> int:
    """Give one slot to come other places than its session has, and return how many visits were cancelled.

    It keeps them whatever the timetable says later. When more are taken: ``REFUSE`` changes nothing; ``KEEP``
    keeps everybody beyond capacity, with the reason; ``CANCEL_LATEST`` gives held places back, then offers,
    then ends the visits booked last. Added places go first to those who wait.

    :raises CapacityRefused: when more are taken and that was not accepted; nothing is changed.
    :raises Slot.DoesNotExist: when there is none, or it has begun.
    :raises ValueError: when there would be no place at all: that is a closure; or without a reason to keep more.
    :raises VisitRefused: when booking goes on too fast there; nothing is changed.
    """
    if capacity < 1:
        raise ValueError("a slot without places is closed, not changed")
    with told_as_reasons(), transaction.atomic():
        before = Slot.objects.get(pk=slot_id, starts_at__gt=now)
        detail: dict[str, str | int | None] = {"from": before.capacity, "to": capacity, "choice": choice}
        record(actor=actor, acts=[Act("slot.changed", "slot", slot_id, detail)], at=now)
        return _fit({slot_id: capacity}, choice=choice, reason=reason, by_hand=True, actor=actor, now=now)


def change_session(
    *,
    session_id: int,
    capacity: int,
    duration_minutes: int,
    choice: CapacityChoice,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> int:
    """Give a weekly session other places or another duration, and return how many visits were cancelled.

    Unsold slots follow wholly; sold ones keep their hours, which families know, and get the new number of
    places as ``choice`` says for each (see :func:`change_capacity`).

    :raises CapacityRefused: when more are taken in some and that was not accepted; nothing is changed.
    :raises Session.DoesNotExist: when there is no such session.
    :raises ValueError: when there would be no place at all, or without a reason to keep more.
    :raises VisitRefused: when booking goes on too fast there; nothing is changed.
    """
    if capacity < 1:
        raise ValueError("a session without places is withdrawn, not changed")
    with told_as_reasons(), transaction.atomic():
        sold = sold_slots_of_session(session_id=session_id, now=now)
        capacities = dict.fromkeys(sold, capacity)
        ended = _fit(capacities, choice=choice, reason=reason, by_hand=False, actor=actor, now=now)
        of_timetable.change_session(
            session_id=session_id, capacity=capacity, duration_minutes=duration_minutes, actor=actor, now=now
        )
    return ended


def _fit(
    capacities: Mapping[int, int],
    *,
    choice: CapacityChoice,
    reason: str,
    by_hand: bool,
    actor: Actor,
    now: datetime,
) -> int:
    if choice is CapacityChoice.CANCEL_LATEST:
        return fit_slots(capacities, by_hand=by_hand, actor=actor, now=now)
    beyond = read_until_still(lambda: _resize(capacities, choice=choice, by_hand=by_hand, now=now))
    if beyond:
        _allow(beyond, reason=reason, actor=actor, now=now)
    return 0


def _resize(capacities: Mapping[int, int], *, choice: CapacityChoice, by_hand: bool, now: datetime) -> dict[int, int]:
    """Resize slots with everybody in them, and return how many are beyond capacity in each where any is.

    :raises CapacityRefused: when some are and may not be.
    :raises SoldMeanwhile: when a slot has been taken out of the timetable since it was read.
    """
    beyond: dict[int, int] = {}
    for slot_id, capacity in sorted(capacities.items()):
        lapse_expired_holds(slot_id=slot_id, now=now)
        taken = Slot.objects.filter(pk=slot_id).values_list("taken", flat=True).first()
        if taken is None:
            raise SoldMeanwhile
        if taken > capacity:
            beyond[slot_id] = taken - capacity
        if taken <= capacity or choice is not CapacityChoice.REFUSE:
            move_places(resize={slot_id: Size(capacity=capacity, taken=taken, by_hand=by_hand)}, now=now)
    if beyond and choice is CapacityChoice.REFUSE:
        raise CapacityRefused(sum(beyond.values()))
    return beyond


def _allow(beyond: Mapping[int, int], *, reason: str, actor: Actor, now: datetime) -> None:
    """Keep the exception with its reason and author, counted and visible.

    :raises ValueError: without a reason.
    """
    if not reason:
        raise ValueError("an exception says why")
    Allowance.objects.bulk_create(
        Allowance(
            kind=AllowanceKind.OVERBOOKING,
            slot_id=slot_id,
            places=places,
            reason=reason,
            author_kind=actor.kind,
            author_id=actor.id,
            at=now,
        )
        for slot_id, places in sorted(beyond.items())
    )
    acts = [Act("slot.overbooked", "slot", slot_id, {"places": places}) for slot_id, places in sorted(beyond.items())]
    record(actor=actor, acts=acts, at=now)
