"""Register a permit in a personal space."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from procrastinate.contrib.django import app

from parloir.journal.operations import Act, Actor, record
from parloir.permits.claims import may_register, same_person
from parloir.permits.models import Attempt, Barred, Permit, Registration
from parloir.permits.operations.attempts import begin_attempt
from parloir.permits.operations.barring import one_at_a_time
from parloir.permits.operations.telling import tell_of_registration
from parloir.permits.queries import identity_of, permit_claimed
from parloir.permits.rules import Holding

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.foundation.keys import Mark
    from parloir.people.models import Account
    from parloir.permits.claims import PermitClaim


class RegistrationRefused(Exception):
    """A permit is not registered. It never says why: every cause reads the same."""


def register_permit(
    *, account: Account, claim: PermitClaim, address: Mark, network: Mark | None = None, now: datetime
) -> Registration:
    """Register a permit that its holder, or who registers it for them, describes as the register does.

    A permit already registered is returned as it was (its ``registered_at`` is before ``now``). Whatever
    the answer, the same statements are run and the same comparisons made.

    :param address: the mark of the network address; see :mod:`parloir.foundation.network`.
    :param network: that of the IPv6 network around it.
    :raises TooManyAttempts: before anything is read about any permit.
    :raises RegistrationRefused: for every other cause; the attempt stays counted.
    """
    attempt = begin_attempt(account=account, address=address, network=network, claim=claim, now=now)
    registration = _judged(account=account, claim=claim, attempt=attempt, now=now)
    if registration is None:
        raise RegistrationRefused
    return registration


@transaction.atomic
def register_known_permit(
    *, account: Account, permit_id: int, holding: Holding, typed_name: str = "", now: datetime
) -> Registration:
    """Register a permit whose holder is already known to be right; once registered, it stays as it is.

    :param typed_name: the holder's name as it was typed: all that the account reads of another adult at first.
    :raises RegistrationRefused: when the account was barred from this person's permits.
    """
    visitor_id = Permit.objects.values_list("visitor_id", flat=True).get(pk=permit_id)
    one_at_a_time(account_id=account.pk, visitor_id=visitor_id)
    if Barred.objects.filter(account=account, visitor=visitor_id).exists():
        raise RegistrationRefused
    agreed = Registration.objects.filter(account=account, permit__visitor=visitor_id, agreed_at__isnull=False)
    first = {
        "holding": holding,
        "registered_at": now,
        "typed_name": typed_name,
        "agreed_at": agreed.values_list("agreed_at", flat=True).first(),
    }
    registration, is_new = Registration.objects.get_or_create(account=account, permit_id=permit_id, defaults=first)
    act = Act("permit.registered", "permit", permit_id, {"holding": registration.holding, "again": int(not is_new)})
    record(actor=Actor("account", account.pk), acts=[act], at=now)
    if is_new:
        tell_of_registration(registration=registration)
    if is_new and holding is Holding.ADULT:
        app.configure_task("permits.tell_holder").defer(registration_id=registration.pk)
    return registration


@transaction.atomic
def _judged(*, account: Account, claim: PermitClaim, attempt: Attempt, now: datetime) -> Registration | None:
    """Judge a claim and write what follows; None refuses, with its line in the journal."""
    found = permit_claimed(claim.numbers, account=account)
    permit_id, named = found.permit_id, found.holder
    is_own = same_person(identity_of(account), named)
    matches = same_person(claim.holder or identity_of(account), named)
    # Someone who types their own civil status registers their own permit, whatever they ticked.
    holding = Holding.OWN if is_own else claim.holding
    granted = may_register(
        found=permit_id is not None,
        barred=found.barred,
        matches=matches,
        holding=holding,
        born=date.fromisoformat(named.birth_date),
        today=now.astimezone(claim.zone).date(),
    )
    if permit_id is not None and granted:
        # Barred since the first look: refused like any other.
        with suppress(RegistrationRefused):
            registration = register_known_permit(
                account=account, permit_id=permit_id, holding=holding, typed_name=claim.typed_name, now=now
            )
            Attempt.objects.filter(pk=attempt.pk).update(failed=False)
            return registration
    subject = ("permit", permit_id) if permit_id is not None and matches else ("account", account.pk)
    detail: dict[str, str | int | None] = {"establishment": claim.establishment_id, "holding": claim.holding}
    act = Act("permit.registration_refused", *subject, detail)
    record(actor=Actor("account", account.pk), acts=[act], at=now)
    return None
