"""What the prisons' system of record tells of detained persons, and what each line changes. No Django here.

A line is news, or it is older than what is known, or it repeats it: each kind of line has its own clock
per key. The functions below take what is known and a line, and return what is then known, or the
:class:`Outcome` that leaves everything as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from parloir.people.rules import Presence

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from parloir.establishments.rules import PenalCategory
    from parloir.people.rules import RestrictionKind


class Verdict(StrEnum):
    """What became of a line."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OLDER = "older"
    REPEATED = "repeated"


class Reason(StrEnum):
    """Why a line is rejected, in the order in which faults are looked for.

    ``INTERNAL`` is no fault of the line: the service failed on it.
    """

    INTERNAL = "internal"
    BAD_JSON = "bad_json"
    BAD_TYPE = "bad_type"
    UNKNOWN_KEY = "unknown_key"
    MISSING_KEY = "missing_key"
    BAD_VALUE = "bad_value"
    BAD_AT = "bad_at"
    BAD_PERIOD = "bad_period"
    UNKNOWN_ESTABLISHMENT = "unknown_establishment"
    UNKNOWN_WING = "unknown_wing"
    UNKNOWN_DETAINEE = "unknown_detainee"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The fate of one line; ``detail`` names the key at fault, never its value."""

    verdict: Verdict
    reason: Reason | None = None
    detail: str = ""


ACCEPTED = Outcome(Verdict.ACCEPTED)
OLDER = Outcome(Verdict.OLDER)
REPEATED = Outcome(Verdict.REPEATED)


def rejected(reason: Reason, detail: str) -> Outcome:
    """Return the outcome of a line that cannot be applied."""
    return Outcome(Verdict.REJECTED, reason, detail)


class MovementKind(StrEnum):
    """What can happen to a detained person."""

    TRANSFER = "transfer"
    RELEASE = "release"
    HOSPITAL = "hospital"
    DISCIPLINARY = "disciplinary"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment and the content of a line: ``at`` is aware, ``digest`` leaves the moment and the number out."""

    at: datetime
    digest: str

    def against(self, known: Clock | None) -> Outcome | None:
        """Compare a line's clock with the last one accepted; None means that the line is news."""
        if known is None or self.at > known.at:
            return None
        if self.at < known.at:
            return OLDER
        return REPEATED if self.digest == known.digest else rejected(Reason.CONFLICT, "at")


@dataclass(frozen=True, slots=True)
class CivilStatus:
    """Who a person is; ``use_name`` is empty when there is none."""

    birth_name: str
    use_name: str
    first_names: tuple[str, ...]
    birth_date: date


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A wing as the register names it."""

    establishment: str
    wing: str


@dataclass(frozen=True, slots=True)
class Place:
    """A wing that exists, and the zone in which its dates are read."""

    wing_id: int
    establishment_id: int
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class DetaineeLine:
    """Who a detained person is and where they are."""

    clock: Clock
    committal_number: str
    place: PlaceName
    civil: CivilStatus
    category: PenalCategory


@dataclass(frozen=True, slots=True)
class MovementLine:
    """What happened to a detained person; ``place`` is told by transfers alone."""

    clock: Clock
    committal_number: str
    kind: MovementKind
    place: PlaceName | None = None
    new_committal_number: str | None = None
    disclose_from: date | None = None


@dataclass(frozen=True, slots=True)
class RestrictionLine:
    """A period without visits; with ``until`` before ``since`` it lifts, or forbids in advance, an older one."""

    clock: Clock
    committal_number: str
    kind: RestrictionKind
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class KnownDetainee:
    """All that the register has told of one person so far."""

    committal_number: str
    civil: CivilStatus
    category: PenalCategory
    wing_id: int
    establishment_id: int
    line: Clock
    presence: Presence = Presence.PRESENT
    disclose_from: date | None = None
    movement: Clock | None = None
    transferred_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownRestriction:
    """The last day of a restriction, and the line that told it."""

    until: date
    line: Clock


def after_detainee_line(known: KnownDetainee | None, line: DetaineeLine, place: Place) -> KnownDetainee | Outcome:
    """Return what is known after a detainee line.

    Its place counts only if it is newer than the last transfer; naming another prison, it is itself a
    transfer, told at once. Newer than a release, it is a new committal.
    """
    if known is None:
        return KnownDetainee(
            committal_number=line.committal_number,
            civil=line.civil,
            category=line.category,
            wing_id=place.wing_id,
            establishment_id=place.establishment_id,
            line=line.clock,
        )
    known_already = line.clock.against(known.line)
    if known_already:
        return known_already
    now_known = replace(known, civil=line.civil, category=line.category, line=line.clock)
    if known.presence is Presence.RELEASED and _is_after(line.clock.at, known.released_at):
        now_known = replace(now_known, presence=Presence.PRESENT)
    if not _is_after(line.clock.at, known.transferred_at):
        return now_known
    if place.establishment_id == known.establishment_id:
        return replace(now_known, wing_id=place.wing_id)
    return replace(
        now_known,
        wing_id=place.wing_id,
        establishment_id=place.establishment_id,
        transferred_at=line.clock.at,
        disclose_from=None,
    )


def after_movement(known: KnownDetainee, line: MovementLine, place: Place | None) -> KnownDetainee | Outcome:
    """Return what is known after a movement; ``place`` is a transfer's.

    A transfer older than the last detainee line is older: that line told where the person was since.
    """
    known_already = line.clock.against(known.movement)
    if known_already:
        return known_already
    if place is None:
        return _after_change_of_presence(replace(known, movement=line.clock), line)
    if line.clock.at < known.line.at:
        return OLDER
    return replace(
        known,
        committal_number=line.new_committal_number or known.committal_number,
        wing_id=place.wing_id,
        establishment_id=place.establishment_id,
        movement=line.clock,
        transferred_at=line.clock.at,
        disclose_from=line.disclose_from,
    )


def _after_change_of_presence(known: KnownDetainee, line: MovementLine) -> KnownDetainee:
    """Return where the person is after a release, a hospital stay, a disciplinary cell or a return."""
    if line.kind is MovementKind.RELEASE:
        # A detainee line newer than this release has already told of a new committal.
        back = known.line.at > line.clock.at
        return replace(known, presence=Presence.PRESENT if back else Presence.RELEASED, released_at=line.clock.at)
    if known.presence is Presence.RELEASED:
        # Only a new committal, which a detainee line tells, makes a released person present.
        return known
    presence = {
        MovementKind.HOSPITAL: Presence.HOSPITAL,
        MovementKind.DISCIPLINARY: Presence.DISCIPLINARY,
    }.get(line.kind, Presence.PRESENT)
    return replace(known, presence=presence)


def after_restriction(known: KnownRestriction | None, line: RestrictionLine) -> KnownRestriction | Outcome:
    """Return what is known of a restriction after a line of its key."""
    known_already = line.clock.against(known.line if known else None)
    return known_already or KnownRestriction(until=line.until, line=line.clock)


def touches_visits(before: KnownDetainee | None, after: KnownDetainee) -> bool:
    """Tell whether a visit booked before a line may be impossible after it."""
    return before is not None and (before.wing_id, before.category, before.presence) != (
        after.wing_id,
        after.category,
        after.presence,
    )


def category_before(before: KnownDetainee | None, after: KnownDetainee) -> PenalCategory | None:
    """Return the penal category that a line replaces by another: fewer visits a week may be allowed after it."""
    return before.category if before is not None and before.category != after.category else None


def becomes_convicted(before: KnownDetainee | None, after: KnownDetainee) -> bool:
    """Tell whether a line says that a person is convicted who was not: their permits may have to be asked for again."""
    return (
        before is not None
        and after.presence is not Presence.RELEASED
        and after.category.is_convicted_regime
        and not before.category.is_convicted_regime
    )


def _is_after(at: datetime, earlier: datetime | None) -> bool:
    return earlier is None or at > earlier
