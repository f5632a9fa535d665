"""Take a permit out of a personal space: one's own, or somebody else's when the permit is yours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from parloir.journal.operations import Act, Actor, record
from parloir.permits.models import Registration
from parloir.permits.operations.barring import bar_account
from parloir.permits.queries import registered_elsewhere

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import Account


@transaction.atomic
def remove_registration(*, account: Account, registration_id: int, now: datetime) -> None:
    """Take a permit out of one's own space; it can be registered again. Visits already booked stay.

    :raises Registration.DoesNotExist: when it is not there, or somebody else's.
    """
    locked = Registration.objects.select_for_update(no_key=True)
    registration = locked.get(account=account, pk=registration_id)
    registration.delete()
    act = Act("permit.registration_removed", "permit", registration.permit_id, {"holding": registration.holding})
    record(actor=Actor("account", account.pk), acts=[act], at=now)


@transaction.atomic
def take_back_permit(*, holder: Account, registration_id: int, now: datetime) -> None:
    """Let a person take their permits out of somebody else's space, for good: this one, the others and those to come.

    :raises Registration.DoesNotExist: when it is not there, or the permit is not theirs.
    """
    registration = registered_elsewhere(holder, now=now).get(pk=registration_id)
    bar_account(
        actor=Actor("account", holder.pk),
        account_id=registration.account_id,
        visitor_id=registration.permit.visitor_id,
        now=now,
    )


@transaction.atomic
def agree_to_registration(*, holder: Account, registration_id: int, now: datetime) -> None:
    """Let a person agree that somebody else has their permits: that account then reads what they say.

    :raises Registration.DoesNotExist: when it is not there, or the permit is not theirs.
    """
    registration = registered_elsewhere(holder, now=now).get(pk=registration_id)
    visitor_id = registration.permit.visitor_id
    theirs = Registration.objects.filter(account=registration.account_id, permit__visitor=visitor_id)
    if theirs.filter(agreed_at__isnull=True).update(agreed_at=now):
        act = Act("permit.agreed", "permit", registration.permit_id, about={"account": [registration.account_id]})
        record(actor=Actor("account", holder.pk), acts=[act], at=now)


def remove_every_registration(*, account: Account, now: datetime) -> None:
    """Take every permit out of a space that is being erased, in the caller's transaction."""
    registrations = list(Registration.objects.select_for_update(no_key=True).filter(account=account).order_by("pk"))
    Registration.objects.filter(pk__in=[registration.pk for registration in registrations]).delete()
    acts = [Act("permit.registration_removed", "permit", r.permit_id, {"holding": r.holding}) for r in registrations]
    record(actor=Actor("account", account.pk), acts=acts, at=now)
