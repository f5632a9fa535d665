"""A visit as its family sees it, wherever and whenever it is."""

from __future__ import annotations

from datetime import timedelta

from parloir.people.models import Account
from parloir.visits.queries.mine import visits_of
from tests.factories import (
    AttendanceFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    SlotFactory,
    VisitFactory,
    VisitorFactory,
    WingFactory,
)


def a_visit(*, starts_at=None, prison=None, policy=None, born=(), **about):
    """Return a visit of :func:`visits_of`, its permits' holders being born on these days, else one adult."""
    wing = WingFactory(establishment=EstablishmentFactory(**(prison or {})))
    PolicyFactory(wing=wing, **(policy or {}))
    slot = SlotFactory(wing=wing, **({"starts_at": starts_at} if starts_at else {}))
    visit = VisitFactory(detainee=DetaineeFactory(wing=wing), slot=slot, **about)
    for day in born or [None]:
        visitor = VisitorFactory(**({"birth_date": day} if day else {}))
        permit = PermitFactory(detainee=visit.detainee, visitor=visitor)
        RegistrationFactory(account=visit.booker, permit=permit, holding="adult")
        AttendanceFactory(visit=visit, permit=permit)
    return visits_of(visit.booker).get()


def cancelled(visit):
    """Cancel a visit's row, as its booker would."""
    visit.status, visit.cancelled_by = "cancelled", "family"
    visit.cancelled_at = visit.booked_at + timedelta(hours=1)
    visit.save()
    return visits_of(Account(pk=visit.booker_id)).get()
