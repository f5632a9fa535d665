"""The nearest hours that work, beside why an hour that was asked for is not kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from parloir.visits.queries.calendar import calendar_of, nearest_open
from parloir.visits.queries.engaged import with_engagements
from parloir.visits.queries.mine import permits_named
from parloir.visits.sentences import ANOTHER_TIME

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from parloir.people.models import Account, Detainee
    from parloir.visits.queries.calendar import TimeChoice
    from parloir.visits.rules import Refusal


ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The free hours nearest to one of a day that is not kept, and the local day of each."""

    day: date
    times: tuple[TimeChoice, ...]
    days: tuple[date, ...]

    @property
    def dated(self) -> list[tuple[date, TimeChoice]]:
        """The hours with their days."""
        return list(zip(self.days, self.times, strict=True))


def nearest_to(
    account: Account,
    detainee: Detainee,
    asked: Collection[int],
    *,
    refusals: Collection[Refusal],
    but_visit_id: int = 0,
    own_slot_ids: Collection[int] = (),
    now: datetime,
) -> list[Nearest]:
    """Return, for each hour asked for that cannot be kept, the free hours nearest to it; none where none would do.

    They are found with all that stands in the way of those who could come, also what the account may not read. Of a
    trip, the days that can stay are not proposed for the others.
    """
    if not any(refusal.code in ANOTHER_TIME for refusal in refusals):
        return []
    named_by = permits_named(account, detainee)
    permits = with_engagements(named_by, account=None, since=now.date() - ONE_DAY, but_visit_id=but_visit_id)
    whole = calendar_of(
        detainee,
        account=account,
        permits=list(permits),
        but_visit_id=but_visit_id,
        own_slot_ids=own_slot_ids,
        now=now,
    )
    day_of = {time.slot_id: day.day for day in whole.days for time in day.times}
    wanted = {day.day: time for day in whole.days for time in day.times if time.slot_id in asked}
    named = {refusal.day for refusal in refusals if refusal.day}
    against = [day for day, time in wanted.items() if day in named or not (time.is_open or named)]
    found = []
    for day in against or wanted:
        time, others = wanted[day], wanted.keys() - {day}
        if times := nearest_open(whole, time.slot_id, time.starts_at, but=others):
            found.append(Nearest(day, tuple(times), tuple(day_of[time.slot_id] for time in times)))
    return found
