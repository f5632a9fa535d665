"""Have the accounts that registered a permit told what became of it: once each, after the transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from procrastinate.contrib.django import app

from parloir.permits.models import Registration
from parloir.permits.rules import PermitStatus

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.permits.feed import KnownPermit
    from parloir.permits.rules import News

_AT_ONCE = 500


def tell_of_registration(*, registration: Registration) -> None:
    """Have an account told that a permit is in its space now; runs inside the caller's transaction."""
    task = app.configure_task("permits.tell_registered", lock=f"permit-{registration.permit_id}")
    task.defer(registration_id=registration.pk)


def tell_of_change(*, permit_id: int, known: KnownPermit, news: News, now: datetime) -> bool:
    """Have the accounts told what the register changed; False when none registered the permit. Inside its transaction.

    ``line_at`` makes the message this change's own; what overtakes it meanwhile is told by its own job.
    """
    if not Registration.objects.filter(permit=permit_id).exists():
        return False
    until = known.terms.suspended_until
    app.configure_task("permits.tell_changed", lock=f"permit-{permit_id}").defer(
        permit_id=permit_id,
        news=str(news),
        suspended_until=until.isoformat() if until else None,
        line_at=known.line.at.isoformat(),
        since=now.isoformat(),
    )
    return True


@transaction.atomic
def warn_of_endings(*, days: int, now: datetime) -> int:
    """Have told, once for each end, the accounts whose permits end within so many days; return how many were found.

    What another writer has in hand this instant is left for the next time. Days are those of UTC: an hour or two
    do not matter to a warning of weeks.
    """
    today = now.date()
    soon = Q(permit__valid_until__gte=today) & Q(permit__valid_until__lt=today + timedelta(days=days))
    untold = Q(warned_until__isnull=True) | ~Q(warned_until=F("permit__valid_until"))
    found = (
        Registration.objects.filter(soon & untold, permit__status=PermitStatus.ACTIVE, permit__closed_at__isnull=True)
        .select_related("permit")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)[:_AT_ONCE]
    )
    registrations = list(found)
    for registration in registrations:
        until = registration.permit.valid_until
        registration.warned_until = until
        # Under no lock: it may wait for the morning, and what becomes of the permit meanwhile is told at once.
        app.configure_task("permits.tell_ending").defer(
            registration_id=registration.pk, until=until.isoformat() if until else ""
        )
    Registration.objects.bulk_update(registrations, ["warned_until"])
    return len(registrations)
