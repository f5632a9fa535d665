"""Make old visits nobody's: who booked, who came and who was visited is forgotten, figures are kept."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, F, Prefetch, Value
from django.db.models.functions import Cast, Concat, TruncDay

from parloir.journal.operations import SERVICE, Act, forget_links, record
from parloir.notifications.operations import forget_messages_about
from parloir.people.rules import is_adult
from parloir.review.operations import forget_reviews
from parloir.review.rules import Subject
from parloir.visits.models import Allowance, Attendance, Visit
from parloir.visits.operations.cancelling import drafts_replacing
from parloir.visits.operations.erasing import NOBODYS_KEY
from parloir.visits.operations.forgetting import forget_what_was_wished_of
from parloir.visits.operations.holding import forget_and_return_places
from parloir.visits.operations.places import Place, move_places
from parloir.visits.operations.trips import free_of_busy_trips, leave_trips
from parloir.visits.rules import VisitStatus, first_day_kept

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_AT_ONCE = 500
_NO_REASON = "–"
"""What stands in place of an agent's words: an exception still says that it was one."""
_NOBODYS_REFERENCE = Concat(Value("-"), Cast(F("pk"), CharField()))
"""Not the one that stands in a family's e-mail."""


@transaction.atomic
def anonymise_old_visits(*, now: datetime) -> int:
    """Anonymise a batch of the visits kept long enough after their date (``VISITS_KEPT_DAYS``); return how many.

    A limited permit does not get back what those visits used. What another writer has in hand this instant is
    left for the next time. Whatever leads from one of them to an account goes in the same transaction: the
    journal's links, what was offered or held of its slot, the trip it belonged to, what was sent and decided about
    it, and instants to the second, by which it could be found in other tables.
    """
    first = first_day_kept(now=now, days=settings.VISITS_KEPT_DAYS)
    old = Visit.objects.filter(anonymised_at__isnull=True, local_date__lt=first)
    attendances = Attendance.objects.select_related("permit", "visitor")
    visits = free_of_busy_trips(
        old.prefetch_related(Prefetch("attendances", queryset=attendances))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:_AT_ONCE]
    )
    if not visits:
        return 0
    places = forget_and_return_places(drafts_replacing(visits))
    _keep_what_was_used(visits)
    leave_trips(visits)
    forget_messages_about(prefixes=[f"visit-{visit.pk}" for visit in visits])
    forget_what_was_wished_of({visit.slot_id for visit in visits})
    forget_links({"visit": [visit.pk for visit in visits]})
    forget_reviews(subjects=[Subject("visit", visit.pk) for visit in visits])
    cabins = _coarsen(visits, now=now)
    record(actor=SERVICE, acts=[Act("visits.anonymised", "visit", None, {"count": len(visits)})], at=now)
    move_places(take=[Place(slot_id=place.slot_id) for place in cabins], free=[*places, *cabins], now=now)
    return len(visits)


def _coarsen(visits: Collection[Visit], *, now: datetime) -> list[Place]:
    """Leave of these visits what figures need; returns the accessible cabins that become plain places."""
    ids = [visit.pk for visit in visits]
    Attendance.objects.filter(visit__in=ids).delete()
    Allowance.objects.filter(visit__in=ids).update(reason=_NO_REASON, at=TruncDay("at", tzinfo=UTC))
    in_cabins = [visit for visit in visits if visit.accessible and visit.status != VisitStatus.CANCELLED]
    for visit in visits:
        born = [attendance.visitor.birth_date for attendance in visit.coming]
        visit.detainee, visit.party, visit.anonymised_at = None, len(born), now
        visit.children = sum(not is_adult(day, visit.local_date) for day in born)
    Visit.objects.filter(pk__in=ids).update(
        booker=None,
        idempotency_key=NOBODYS_KEY,
        change_key="",
        reference=_NOBODYS_REFERENCE,
        booked_at=TruncDay("booked_at", tzinfo=UTC),
        cancelled_at=TruncDay("cancelled_at", tzinfo=UTC),
        cancel_cause="",
        accessible=False,
        sms_reminder=False,
        sms_agreed_at=None,
    )
    Visit.objects.bulk_update(visits, ["detainee", "party", "children", "anonymised_at"])
    return [Place(slot_id=visit.slot_id, accessible=True) for visit in in_cabins]


def _keep_what_was_used(visits: Collection[Visit]) -> None:
    used = Counter(
        attendance.permit_id
        for visit in visits
        for attendance in visit.attendances.all()
        if attendance.debits and attendance.permit.visits_allowed is not None
    )
    with connection.cursor() as cursor:
        cursor.execute(_USED, [sorted(used), [used[permit_id] for permit_id in sorted(used)]])


_USED = """
INSERT INTO visits_pastuse (permit_id, visits) SELECT * FROM unnest(%s::bigint[], %s::int[])
ON CONFLICT (permit_id) DO UPDATE SET visits = visits_pastuse.visits + EXCLUDED.visits
"""
