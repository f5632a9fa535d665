"""What visits mean for a permit: how many remain, and which of those to come it attends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from parloir.permits.models import Permit
from parloir.visits.models import Attendance
from parloir.visits.queries.mine import upcoming_visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.people.models import Account
    from parloir.visits.models import Visit


def visits_left(account: Account) -> dict[int, int]:
    """Return how many visits remain of each limited permit that an account registered, in one statement.

    A visit booked is used, over every channel; so is one that was made and is anonymous now.
    """
    debits = Attendance.objects.filter(permit=OuterRef("pk"), debits=True).order_by().values("permit")
    used = Coalesce(Subquery(debits.annotate(n=Count("pk")).values("n")), 0)
    limited = Permit.objects.filter(registrations__account=account, visits_allowed__isnull=False)
    limited = limited.annotate(left=F("visits_allowed") - used - Coalesce(F("past_use__visits"), 0))
    return dict(limited.values_list("pk", "left"))


def visits_with(account: Account, permit_id: int, *, now: datetime) -> QuerySet[Visit]:
    """Return the visits to come that an account sees and a permit attends, the next one first."""
    comes = Attendance.objects.filter(visit=OuterRef("pk"), permit=permit_id, live=True)
    return upcoming_visits_of(account, now=now).filter(Exists(comes))
