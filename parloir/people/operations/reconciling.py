"""Note what a person says of another space that seems to be theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.journal.operations import Act, Actor, record
from parloir.people.models import Account
from parloir.people.rules import Reconciliation

if TYPE_CHECKING:
    from datetime import datetime


def answer_reconciliation(*, account_id: int, answer: Reconciliation, now: datetime) -> bool:
    """Note the answer, in the caller's transaction; False when it changes nothing.

    Whoever was never asked, or said no, can ask by themselves; declining answers a question alone.
    """
    may = [Reconciliation.PROPOSED]
    if answer is Reconciliation.ASKED:
        may += [Reconciliation.NONE, Reconciliation.DECLINED]
    if not Account.objects.filter(pk=account_id, reconciliation__in=may).update(reconciliation=answer):
        return False
    act = Act(f"reconciliation.{answer}", "account", account_id)
    record(actor=Actor("account", account_id), acts=[act], at=now)
    return True
