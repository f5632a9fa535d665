"""Count the searches that found nothing: figures for whoever plans places, nobody's trace."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db import connection

from parloir.visits.queries.demand import party_of
from parloir.visits.rules import monday_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from parloir.people.models import Account, Detainee
    from parloir.visits.queries.calendar import Calendar

_ONE_SEARCH = 60
"""Seconds within which a page loaded again by the same person is the same search."""


def tally_search(calendar: Calendar, *, account: Account, detainee: Detainee, sign_in_id: int, now: datetime) -> None:
    """Count a search whose calendar lacks places; a page loaded again counts once a minute for a sign-in.

    What is remembered for that minute, in this process's memory alone, is a fingerprint that names nobody.
    """
    if not calendar.lacks_places:
        return
    seen = blake2b(f"{sign_in_id}-{detainee.pk}".encode(), digest_size=16).hexdigest()
    if cache.add(f"search-{seen}", 1, timeout=_ONE_SEARCH):
        tally_unmet_demand(detainee=detainee, party=party_of(account, detainee), now=now)


def tally_unmet_demand(*, detainee: Detainee, party: int, now: datetime) -> None:
    """Add one to the searches of a wing, week, penal category and party size that found nothing; one statement."""
    week = monday_of(now.astimezone(detainee.wing.establishment.zone).date())
    values: dict[str, int | str | date] = {
        "wing": detainee.wing_id,
        "week": week,
        "category": detainee.category,
        "party": party,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TALLY, values)


_TALLY = """
INSERT INTO visits_unmetdemand (wing_id, week, category, party, searches)
VALUES (%(wing)s, %(week)s, %(category)s, %(party)s, 1)
ON CONFLICT (wing_id, week, category, party) DO UPDATE SET searches = visits_unmetdemand.searches + 1
"""
