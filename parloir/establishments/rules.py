"""What a wing decides about its visits, and the law's floors. No Django here.

The enumerations that policies and visits share are defined here; their labels are in ``sentences.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class PenalCategory(StrEnum):
    """The penal category of a detained person."""

    PREVENU = "prevenu"
    APPELANT = "appelant"
    CONDAMNE = "condamne"
    PREVENU_CONDAMNE = "prevenu_condamne"

    @property
    def is_convicted_regime(self) -> bool:
        """Whether the regime of the *condamné* applies: an appellant counts as *prévenu*."""
        return self in {PenalCategory.CONDAMNE, PenalCategory.PREVENU_CONDAMNE}


class VisitKind(StrEnum):
    """The kinds of visit; only the ordinary one is sold online."""

    ORDINARY = "ordinaire"
    SEPARATED = "hygiaphone"
    PROLONGED = "prolonge"
    FAMILY_ROOM = "salon_familial"
    FAMILY_UNIT = "uvf"


class Channel(StrEnum):
    """The door through which a visit is sold: all draw on the same slots."""

    ONLINE = "online"
    KIOSK = "kiosk"
    TELEPHONE = "telephone"
    DESK = "desk"

    @property
    def is_staff(self) -> bool:
        """Whether an agent holds the keyboard."""
        return self in {Channel.TELEPHONE, Channel.DESK}


class Consequence(StrEnum):
    """What happens to visits already booked when something that can pass stands in their way."""

    CANCEL = "cancel"
    REVIEW = "review"


class OnlineBooking(StrEnum):
    """Whether an establishment sells visits online, and else why not."""

    OPEN = "open"
    SEMI_LIBERTY = "none: semi-liberty"
    EMPTY = "none: empty"


@dataclass(frozen=True)
class Policy:
    """The rules of one wing. Every default is an assumption of the project, to be set by each prison.

    ``offer_minutes`` are how long a freed place is kept for a family: a week before the visit, three days,
    36 hours, nearer.
    """

    opens_days_before: int = 30
    opens_days_before_staff: int = 60
    opens_at: time = time(8)
    closes_hours_before_online: int = 24
    closes_hours_before_kiosk: int = 24
    closes_hours_before_telephone: int = 2
    closes_hours_before_staff: int = 2
    change_hours_before_online: int = 24
    refund_hours_before: int = 24
    weekly_maximum_prevenu: int | None = 3
    weekly_maximum_condamne: int | None = 2
    daily_maximum_detainee: int = 1
    daily_maximum_visitor: int = 1
    duration_minutes: int = 45
    attendees_maximum: int = 4
    adults_maximum: int = 3
    infants_count: bool = True
    visit_weekdays: tuple[int, ...] = (3, 4, 5, 6)
    sessions_per_day: int = 6
    arrive_minutes_before: int = 30
    lateness_tolerance_minutes: int = 0
    driving_licence_accepted: bool = False
    family_record_book_for_children: bool = True
    closed_on_public_holidays: bool = False
    hold_minutes: int = 10
    hold_extensions: int = 1
    recent_visit_days: int = 14
    offer_minutes: tuple[int, ...] = (12 * 60, 4 * 60, 60, 30)
    on_hospital: Consequence = Consequence.CANCEL
    on_disciplinary: Consequence = Consequence.REVIEW
    on_restriction: Consequence = Consequence.CANCEL

    def weekly_maximum(self, category: PenalCategory) -> int | None:
        """Return how many visits a week the regime of a category allows; None is unlimited."""
        return self.weekly_maximum_condamne if category.is_convicted_regime else self.weekly_maximum_prevenu

    def closes_hours_before(self, channel: Channel) -> int:
        """Return how many elapsed hours before a slot its booking closes on a channel."""
        return {
            Channel.ONLINE: self.closes_hours_before_online,
            Channel.KIOSK: self.closes_hours_before_kiosk,
            Channel.TELEPHONE: self.closes_hours_before_telephone,
            Channel.DESK: self.closes_hours_before_staff,
        }[channel]

    def opens_days_before_on(self, channel: Channel) -> int:
        """Return how many local days before a slot its booking opens on a channel."""
        return self.opens_days_before_staff if channel.is_staff else self.opens_days_before


@dataclass(frozen=True, kw_only=True)
class SheetFacts:
    """What only the prison itself can say of how it receives families; empty is “not said”."""

    telephone_hours: str = ""
    has_kiosk: bool | None = None
    kiosk_place: str = ""
    public_transport: str = ""
    court: str = ""
    probation_service: str = ""
    family_reception: str = ""
    children: str = ""
    linen: str = ""
    objects_allowed: str = ""
    accessibility: str = ""
    activities: str = ""
    history: str = ""
    checked_on: date | None = None


class PolicyWarning(StrEnum):
    """What whoever saves a policy must be warned of."""

    PREVENU_BELOW_LEGAL_FLOOR = "prevenu_below_legal_floor"
    CONDAMNE_BELOW_LEGAL_FLOOR = "condamne_below_legal_floor"


LEGAL_FLOOR_PREVENU = 3
"""Visits a week that a *prévenu* may receive at least (code pénitentiaire, L341-2)."""

LEGAL_FLOOR_CONDAMNE = 1
"""Visits a week that a *condamné* may receive at least (code pénitentiaire, L341-3)."""


def warnings_about(policy: Policy) -> list[PolicyWarning]:
    """Tell what in a policy falls below the law; it may be saved all the same, by someone who knows."""
    warnings = []
    if policy.weekly_maximum_prevenu is not None and policy.weekly_maximum_prevenu < LEGAL_FLOOR_PREVENU:
        warnings.append(PolicyWarning.PREVENU_BELOW_LEGAL_FLOOR)
    if policy.weekly_maximum_condamne is not None and policy.weekly_maximum_condamne < LEGAL_FLOOR_CONDAMNE:
        warnings.append(PolicyWarning.CONDAMNE_BELOW_LEGAL_FLOOR)
    return warnings
