"""Make old visits nobody's: who booked, who came and who was visited is forgotten, figures are kept."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Prefetch

from parloir.journal.operations import SERVICE, Act, record
from parloir.notifications.operations import forget_messages_about
from parloir.people.rules import is_adult
from parloir.visits.models import Allowance, Attendance, Visit
from parloir.visits.operations.erasing import NOBODYS_KEY
from parloir.visits.rules import first_day_kept

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_AT_ONCE = 500
_NO_REASON = "–"
"""What stands in place of an agent's words: an exception still says that it was one."""


@transaction.atomic
def anonymise_old_visits(*, now: datetime) -> int:
    """Anonymise a batch of the visits kept long enough after their date (``VISITS_KEPT_DAYS``); return how many.

    A limited permit does not get back what those visits used. What another writer has in hand this instant is
    left for the next time.
    """
    first = first_day_kept(now=now, days=settings.VISITS_KEPT_DAYS)
    old = Visit.objects.filter(anonymised_at__isnull=True, local_date__lt=first)
    attendances = Attendance.objects.select_related("permit", "visitor")
    visits = list(
        old.prefetch_related(Prefetch("attendances", queryset=attendances))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:_AT_ONCE]
    )
    if not visits:
        return 0
    ids = [visit.pk for visit in visits]
    _keep_what_was_used(visits)
    Attendance.objects.filter(visit__in=ids).delete()
    Allowance.objects.filter(visit__in=ids).update(reason=_NO_REASON)
    for visit in visits:
        born = [attendance.visitor.birth_date for attendance in visit.coming]
        visit.detainee, visit.party, visit.anonymised_at = None, len(born), now
        visit.children = sum(not is_adult(day, visit.local_date) for day in born)
    Visit.objects.filter(pk__in=ids).update(booker=None, idempotency_key=NOBODYS_KEY, change_key="")
    Visit.objects.bulk_update(visits, ["detainee", "party", "children", "anonymised_at"])
    _forget_messages(visits)
    record(actor=SERVICE, acts=[Act("visits.anonymised", "visit", None, {"count": len(visits)})], at=now)
    return len(visits)


def _keep_what_was_used(visits: Collection[Visit]) -> None:
    used = Counter(
        attendance.permit_id
        for visit in visits
        for attendance in visit.attendances.all()
        if attendance.debits and attendance.permit.visits_allowed is not None
    )
    with connection.cursor() as cursor:
        cursor.execute(_USED, [sorted(used), [used[permit_id] for permit_id in sorted(used)]])


def _forget_messages(visits: Collection[Visit]) -> None:
    """Forget what was sent about these visits; a trip's confirmation stays as long as one visit of the trip does."""
    roots = {visit.trip_id or visit.pk for visit in visits}
    going_on = set(Visit.objects.filter(trip__in=roots, anonymised_at__isnull=True).values_list("trip_id", flat=True))
    gone = ({visit.pk for visit in visits} | roots) - going_on
    forget_messages_about(prefixes=[f"visit-{pk}" for pk in gone])


_USED = """
INSERT INTO visits_pastuse (permit_id, visits) SELECT * FROM unnest(%s::bigint[], %s::int[])
ON CONFLICT (permit_id) DO UPDATE SET visits = visits_pastuse.visits + EXCLUDED.visits
"""
