"""Turn what stands in the way, the database's word included, into reasons that can be told."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, OperationalError
from psycopg import errors

from parloir.foundation.busy import is_busy
from parloir.visits.rules import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

_WHATEVER_THE_DAY = frozenset(
    {
        Code.NO_ONLINE_BOOKING,
        Code.NOBODY,
        Code.SAME_PERSON,
        Code.TOO_MANY,
        Code.TOO_MANY_ADULTS,
        Code.BOOKER_TOO_YOUNG,
        Code.BOOKER_AGE_UNKNOWN,
        Code.NOT_REGISTERED,
        Code.PERMIT_WITHDRAWN,
        Code.PERMIT_CLOSED,
        Code.PERMIT_SEPARATED,
        Code.TRY_AGAIN,
    }
)
"""What another day would not mend."""

_CONSTRAINTS = {
    "a_slot_is_never_oversold": Code.FULL,
    "a_detainee_is_not_visited_twice_at_once": Code.DETAINEE_BUSY,
    "a_visitor_is_not_twice_at_once": Code.VISITOR_BUSY,
    # The same press of the button arriving twice at once, or two bookings drawing one reference.
    "a_booking_is_sent_once": Code.TRY_AGAIN,
    "visits_visit_reference_key": Code.TRY_AGAIN,
    "visits_whynot_code_key": Code.TRY_AGAIN,
}


class VisitRefused(Exception):
    """A visit cannot be booked, changed or cancelled; ``refusals`` are all the reasons."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = tuple(refusals)


@contextmanager
def about_the_day(day: date, *, of_several: bool) -> Iterator[None]:
    """Name, in the reasons against one visit of several, the day that is not possible.

    :raises VisitRefused: in place of the one raised inside.
    """
    try:
        yield
    except VisitRefused as refused:
        if not of_several:
            raise
        named = [r if r.code in _WHATEVER_THE_DAY else replace(r, day=day) for r in refused.refusals]
        raise VisitRefused(named) from refused


@contextmanager
def told_as_reasons() -> Iterator[None]:
    """Tell a violated constraint by its rule, and what was waited for too long as “try again”.

    Wraps the whole transaction: by then everything it did is undone.

    :raises VisitRefused: in place of the database's error.
    """
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        name = cause.diag.constraint_name if isinstance(cause, errors.Error) else None
        if name not in _CONSTRAINTS:
            raise
        raise VisitRefused([Refusal(_CONSTRAINTS[name])]) from error
    except OperationalError as error:
        if not is_busy(error):
            raise
        raise VisitRefused([Refusal(Code.TRY_AGAIN)]) from error
