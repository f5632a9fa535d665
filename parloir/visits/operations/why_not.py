"""Let a family have an agent read why they cannot book, by a short code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from parloir.journal.operations import Act, Actor, record
from parloir.visits.models import WhyNot
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.queries.facts import detainees_with_restrictions
from parloir.visits.queries.mine import detainee_of, slot_of
from parloir.visits.queries.why_not import Why, why_not
from parloir.visits.rules import (
    CODE_GOOD_FOR,
    CODES_COUNTED_FOR,
    CODES_PER_HOUR,
    Code,
    Refusal,
    as_code,
    new_code,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from parloir.people.models import Account, Detainee


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an agent reads: about whom, and every reason, causes included.

    The permits, with their numbers and visitors, are in ``why.people``; ``chosen`` are those who would come.
    """

    detainee: Detainee
    why: Why
    chosen: frozenset[int]
    asked_at: datetime


def give_why_not_code(
    *, account: Account, detainee_id: int, slot_id: int | None = None, permit_ids: Collection[int] = (), now: datetime
) -> WhyNot:
    """Give a code by which an agent of the prison, and no other, reads for ten minutes why a family cannot book.

    :raises VisitRefused: when the account was given as many within the hour as it may be.
    :raises ObjectDoesNotExist: when the detained person or the slot is not one this account may ask about.
    """
    with told_as_reasons(), transaction.atomic():
        detainee = detainee_of(account, detainee_id, now=now)
        slot = slot_of(detainee, slot_id, now=now) if slot_id is not None else None
        _wait_for_turn(account)
        lately = WhyNot.objects.filter(account=account, asked_at__gt=now - CODES_COUNTED_FOR).order_by("-asked_at")
        counted = list(lately.values_list("asked_at", flat=True)[:CODES_PER_HOUR])
        if len(counted) == CODES_PER_HOUR:
            again = counted[-1] + CODES_COUNTED_FOR
            raise VisitRefused([Refusal(Code.CODES_MAXIMUM, number=CODES_PER_HOUR, opens=again)])
        given = WhyNot.objects.create(
            code=new_code(),
            account=account,
            detainee=detainee,
            slot=slot,
            permit_ids=sorted(permit_ids),
            asked_at=now,
            expires_at=now + CODE_GOOD_FOR,
        )
        act = Act("why_not.given", "detainee", detainee.pk, about=_about(slot_id))
        record(actor=Actor("account", account.pk), acts=[act], at=now)
    return given


def explain_why_not(*, agent: Actor, code: str, establishment_ids: Collection[int], now: datetime) -> Explanation:
    """Return what a code stands for, judged anew, to an agent of one of these prisons.

    A code that is wrong, over, or another prison's fails in one same way: nobody learns that it exists. What
    was read, and what was tried in vain, is written in the journal.

    :raises VisitRefused: when there is nothing that this agent may read.
    """
    asked = (
        WhyNot.objects.select_related("account", "slot")
        .filter(code=as_code(code) or "", expires_at__gt=now, detainee__wing__establishment__in=establishment_ids)
        .first()
    )
    if asked is None:
        record(actor=agent, acts=[Act("why_not.refused", "why_not", None)], at=now)
        raise VisitRefused([Refusal(Code.NO_SUCH_CODE)])
    detainee = detainees_with_restrictions(since=now.date() - timedelta(days=1)).get(pk=asked.detainee_id)
    slot = asked.slot if asked.slot and asked.slot.wing_id == detainee.wing_id else None
    why = why_not(asked.account, detainee, slot=slot, permit_ids=asked.permit_ids, now=now)
    act = Act("why_not.read", "detainee", detainee.pk, about=_about(asked.slot_id))
    record(actor=agent, acts=[act], at=now)
    return Explanation(detainee=detainee, why=why, chosen=frozenset(asked.permit_ids), asked_at=asked.asked_at)


def forget_old_codes(*, now: datetime) -> int:
    """Forget the codes of more than an hour ago and return how many; until then they are counted, though over."""
    old = WhyNot.objects.filter(asked_at__lte=now - CODES_COUNTED_FOR)
    return old.delete()[0]


def _about(slot_id: int | None) -> dict[str, list[int]]:
    return {} if slot_id is None else {"slot": [slot_id]}


def _wait_for_turn(account: Account) -> None:
    """One request at a time for an account, so that no crowd of them passes between the count and its writing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"why-not-{account.pk}"])
