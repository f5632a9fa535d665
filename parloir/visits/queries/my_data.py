"""All that is kept about an account, for its owner to see and take along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import FETCH_RAISE

from parloir.journal.queries import lines_of_account
from parloir.notifications.queries import address_of
from parloir.people.queries import sign_ins_of
from parloir.permits.queries.cards import cards_of, elsewhere_cards
from parloir.visits.queries.drafts import drafts_of
from parloir.visits.queries.kept import kept_about
from parloir.visits.queries.mine import past_visits_of, upcoming_visits_of
from parloir.visits.queries.waiting import entries_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from parloir.journal.models import Entry
    from parloir.notifications.rules import Address
    from parloir.people.models import Account, SignIn
    from parloir.permits.queries.cards import ElsewhereCard, PermitCard
    from parloir.visits.models import Visit, WaitingEntry
    from parloir.visits.queries.drafts import DraftChoice
    from parloir.visits.queries.kept import Kept

AT_MOST = 500
"""How many rows of one kind are given: far beyond what one person has, and no more than a page can bear."""

_JOURNAL_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class MyData:
    """What is kept about an account, kind by kind; the latest first but for what is to come."""

    account: Account
    address: Address
    permits: Sequence[PermitCard]
    elsewhere: Sequence[ElsewhereCard]
    upcoming: Sequence[Visit]
    past: Sequence[Visit]
    waits: Sequence[WaitingEntry]
    drafts: Sequence[DraftChoice]
    sign_ins: Sequence[SignIn]
    journal: Sequence[Entry]
    kept: Sequence[Kept]


def my_data(account: Account, *, now: datetime, at_most: int = AT_MOST) -> MyData:
    """Return what is kept about an account, of each kind ``at_most`` rows."""
    # An account that was erased and begun anew starts here: what was before it is nobody's.
    since = max(account.created_at, now - _JOURNAL_KEPT)
    waiting = entries_of(account)
    return MyData(
        account=account,
        address=address_of(account.pk),
        permits=cards_of(account, now=now)[:at_most],
        elsewhere=elsewhere_cards(account, now=now)[:at_most],
        upcoming=list(upcoming_visits_of(account, now=now)[:at_most]),
        past=list(past_visits_of(account, now=now)[:at_most]),
        waits=list(waiting.order_by("pk").fetch_mode(FETCH_RAISE)[:at_most]),
        drafts=drafts_of(account, now=now)[:at_most],
        sign_ins=list(sign_ins_of(account)[:at_most]),
        kept=kept_about(account, at_most=at_most),
        journal=lines_of_account(account.pk, since=since, limit=at_most),
    )
