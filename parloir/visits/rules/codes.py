"""The words of the rules: statuses of a visit, and every reason that can stand in its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class VisitStatus(StrEnum):
    """What became of a visit."""

    BOOKED = "booked"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


class CancelledBy(StrEnum):
    """Who cancelled a visit; ``SERVICE``: nobody decided in time on one under review."""

    FAMILY = "family"
    STAFF = "staff"
    REGISTER = "register"
    SERVICE = "service"


class AllowanceKind(StrEnum):
    """An exception that an agent may grant, with its reason."""

    OVERBOOKING = "overbooking"
    LATENESS = "lateness"
    QUOTA = "quota"


class OfferState(StrEnum):
    """What becomes of a place kept for those who wait."""

    RESERVED = "reserved"
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    RELEASED = "released"


LIVE_OFFERS = (OfferState.RESERVED, OfferState.OPEN)
"""The states in which an offer counts in its slot."""


class WaitEnd(StrEnum):
    """Why a family no longer waits; ``NO_DAY``: on none of the days left could those named come."""

    BOOKED = "booked"
    LEFT = "left"
    OVER = "over"
    GONE = "gone"
    NO_DAY = "no_day"


class Code(StrEnum):
    """Why a visit cannot be: one code, one sentence (``visits/sentences.py``)."""

    # The place and the moment.
    NO_ONLINE_BOOKING = "no_online_booking"
    NOT_SOLD_ONLINE = "not_sold_online"
    NOT_YET_OPEN = "not_yet_open"
    TOO_LATE = "too_late"
    STARTED = "started"
    FULL = "full"
    ACCESSIBLE_FULL = "accessible_full"
    CLOSED = "closed"
    # The detained person: families never read which of these it is.
    MOVED = "moved"
    NOT_DISCLOSED = "not_disclosed"
    RELEASED = "released"
    HOSPITAL = "hospital"
    RESTRICTED = "restricted"
    DISCIPLINARY_MAXIMUM = "disciplinary_maximum"
    # Numbers of visits: families may read them, never by whom they were used.
    WEEKLY_MAXIMUM = "weekly_maximum"
    DAILY_MAXIMUM = "daily_maximum"
    DETAINEE_BUSY = "detainee_busy"
    # Who comes.
    NOBODY = "nobody"
    SAME_PERSON = "same_person"
    TOO_MANY = "too_many"
    TOO_MANY_ADULTS = "too_many_adults"
    MINOR_NEEDS_ADULT = "minor_needs_adult"
    NO_ADULT = "no_adult"
    BOOKER_TOO_YOUNG = "booker_too_young"
    BOOKER_AGE_UNKNOWN = "booker_age_unknown"
    # One person's permit.
    NOT_REGISTERED = "not_registered"
    PERMIT_SUSPENDED = "permit_suspended"
    PERMIT_WITHDRAWN = "permit_withdrawn"
    PERMIT_CLOSED = "permit_closed"
    PERMIT_NOT_YET_VALID = "permit_not_yet_valid"
    PERMIT_EXPIRED = "permit_expired"
    PERMIT_WEEKDAY = "permit_weekday"
    PERMIT_USED_UP = "permit_used_up"
    PERMIT_SEPARATED = "permit_separated"
    VISITOR_DAILY_MAXIMUM = "visitor_daily_maximum"
    VISITOR_BUSY = "visitor_busy"
    # A visit already booked.
    NOT_BOOKED = "not_booked"
    CHANGE_TOO_LATE = "change_too_late"
    UNDER_REVIEW = "under_review"
    NOT_UNDER_REVIEW = "not_under_review"
    # The service itself.
    TRY_AGAIN = "try_again"
    HOLDS_MAXIMUM = "holds_maximum"
    EXTENDED_ENOUGH = "extended_enough"
    HOLD_OVER = "hold_over"
    DRAFT_CHANGED = "draft_changed"
    NO_SUCH_SLOT = "no_such_slot"
    OFFER_OVER = "offer_over"
    CODES_MAXIMUM = "codes_maximum"
    NO_SUCH_CODE = "no_such_code"
    WAITING_PERIOD = "waiting_period"
    WAITING_NO_DAY = "waiting_no_day"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, about one person (``permit_id``) or the visit as a whole.

    ``until`` is the last local day on which it holds; ``opens`` the instant at which it ends; ``number``
    the limit that was met; ``weekdays`` the days (1 is Monday) that a permit allows; ``day`` is the one day of
    a trip that it is about; ``in_general``: it is about another adult, whose reason whoever books may not read.
    """

    code: Code
    permit_id: int | None = None
    until: date | None = None
    opens: datetime | None = None
    number: int | None = None
    weekdays: tuple[int, ...] = ()
    day: date | None = None
    in_general: bool = False
