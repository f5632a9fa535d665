"""Erase an account at its owner's wish, in two steps.

At once: visits to come are cancelled and everybody concerned told, drafts, waits and registrations go, sessions
are closed and the civil status is forgotten. A day later, when the last messages have left: address, traces of
messages and the account itself. The jobs name visits only, so none holds anything of a person.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from parloir.foundation.one_by_one import one_by_one
from parloir.journal.operations import Actor
from parloir.notifications.operations import forget_person, give_notice
from parloir.notifications.rules import NoticeKind
from parloir.people.models import Account
from parloir.people.operations import end_erasure, erase_civil_status
from parloir.permits.operations import remove_every_registration
from parloir.permits.queries import is_barred_from_any
from parloir.visits.models import Draft, OpeningAlert, Visit, WaitingEntry, WhyNot
from parloir.visits.operations.cancelling import drafts_replacing, visits_in_turn, write_end
from parloir.visits.operations.holding import forget_and_return_places
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.refused import VisitRefused, told_as_reasons
from parloir.visits.operations.waits import end_waits
from parloir.visits.rules import (
    CancelledBy,
    OfferState,
    VisitStatus,
    WaitEnd,
    reasons_to_refuse_cancelling,
    visit_is_given_back,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

FORGOTTEN_AFTER = timedelta(days=1)
"""How long the address outlives the rest: the time its last messages need, even through an outage."""

_AT_ONCE = 200

NOBODYS_KEY = Concat(Value("nobody-"), Cast(F("pk"), CharField()))
"""The key of a visit that has lost its booker: unique among those, whatever two browsers once drew."""


def erase_account(*, account: Account, now: datetime) -> None:
    """Erase an account: its visits to come are cancelled and everybody concerned is told.

    Visits that somebody else booked and that its own permit attends stay: they are not its to cancel.

    :raises VisitRefused: while a visit it booked is under way; nothing is changed.
    """
    with told_as_reasons(), transaction.atomic():
        visits = list(visits_in_turn().filter(booker=account))
        _check_none_is_under_way(visits, now=now)
        places = _let_go(account, visits, now=now)
        _detach([visit for visit in visits if visit.slot.ends_at <= now])
        remove_every_registration(account=account, now=now)
        OpeningAlert.objects.filter(account=account).delete()
        WhyNot.objects.filter(account=account).delete()
        give_notice(account_id=account.pk, kind=NoticeKind.SPACE_ERASED, now=now)
        erase_civil_status(account=account, now=now)
        move_places(free=places, now=now)


def forget_erased_accounts(*, now: datetime) -> int:
    """End the erasures begun a day ago or longer, each in a transaction of its own; return how many ended.

    :raises ExceptionGroup: when some could not be ended; the others are.
    """
    erased = Account.objects.filter(erased_at__lte=now - FORGOTTEN_AFTER).order_by("erased_at", "pk")
    ids = list(erased.values_list("pk", flat=True)[:_AT_ONCE])
    return one_by_one(ids, lambda account_id: _forget(account_id, now=now))


@transaction.atomic
def _forget(account_id: int, *, now: datetime) -> bool:
    """Forget one; False when something slipped in while it was erased, which is let go of and told first."""
    locked = Account.objects.select_for_update(no_key=True, skip_locked=True)
    account = locked.filter(pk=account_id, erased_at__isnull=False).first()
    if account is None:
        return False
    visits = list(visits_in_turn().filter(booker=account))
    places = _let_go(account, visits, now=now)
    is_free = not places and not Draft.objects.filter(account=account).exists()
    if is_free:
        _detach(visits)
        forget_person(account_id=account_id)
        end_erasure(account_id=account_id, keep_mark=is_barred_from_any(account_id), now=now)
    else:
        Account.objects.filter(pk=account_id).update(erased_at=now)
    move_places(free=places, now=now)
    return is_free


def _check_none_is_under_way(visits: Iterable[Visit], *, now: datetime) -> None:
    """Refuse while somebody is inside.

    :raises VisitRefused: when a visit has begun and is not over.
    """
    for visit in visits:
        starts_at, is_booked = visit.slot.starts_at, visit.status == VisitStatus.BOOKED
        if is_booked and starts_at <= now < visit.slot.ends_at:
            raise VisitRefused(reasons_to_refuse_cancelling(starts_at=starts_at, now=now, is_booked=True))


def _let_go(account: Account, visits: Iterable[Visit], *, now: datetime) -> list[Place]:
    """Cancel what is to come of these locked visits, and end drafts and waits; returns the places to give back."""
    actor = Actor("account", account.pk)
    to_come = [visit for visit in visits if visit.status == VisitStatus.BOOKED and visit.slot.starts_at > now]
    drafts = {*Draft.objects.filter(account=account).values_list("pk", flat=True), *drafts_replacing(to_come)}
    places = forget_and_return_places(drafts)
    waits = WaitingEntry.objects.select_for_update(no_key=True).filter(account=account, ended_at__isnull=True)
    causes_of_waits = dict.fromkeys(waits.order_by("pk").values_list("pk", flat=True), WaitEnd.LEFT)
    places += end_waits(causes_of_waits, offers=OfferState.DECLINED, actor=actor, now=now)
    WaitingEntry.objects.filter(account=account).delete()
    # Written later on, locked here: an account comes before what waits about its visits.
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if to_come:
        spent = [visit for visit in to_come if not _is_given_back(visit, now)]
        causes = dict.fromkeys(to_come, "")
        places += write_end(causes, by=CancelledBy.FAMILY, give_back=True, spent=spent, actor=actor, now=now)
    return places


def _is_given_back(visit: Visit, now: datetime) -> bool:
    policy = visit.slot.wing.policy.as_rules()
    return visit_is_given_back(starts_at=visit.slot.starts_at, policy=policy, now=now)


def _detach(visits: Iterable[Visit]) -> None:
    """Leave these locked visits without a booker."""
    ids = [visit.pk for visit in visits]
    Visit.objects.filter(pk__in=ids).update(booker=None, idempotency_key=NOBODYS_KEY, change_key="")
