"""What the demonstration reads before it writes: each step is done once."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection

from parloir.demo.personas import known_permits
from parloir.demo.timetable import PlannedWing, receives_visits
from parloir.establishments.models import Establishment, Wing
from parloir.people.models import Account, Detainee, Visitor
from parloir.permits.models import Permit, Registration
from parloir.timetable.models import Session, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

_OF_REAL_LIFE = (Establishment, Session, Account, Visitor, Detainee)
"""What a database in use holds at least some of."""

WANTED_HOURS = (time(14, 30), time(15, 30))
"""The hours that fill up first."""

BOOKABLE = timedelta(hours=26)
"""From how far ahead a visit can be booked online, with a margin."""


def may_hold_fiction() -> bool:
    """Tell whether fictional people may be put in this database: it is empty, or a demonstration already.

    A demonstration shows by its timetable, which comes with its prisons: no real site may hold a fictional one.
    The tables may not be there yet, or be those of an older version.
    """
    there = connection.introspection.installed_models(connection.introspection.table_names())
    if not any(model in there and model.objects.exists() for model in _OF_REAL_LIFE):
        return True
    return Session in there and Session.objects.filter(fictional=True).exists()


def wings_without_timetable() -> Iterator[PlannedWing]:
    """Yield the wings that receive visits and have no session, real or fictional."""
    wings = (
        Wing.objects.filter(sessions__isnull=True)
        .select_related("establishment", "policy")
        .annotate(siblings=ArrayAgg("establishment__wings__code", distinct=True))
        .order_by("id")
    )
    for wing in wings:
        prison = wing.establishment
        if receives_visits(code=wing.code, online_booking=prison.online_booking):
            yield PlannedWing(
                id=wing.pk,
                code=wing.code,
                slug=prison.slug,
                online_booking=prison.online_booking,
                detainees=prison.detainees or 0,
                siblings=tuple(wing.siblings),
                duration_minutes=wing.policy.duration_minutes,
            )


def personas_are_known() -> bool:
    """Tell whether the register has told of every persona's permit."""
    numbers = {permit.number for permit in known_permits()}
    return Permit.objects.filter(number__in=numbers).count() == len(numbers)


def account_of(*, issuer: str, sub: str) -> Account | None:
    """Return the account of an identity, or None."""
    return Account.objects.filter(issuer=issuer, sub=sub).first()


def prison_named(slug: str) -> Establishment:
    """Return an establishment by its slug.

    :raises Establishment.DoesNotExist: when the referential is not loaded.
    """
    return Establishment.objects.get(slug=slug)


def is_registered(*, account: Account, number: str) -> bool:
    """Tell whether a permit is in an account."""
    return Registration.objects.filter(account=account, permit__number=number).exists()


def permit_numbered(number: str) -> Permit:
    """Return a permit with its detained person.

    :raises Permit.DoesNotExist: when the register has not told of it.
    """
    return Permit.objects.select_related("detainee").get(number=number)


def slots_exist_on(day: date) -> bool:
    """Tell whether slots were made for a local day or a later one."""
    return Slot.objects.filter(local_date__gte=day).exists()


def slots_of_next_week(wing_id: int, *, now: datetime) -> list[Slot]:
    """Return the first slot of each day of the first week that can be booked from its Monday on."""
    monday = (now + BOOKABLE).date()
    monday += timedelta(days=-monday.weekday() % 7)
    week = Slot.objects.filter(wing_id=wing_id, local_date__range=(monday, monday + timedelta(days=6)))
    return list(week.order_by("local_date", "starts_at").distinct("local_date"))


def wanted_slots(wing_id: int, *, now: datetime) -> list[Slot]:
    """Return the slots of the wanted hours, over the two weeks that can be booked, in which nobody has a place."""
    first = now + BOOKABLE
    slots = Slot.objects.filter(
        wing_id=wing_id, taken=0, starts_at__gt=first, starts_at__lt=first + timedelta(days=14)
    ).select_related("wing__establishment")
    return [
        slot
        for slot in slots.order_by("starts_at")
        if slot.starts_at.astimezone(slot.wing.establishment.zone).time() in WANTED_HOURS
    ]
