"""What a message about a visit may say, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.notifications.queries import NO_ADDRESS, addresses_of
from parloir.people.models import Account
from parloir.people.rules import is_adult
from parloir.permits.models import Registration
from parloir.permits.rules import Holding
from parloir.visits.models import Attendance, Visit

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
    """An account to be told, and whom of the visit it may read about."""

    account_id: int
    language: str
    address: Address
    is_booker: bool
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class VisitToTell:
    """A visit, its place and its rules; ``establishment`` is where it was booked, wherever anybody is now."""

    visit_id: int
    reference: str
    status: str
    cancelled_by: str
    starts_at: datetime
    zone: ZoneInfo
    establishment: Establishment
    policy: Policy
    recipients: tuple[Recipient, ...]


def visit_to_tell(visit_id: int) -> VisitToTell | None:
    """Return a visit with those it is told to: the booker, and each account whose own permit attends.

    None when the visit was erased. Five statements, however many people come.
    """
    visit = Visit.objects.select_related("slot__wing__establishment", "slot__wing__policy").filter(pk=visit_id).first()
    if visit is None:
        return None
    establishment = visit.slot.wing.establishment
    return VisitToTell(
        visit_id=visit.pk,
        reference=visit.reference,
        status=visit.status,
        cancelled_by=visit.cancelled_by,
        starts_at=visit.slot.starts_at,
        zone=establishment.zone,
        establishment=establishment,
        policy=visit.slot.wing.policy.as_rules(),
        recipients=tuple(_recipients(visit)),
    )


def _recipients(visit: Visit) -> list[Recipient]:
    attendances = list(
        Attendance.objects.filter(visit=visit).select_related("visitor", "permit").order_by("visitor__birth_date", "pk")
    )
    if visit.cancelled_at is None:
        attendances = [attendance for attendance in attendances if attendance.live]
    everybody = tuple(_person(attendance, visit) for attendance in attendances)
    by_permit = {attendance.permit_id: _person(attendance, visit) for attendance in attendances}
    own: dict[int, tuple[Person, ...]] = {}
    for account_id, permit_id in _own_registrations(list(by_permit)):
        own[account_id] = (*own.get(account_id, ()), by_permit[permit_id])
    if visit.booker_id is not None:
        own[visit.booker_id] = everybody
    languages = dict(Account.objects.filter(pk__in=list(own)).values_list("pk", "language"))
    addresses = addresses_of(list(own))
    return [
        Recipient(
            account_id=account_id,
            language=languages[account_id],
            address=addresses.get(account_id, NO_ADDRESS),
            is_booker=account_id == visit.booker_id,
            people=people,
        )
        for account_id, people in sorted(own.items(), key=lambda pair: (pair[0] != visit.booker_id, pair[0]))
    ]


def _own_registrations(permit_ids: Sequence[int]) -> list[tuple[int, int]]:
    registrations = Registration.objects.filter(permit_id__in=permit_ids, holding=Holding.OWN)
    return list(registrations.order_by("account_id", "permit_id").values_list("account_id", "permit_id"))


def _person(attendance: Attendance, visit: Visit) -> Person:
    visitor = attendance.visitor
    return Person(
        name=visitor.short_name,
        is_adult=is_adult(visitor.birth_date, visit.local_date),
        is_limited=attendance.permit.visits_allowed is not None,
    )
