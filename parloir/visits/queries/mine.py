"""What an account may see: the detained persons of its permits, and its visits.

Whatever a page needs is loaded here: a row that is asked for more raises, so no template ever queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import (
    FETCH_RAISE,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from parloir.people.models import Account, Detainee
from parloir.permits.models import Permit, Registration
from parloir.permits.queries import may_be_read, names_detainee, permit_is_told
from parloir.permits.rules import Holding
from parloir.review.queries import earliest_deadline
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.queries.facts import detainees_with_restrictions
from parloir.visits.rules import REVIEWED, CancelledBy, VisitStatus, first_day_kept

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


def detainees_of(account: Account) -> QuerySet[Detainee]:
    """Return the detained persons of whom the account has registered a permit."""
    registered = Registration.objects.filter(account=account, permit__detainee=OuterRef("pk"))
    return (
        Detainee.objects.filter(Exists(registered))
        .annotate(is_named=names_detainee(account))
        .select_related("wing__establishment", "wing__policy")
        .order_by("birth_name", "pk")
        .fetch_mode(FETCH_RAISE)
    )


def detainee_of(account: Account, detainee_id: int, *, now: datetime) -> Detainee:
    """Return one of them, with what the rules need.

    :raises Detainee.DoesNotExist: also when it is somebody else's.
    """
    registered = Registration.objects.filter(account=account, permit__detainee=OuterRef("pk"))
    theirs = detainees_with_restrictions(since=now.date()).filter(Exists(registered))
    return theirs.annotate(is_named=names_detainee(account)).get(pk=detainee_id)


def permits_named(account: Account, detainee: Detainee) -> QuerySet[Permit]:
    """Return the permits of a detained person that the account has registered, with those whom they name."""
    return (
        Permit.objects.filter(detainee=detainee, registrations__account=account)
        .annotate(is_told=permit_is_told(), typed_name=F("registrations__typed_name"))
        .select_related("visitor")
        .order_by("visitor__birth_date", "pk")
        .fetch_mode(FETCH_RAISE)
    )


def permits_for(account: Account, detainee: Detainee) -> QuerySet[Permit]:
    """Return them with what each is to the account."""
    mine = Registration.objects.filter(account=account)
    return permits_named(account, detainee).prefetch_related(Prefetch("registrations", queryset=mine, to_attr="mine"))


def coming_to(visit_id: int) -> frozenset[int]:
    """Return the permits by which people come to a visit."""
    attending = Attendance.objects.filter(visit=visit_id, live=True)
    return frozenset(attending.values_list("permit_id", flat=True))


def slot_of(detainee: Detainee, slot_id: int, *, now: datetime) -> Slot:
    """Return a slot of the detained person's wing.

    :raises Slot.DoesNotExist: also when it is another wing's, or may not be known yet.
    """
    if not detainee.is_disclosed(now=now):
        raise Slot.DoesNotExist
    return Slot.objects.get(pk=slot_id, wing=detainee.wing_id)


def own_attendances(account_id: int) -> QuerySet[Attendance]:
    """Return the parts that the person of this account has in visits, by whatever permit of theirs.

    That person is known by the permits for the same detained person that the account has registered as its own.
    """
    own = Registration.objects.filter(
        account=account_id,
        holding=Holding.OWN,
        permit__visitor=OuterRef("visitor"),
        permit__detainee=OuterRef("visit__detainee"),
    )
    return Attendance.objects.filter(Exists(own))


def visits_of(account: Account) -> QuerySet[Visit]:
    """Return the visits that an account may see in full: those it booked, and those its own person attends.

    Who has left a visit no longer sees what becomes of it, unless that is its end. ``confirm_by`` is before
    when the prison must have said whether a visit can be; null when nothing is to be confirmed.
    """
    attends = own_attendances(account.pk).filter(
        Q(live=True) | Q(visit__status=VisitStatus.CANCELLED), visit=OuterRef("pk")
    )
    return (
        Visit.objects.filter(Q(booker=account) | Exists(attends))
        .annotate(is_named=names_detainee(account, "detainee"))
        .select_related("slot__wing__establishment", "slot__wing__policy", "detainee")
        .prefetch_related(Prefetch("attendances", queryset=_attendances_told_to(account)))
        .annotate(confirm_by=earliest_deadline(subject_kind="visit", subject_id="pk", causes=sorted(REVIEWED.values())))
        .fetch_mode(FETCH_RAISE)
    )


def visits_ever_attended_by(account: Account) -> QuerySet[Visit]:
    """Return the visits that the account's own person attends, or attended until they left."""
    return Visit.objects.filter(Exists(own_attendances(account.pk).filter(visit=OuterRef("pk"))))


def trip_of(account: Account, visit: Visit) -> QuerySet[Visit]:
    """Return all the visits booked in one go with this one, itself included, that the account may see."""
    return visits_of(account).filter(trip__isnull=False, trip=visit.trip_id).order_by("slot__starts_at", "pk")


def upcoming_visits_of(account: Account, *, now: datetime) -> QuerySet[Visit]:
    """Return the visits still to come, the next one first."""
    booked = visits_of(account).filter(status=VisitStatus.BOOKED, slot__ends_at__gt=now)
    return booked.order_by("slot__starts_at", "pk")


def lost_visits_of(account: Account, *, now: datetime) -> QuerySet[Visit]:
    """Return the visits, still to come, that somebody else cancelled: nobody should travel for them."""
    gone = visits_of(account).filter(status=VisitStatus.CANCELLED, slot__starts_at__gt=now)
    return gone.exclude(booker=account, cancelled_by=CancelledBy.FAMILY, cancel_cause="").order_by(
        "slot__starts_at", "pk"
    )


def past_visits_of(account: Account, *, now: datetime) -> QuerySet[Visit]:
    """Return the visits over or cancelled, the latest first, for as long as they are kept."""
    kept = visits_of(account).filter(local_date__gte=first_day_kept(now=now, days=settings.VISITS_KEPT_DAYS))
    over = kept.exclude(status=VisitStatus.BOOKED, slot__ends_at__gt=now)
    return over.order_by("-slot__starts_at", "-pk")


def _attendances_told_to(account: Account) -> QuerySet[Attendance]:
    """Return attendances, each with what the account may read of whoever comes.

    That is the name of those of whom one of its permits is told, and of everybody in a visit that somebody else
    booked and its own person attends; of others, what was typed.
    """
    mine = Registration.objects.filter(account=account)
    known = Exists(mine.filter(may_be_read(), permit__visitor=OuterRef("visitor")))
    typed = mine.filter(permit=OuterRef("permit")).values("typed_name")[:1]
    return (
        Attendance.objects.select_related("permit", "visitor")
        .annotate(
            is_told=ExpressionWrapper(
                known | ~Q(visit__booker=account) | Q(visit__booker__isnull=True), BooleanField()
            ),
            typed_name=Coalesce(Subquery(typed), Value("")),
        )
        .order_by("visitor__birth_date", "pk")
    )
