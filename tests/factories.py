"""Rows for tests: each valid by itself, each detail overridable."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import factory
from factory.django import DjangoModelFactory
from psycopg.types.range import TimestamptzRange

from parloir.establishments.models import BookingPolicy, Establishment, Wing
from parloir.notifications.models import Contact
from parloir.people.models import Account, Detainee, Restriction, Visitor
from parloir.people.queries import sought
from parloir.permits.models import Permit, Registration
from parloir.timetable.models import Session, Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.rules import new_reference

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""Monday 2 November 2026, 10:00 in Paris: the moment at which tests happen unless they say otherwise."""


class EstablishmentFactory(DjangoModelFactory):
    class Meta:
        model = Establishment

    slug = factory.Sequence(lambda n: f"ma-essai-{n}")
    abbreviation = "MA ESSAI"
    name = factory.Sequence(lambda n: f"Maison d'arrêt d'essai {n}")
    kind = "MA"
    direction = "Dijon"
    street = "1 rue de l'Essai"
    postal_code = "21000"
    postal_city = "DIJON"
    city = "Dijon"
    insee = "21231"
    time_zone = "Europe/Paris"
    phone = "+33380000000"
    latitude = 47.3
    longitude = 5.0
    position_is = "site"
    capacity = 185
    detainees = 200


class WingFactory(DjangoModelFactory):
    class Meta:
        model = Wing

    establishment = factory.SubFactory(EstablishmentFactory)
    code = "MA/QMA"


class PolicyFactory(DjangoModelFactory):
    class Meta:
        model = BookingPolicy

    wing = factory.SubFactory(WingFactory)


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    issuer = "http://localhost/api/v2"
    sub = factory.Sequence(lambda n: f"{n:064x}v1")
    birth_name = "DURAND"
    folded_name = factory.LazyAttribute(lambda account: sought(account.birth_name))
    use_name = ""
    first_names = factory.LazyFunction(lambda: ["Sophie"])
    birth_date = "1992-01-30"
    created_at = NOW


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    account = factory.SubFactory(AccountFactory)
    email = factory.Sequence(lambda n: f"personne{n}@example.org")
    email_confirmed_at = NOW


class VisitorFactory(DjangoModelFactory):
    class Meta:
        model = Visitor

    register_id = factory.Sequence(lambda n: f"V{n:06d}")
    birth_name = "DURAND"
    use_name = ""
    first_names = factory.LazyFunction(lambda: ["Sophie"])
    birth_date = date(1992, 1, 30)


class DetaineeFactory(DjangoModelFactory):
    class Meta:
        model = Detainee

    committal_number = factory.Sequence(lambda n: f"{100000 + n}")
    birth_name = "MARTIN"
    use_name = ""
    first_names = factory.LazyFunction(lambda: ["Paul"])
    birth_date = date(1990, 4, 12)
    category = "prevenu"
    wing = factory.SubFactory(WingFactory)
    line_at = NOW - timedelta(days=30)
    line_digest = "0" * 32


class RestrictionFactory(DjangoModelFactory):
    class Meta:
        model = Restriction

    detainee = factory.SubFactory(DetaineeFactory)
    kind = "no_communication"
    since = date(2026, 11, 2)
    until = date(2026, 11, 11)
    line_at = NOW - timedelta(days=1)
    line_digest = "0" * 32


class PermitFactory(DjangoModelFactory):
    class Meta:
        model = Permit

    number = factory.Sequence(lambda n: f"2026{n:06d}")
    detainee = factory.SubFactory(DetaineeFactory)
    visitor = factory.SubFactory(VisitorFactory)
    status = "active"
    issued_by = "juge_instruction"
    relationship = "conjoint"
    valid_from = date(2026, 10, 1)
    valid_until = None
    visits_allowed = None
    weekdays = None
    separated = False
    alone_from_16 = False
    line_at = NOW - timedelta(days=30)
    line_digest = "0" * 32


class RegistrationFactory(DjangoModelFactory):
    """A permit in a space; another adult has agreed, unless a test says that they have not."""

    class Meta:
        model = Registration

    account = factory.SubFactory(AccountFactory)
    permit = factory.SubFactory(PermitFactory)
    holding = "own"
    registered_at = NOW
    agreed_at = factory.LazyAttribute(lambda row: NOW if row.holding == "adult" else None)


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = Session

    wing = factory.SubFactory(WingFactory)
    weekday = 3
    starts_at = time(14)
    duration_minutes = 45
    capacity = 3
    valid_from = date(2026, 1, 1)
    valid_until = None


class SlotFactory(DjangoModelFactory):
    """Wednesday 11 November 2026 at 14:00 in Paris, three places."""

    class Meta:
        model = Slot

    wing = factory.SubFactory(WingFactory)
    starts_at = datetime(2026, 11, 11, 13, 0, tzinfo=UTC)
    ends_at = factory.LazyAttribute(lambda slot: slot.starts_at + timedelta(minutes=45))
    local_date = factory.LazyAttribute(lambda slot: slot.starts_at.astimezone(slot.wing.establishment.zone).date())
    capacity = 3
    taken = 0


class VisitFactory(DjangoModelFactory):
    """A booked visit, on Wednesday 11 November 2026 at 14:00 in Paris; its slot's counter is not touched."""

    class Meta:
        model = Visit

    reference = factory.LazyFunction(new_reference)
    detainee = factory.SubFactory(DetaineeFactory)
    slot = factory.LazyAttribute(lambda visit: SlotFactory(wing=_with_policy(visit.detainee.wing)))
    booker = factory.SubFactory(AccountFactory)
    channel = "online"
    during = factory.LazyAttribute(lambda visit: TimestamptzRange(visit.slot.starts_at, visit.slot.ends_at))
    local_date = factory.LazyAttribute(lambda visit: visit.slot.local_date)
    week = factory.LazyAttribute(lambda visit: visit.local_date - timedelta(days=visit.local_date.weekday()))
    booked_at = NOW
    idempotency_key = factory.Sequence(lambda n: f"key-{n}")


def _with_policy(wing):
    if not BookingPolicy.objects.filter(wing=wing).exists():
        PolicyFactory(wing=wing)
    return wing


class AttendanceFactory(DjangoModelFactory):
    class Meta:
        model = Attendance

    visit = factory.SubFactory(VisitFactory)
    permit = factory.LazyAttribute(lambda attendance: PermitFactory(detainee=attendance.visit.detainee))
    visitor = factory.LazyAttribute(lambda attendance: attendance.permit.visitor)
    during = factory.LazyAttribute(lambda attendance: attendance.visit.during)
