"""Ask for help with a permit that could not be registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from parloir.journal.operations import Act, Actor, record

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import Account


@transaction.atomic
def ask_for_help(*, account: Account, establishment_id: int, now: datetime) -> None:
    """Note that a person needs help, and with which prison; nothing is looked up, so nothing can be learnt."""
    act = Act("permit.help_asked", "establishment", establishment_id)
    record(actor=Actor("account", account.pk), acts=[act], at=now)
