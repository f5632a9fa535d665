"""Keep an account from a permit: the mark that stays when a registration is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from parloir.journal.operations import Act, record
from parloir.permits.models import Barred, Registration

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.journal.operations import Actor


@transaction.atomic
def bar_account(*, actor: Actor, account_id: int, visitor_id: int, now: datetime) -> None:
    """Take a person's permits out of an account for good: neither these nor those to come can be registered there.

    :param actor: that person, or a member of staff.
    """
    one_at_a_time(account_id=account_id, visitor_id=visitor_id)
    Barred.objects.get_or_create(account_id=account_id, visitor_id=visitor_id, defaults={"at": now})
    taken = Registration.objects.filter(account_id=account_id, permit__visitor=visitor_id)
    permits = sorted(taken.values_list("permit_id", flat=True))
    taken.delete()
    act = Act("permit.account_barred", "visitor", visitor_id, about={"account": [account_id], "permit": permits})
    record(actor=actor, acts=[act], at=now)


def one_at_a_time(*, account_id: int, visitor_id: int) -> None:
    """Order what is done to the permits of one person in one account, until the transaction ends.

    Without it a registration under way would survive the bar put up beside it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"registration-{account_id}-{visitor_id}"]
        )
