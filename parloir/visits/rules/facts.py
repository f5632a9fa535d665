"""What the rules need to know, gathered once: plain values, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.establishments.rules import Channel, OnlineBooking, PenalCategory, Policy, VisitKind
from parloir.people.rules import Presence, RestrictionKind
from parloir.permits.rules import PermitStatus

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from parloir.visits.rules.codes import AllowanceKind


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """A dated session: ``local_date`` is in the prison's zone, instants are aware.

    ``free`` counts the places this family could have, the one it holds included; ``closed`` is a session
    that will not happen.
    """

    wing_id: int
    starts_at: datetime
    local_date: date
    free: int
    kind: VisitKind = VisitKind.ORDINARY
    accessible_free: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class RestrictionFacts:
    """A period without visits, both ends included; it forbids nothing when it ends before it begins."""

    kind: RestrictionKind
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class DetaineeFacts:
    """The detained person, and the visits already counted beside the one in question."""

    wing_id: int
    category: PenalCategory
    presence: Presence = Presence.PRESENT
    disclose_from: date | None = None
    restrictions: tuple[RestrictionFacts, ...] = ()
    visits_that_week: int = 0
    visits_that_day: int = 0
    busy: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person who would come, by their permit.

    ``visitor_id`` is the person, the same on each of their permits. ``visits_left`` is None for a permit without
    limit; ``visits_that_day`` counts this visitor's visits to this detained person; ``busy`` is a visit elsewhere
    at the same hour. ``is_told``: whoever books may read why this person cannot come.
    """

    permit_id: int
    birth_date: date
    valid_from: date
    valid_until: date | None = None
    status: PermitStatus = PermitStatus.ACTIVE
    suspended_until: date | None = None
    closed: bool = False
    weekdays: tuple[int, ...] | None = None
    visits_left: int | None = None
    separated: bool = False
    alone_from_16: bool = False
    is_booker: bool = False
    visits_that_day: int = 0
    busy: bool = False
    visitor_id: int | None = None
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """All that decides on one visit. ``booker_birth_date`` is None when an agent books.

    ``people`` are each there once; ``twice`` are permits asked for though they name somebody asked for already.

    ``allowed`` are the exceptions that an agent grants, each with its reason; ``keeps_slot`` is a visit
    that stays in its slot while those who come change.
    """

    now: datetime
    channel: Channel
    policy: Policy
    zone: ZoneInfo
    slot: SlotFacts
    detainee: DetaineeFacts
    people: tuple[PersonFacts, ...] = ()
    unregistered: int = 0
    twice: tuple[int, ...] = ()
    booker_birth_date: date | None = None
    online_booking: OnlineBooking = OnlineBooking.OPEN
    wants_accessible: bool = False
    allowed: frozenset[AllowanceKind] = frozenset()
    keeps_slot: bool = False
