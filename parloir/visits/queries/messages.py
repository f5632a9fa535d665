"""What a message about a visit may say, and to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from parloir.establishments.rules import OnlineBooking
from parloir.notifications.queries import NO_ADDRESS, addresses_of, said_under
from parloir.people.models import Account
from parloir.people.rules import Presence, is_adult
from parloir.permits.models import Registration
from parloir.permits.rules import Holding
from parloir.review.queries import opened_at
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.queries.reminders import sms_wanted_since
from parloir.visits.rules import CancelledBy, Code, VisitStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from parloir.establishments.models import Establishment
    from parloir.establishments.rules import Policy
    from parloir.notifications.rules import Address


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes, as a message names them; ``is_limited``: their permit allows a number of visits."""

    name: str
    is_adult: bool
    is_limited: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account to be told, and whom of the visit it may read about; of one being erased, of nobody."""

    account_id: int
    language: str
    address: Address
    is_booker: bool
    people: tuple[Person, ...]
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class VisitToTell:
    """A visit, its place and its rules; ``establishment`` is where it was booked, wherever anybody is now.

    ``gone`` are the accounts whose own person once attended and no longer does; of a cancelled visit, which has
    nobody any more, those who had left it by themselves. ``sms_agreed_at`` is when the
    booker asked for an SMS about this visit; None when they did not.
    """

    visit_id: int
    trip_id: int | None
    version: int
    slot_id: int
    reference: str
    status: str
    cancelled_by: str
    starts_at: datetime
    zone: ZoneInfo
    establishment: Establishment
    policy: Policy
    recipients: tuple[Recipient, ...]
    gone: tuple[Recipient, ...]
    cancel_cause: str = ""
    sms_agreed_at: datetime | None = None

    @property
    def was_left_by_its_family(self) -> bool:
        """Whether its booker cancelled it, and so knows; not one that somebody else has left."""
        return self.cancelled_by == CancelledBy.FAMILY and not self.cancel_cause


@dataclass(frozen=True, slots=True)
class LastWord:
    """What an account was last told of a visit: in which version, when it was to be, and whether they come.

    ``starts_at`` is None when the message did not note it. ``in_full`` tells whether it also said who comes and
    where, which an SMS, or a message to an address that is not confirmed, never does.
    """

    version: int
    starts_at: datetime | None
    comes: bool
    in_full: bool = False


def visits_to_tell(visit_id: int) -> list[VisitToTell]:
    """Return what a booking made, the soonest first: one visit or those of a trip, without any cancelled since."""
    booked = Visit.objects.filter(Q(pk=visit_id) | Q(trip=visit_id)).exclude(status=VisitStatus.CANCELLED)
    ids = booked.order_by("during").values_list("pk", flat=True)
    return [visit for pk in list(ids) if (visit := visit_to_tell(pk)) is not None]


def last_words(visit: VisitToTell) -> dict[int, LastWord]:
    """Return, by account, what each was last told of a visit; nothing for those who were told nothing yet.

    Read from what was sent, not from what was meant to be: a message that never left told nobody anything.
    Two statements, three for a visit of a trip.
    """
    sent = said_under(f"visit-{visit.visit_id}-")
    if visit.trip_id not in {None, visit.visit_id}:
        sent = said_under(f"visit-{visit.trip_id}-booked-") + sent
    notes = [(account_id, _note_on(visit, said)) for account_id, said in sent]
    starts = dict(Slot.objects.filter(pk__in=[note["slot"] for _, note in notes]).values_list("pk", "starts_at"))
    words: dict[int, LastWord] = {}
    for account_id, note in sorted(notes, key=lambda pair: pair[1]["version"]):
        words[account_id] = LastWord(
            note["version"], starts.get(note["slot"]), note["comes"], in_full=note.get("in_full", False)
        )
    return words


def start_of(slot_id: int) -> datetime | None:
    """Return when a slot begins; None when it is no more."""
    return Slot.objects.filter(pk=slot_id).values_list("starts_at", flat=True).first()


def _note_on(visit: VisitToTell, said: dict[str, Any]) -> dict[str, Any]:
    """Return what a message noted of a visit; one that noted nothing confirmed it as it was booked."""
    return said.get(str(visit.visit_id)) or {"version": 0, "slot": None, "comes": True}


def visit_to_tell(visit_id: int) -> VisitToTell | None:
    """Return a visit with those it is told to: the booker, and each account whose own person attends.

    None when the visit was erased. Five statements, however many people come or left.
    """
    visit = Visit.objects.select_related("slot__wing__establishment", "slot__wing__policy").filter(pk=visit_id).first()
    if visit is None:
        return None
    establishment = visit.slot.wing.establishment
    recipients, gone = _recipients(visit)
    return VisitToTell(
        visit_id=visit.pk,
        trip_id=visit.trip_id,
        version=visit.version,
        slot_id=visit.slot_id,
        reference=visit.reference,
        status=visit.status,
        cancelled_by=visit.cancelled_by,
        starts_at=visit.slot.starts_at,
        zone=establishment.zone,
        establishment=establishment,
        policy=visit.slot.wing.policy.as_rules(),
        recipients=tuple(recipients),
        gone=tuple(gone),
        cancel_cause=visit.cancel_cause,
        sms_agreed_at=sms_wanted_since(visit),
    )


@dataclass(frozen=True, slots=True)
class PermitsMayChange:
    """The accounts to be warned that permits may have to be asked for again, since an instant."""

    accounts: tuple[Account, ...]
    since: datetime


def permits_that_may_change(*, detainee_id: int, entry_id: int) -> PermitsMayChange | None:
    """Return whom to warn; None when the prison has decided already, or its reason is gone."""
    since = opened_at(entry_id)
    if since is None:
        return None
    open_permits = Registration.objects.filter(permit__detainee=detainee_id, permit__closed_at__isnull=True)
    accounts = Account.objects.filter(pk__in=open_permits.values("account")).order_by("pk")
    return PermitsMayChange(tuple(accounts), since)


def may_rebook(visit_id: int, *, now: datetime) -> bool:
    """Tell whether a visit was cancelled for what hinders no other day.

    That is a session closed or cut, or a transfer that families may know of, to a prison that sells online.
    """
    visit = Visit.objects.select_related("slot", "detainee__wing__establishment").get(pk=visit_id)
    detainee, cause = visit.visited, visit.cancel_cause
    is_there = detainee.wing_id == visit.slot.wing_id
    return (
        ((cause == Code.MOVED and not is_there) or (cause in {Code.CLOSED, Code.FULL} and is_there))
        and detainee.presence == Presence.PRESENT
        and detainee.is_disclosed(now=now)
        and detainee.wing.establishment.online_booking == OnlineBooking.OPEN
    )


def _recipients(visit: Visit) -> tuple[list[Recipient], list[Recipient]]:
    """Return who is told of the visit, and who is told that they no longer come; all former ones if cancelled.

    But of a cancelled visit, whoever had left it by themselves has not come to it for longer.
    """
    # Of somebody who left by one permit and comes by another, the line by which they come is the last.
    theirs = Attendance.objects.filter(visit=visit).select_related("visitor", "permit")
    attendances = list(theirs.order_by("visitor__birth_date", "visitor", "live", "pk"))
    by_person = {attendance.visitor_id: _person(attendance, visit) for attendance in attendances}
    is_over = visit.cancelled_at is not None
    coming = {a.visitor_id for a in attendances if a.live or (is_over and not a.left_by_themselves)}
    own: dict[int, tuple[Person, ...]] = {}
    left: dict[int, tuple[Person, ...]] = {}
    rows = _registrations(visit, attendances)
    for account_id, visitor_id in _own_persons(rows, visit):
        told = own if visitor_id in coming else left
        told[account_id] = (*told.get(account_id, ()), by_person[visitor_id])
    if visit.booker_id is not None:
        read = _as_booker_reads([row for row in rows if row.account_id == visit.booker_id], attendances, visit)
        own[visit.booker_id] = tuple(person for visitor_id, person in read.items() if visitor_id in coming)
    accounts = list(own | left)
    languages = Account.objects.filter(pk__in=accounts).values_list("pk", "language", "erased_at")
    known = {pk: (language, erased_at is not None) for pk, language, erased_at in languages}
    addresses = addresses_of(accounts)
    everybody = [
        Recipient(
            account_id=account_id,
            language=known[account_id][0],
            address=addresses.get(account_id, NO_ADDRESS),
            is_booker=account_id == visit.booker_id,
            people=own.get(account_id) or left.get(account_id, ()),
            is_erased=known[account_id][1],
        )
        for account_id in sorted(accounts, key=lambda pk: (pk != visit.booker_id, pk))
    ]
    return [r for r in everybody if r.account_id in own], [r for r in everybody if r.account_id not in own]


def _registrations(visit: Visit, attendances: Sequence[Attendance]) -> list[Registration]:
    """Return, in one statement, whose own person attends, and what the booker has registered of those who come."""
    visitors = [each.visitor_id for each in attendances]
    own = Q(permit__visitor__in=visitors, permit__detainee=visit.detainee_id, holding=Holding.OWN)
    booked = Q(account=visit.booker_id, permit__visitor__in=visitors)
    rows = Registration.objects.filter(own | booked if visit.booker_id else own)
    return list(rows.select_related("permit").order_by("account_id", "permit_id"))


def _own_persons(rows: Sequence[Registration], visit: Visit) -> list[tuple[int, int]]:
    """Return the accounts whose own person attends, each with that visitor, by whatever permit they registered it."""
    own = (row for row in rows if row.holding == Holding.OWN and row.permit.detainee_id == visit.detainee_id)
    return list(dict.fromkeys((row.account_id, row.permit.visitor_id) for row in own))


def _as_booker_reads(
    rows: Sequence[Registration], attendances: Sequence[Attendance], visit: Visit
) -> dict[int, Person]:
    """Return who comes by visitor, as the booker may read it: of another adult who has not agreed, what was typed."""
    known = {row.permit.visitor_id for row in rows if row.is_told}
    typed = {row.permit_id: row.typed_name for row in rows}
    read = {}
    for attendance in attendances:
        is_told = attendance.visitor_id in known
        attendance.is_told, attendance.typed_name = is_told, typed.get(attendance.permit_id, "")  # type: ignore[attr-defined]
        person = _person(attendance, visit)
        read[attendance.visitor_id] = replace(
            person, name=attendance.told_name, is_limited=person.is_limited and is_told
        )
    return read


def _person(attendance: Attendance, visit: Visit) -> Person:
    visitor = attendance.visitor
    return Person(
        name=visitor.short_name,
        is_adult=is_adult(visitor.birth_date, visit.local_date),
        is_limited=attendance.permit.visits_allowed is not None,
    )
