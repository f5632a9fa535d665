"""Permits as the accounts that registered them may read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils.timezone import localdate

from parloir.notifications.queries import address_of
from parloir.people.models import Account, Detainee
from parloir.people.rules import folded
from parloir.permits.claims import NOBODY, Holder, adults_were_born_by
from parloir.permits.models import Attempt, Barred, Permit, Registration
from parloir.permits.rules import (
    Holding,
    PermitStatus,
    is_followed,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from parloir.notifications.rules import Address

_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class PermitToTell:
    """A registered permit as its news tells it, and where to write; ``since`` is when it became news."""

    account_id: int
    language: str
    address: Address
    valid_until: date | None
    suspended_until: date | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim's number leads to: a permit and its holder, or nobody; and whether the account is barred from it."""

    permit_id: int | None
    barred: bool
    holder: Holder


def may_be_read(prefix: str = "") -> Q:
    """Return the condition of :attr:`Registration.is_told`, where ``prefix`` leads to registrations."""
    theirs = Q(**{f"{prefix}holding__in": [Holding.OWN, Holding.CHILD]})
    return theirs | Q(**{f"{prefix}agreed_at__isnull": False})


def permit_is_told() -> ExpressionWrapper[Q]:
    """Return that condition for permits already joined with the registrations of the account that reads."""
    return ExpressionWrapper(may_be_read("registrations__"), output_field=BooleanField())


def names_detainee(account: Account | OuterRef, detainee: str = "pk") -> Exists:
    """Return whether an account may read the name of a detained person: one of its permits to see them is told.

    :param detainee: where the detained person's id stands in the outer query.
    """
    return Exists(Registration.objects.filter(may_be_read(), account=account, permit__detainee=OuterRef(detainee)))


def registrations_of(account: Account) -> QuerySet[Registration]:
    """Return the permits an account has registered, with all that a page says of them.

    By detained person: one's own, then children's, then other adults'.
    """
    return (
        Registration.objects.filter(account=account)
        .select_related("permit__visitor", "permit__detainee__wing__establishment")
        .order_by("permit__detainee__birth_name", "permit__detainee_id", F("holding").desc(), "pk")
    )


def registered_elsewhere(account: Account, *, now: datetime) -> QuerySet[Registration]:
    """Return the registrations, in other accounts, of permits that name the person of this account.

    That person is known by the permits registered here as one's own. What a parent registered for a
    minor is not among them: it is theirs to keep until the child comes of age.
    """
    own = Registration.objects.filter(account=account, holding=Holding.OWN, permit__visitor=OuterRef("permit__visitor"))
    of_age = Q(permit__visitor__birth_date__lte=adults_were_born_by(localdate(now)))
    return (
        Registration.objects.filter(Exists(own), ~Q(holding=Holding.CHILD) | of_age)
        .exclude(account=account)
        .select_related("account", "permit")
        .order_by("registered_at", "pk")
    )


def holders_to_tell(registration_id: int) -> list[tuple[Account, datetime]]:
    """Return the accounts of the person whose permit somebody else registered, and when they did.

    None once it was taken out again.
    """
    registration = Registration.objects.select_related("permit").filter(pk=registration_id).first()
    if registration is None:
        return []
    own = Registration.objects.filter(
        account=OuterRef("pk"), holding=Holding.OWN, permit__visitor=registration.permit.visitor_id
    )
    accounts = Account.objects.filter(Exists(own)).exclude(pk=registration.account_id).order_by("pk")
    return [(account, registration.registered_at) for account in accounts]


def registered_permit(registration_id: int) -> PermitToTell | None:
    """Return a permit that an account was just given; None once it was taken out again."""
    row = _to_tell().filter(pk=registration_id).first()
    return _told(row, since=row.registered_at) if row else None


def ending_permit(registration_id: int, *, until: date, now: datetime) -> PermitToTell | None:
    """Return a permit that ends on a day; None when it was prolonged, withdrawn, renewed or taken out, or is over."""
    ends = _to_tell().filter(may_be_read(), permit__valid_until=until, permit__status=PermitStatus.ACTIVE)
    row = ends.filter(pk=registration_id).first()
    if row is None or row.permit.closed_at is not None or now.date() > until:
        return None
    others = Permit.objects.filter(
        registrations__account=row.account_id, detainee=row.permit.detainee_id, visitor=row.permit.visitor_id
    )
    if is_followed(row.permit.standing, (other.standing for other in others)):
        return None
    return _told(row, since=now)


def zone_of_registration(registration_id: int, *, now: datetime) -> ZoneInfo:
    """Return the time zone of the prison that a registered permit is for; Paris's while families may not know of it."""
    detainees = Detainee.objects.select_related("wing__establishment")
    detainee = detainees.filter(permits__registrations=registration_id).first()
    return detainee.wing.establishment.zone if detainee and detainee.is_disclosed(now=now) else _PARIS


def changed_permit(
    permit_id: int, *, status: PermitStatus, suspended_until: date | None, since: datetime
) -> list[PermitToTell]:
    """Return a permit that the register changed, for each account that registered it.

    Nothing when the register has changed it again since: that change has its own message. Whoever registered it
    after the change has found it as it is.
    """
    standing = Q(permit__status=status, permit__suspended_until=suspended_until)
    if suspended_until is None:
        standing = Q(permit__status=status, permit__suspended_until__isnull=True)
    open_then = _to_tell().filter(
        may_be_read(), permit=permit_id, permit__closed_at__isnull=True, registered_at__lte=since
    )
    rows = open_then.filter(standing).order_by("account_id")
    return [_told(row, since=since) for row in rows]


def _to_tell() -> QuerySet[Registration]:
    return Registration.objects.select_related("account", "permit")


def _told(registration: Registration, *, since: datetime) -> PermitToTell:
    return PermitToTell(
        account_id=registration.account_id,
        language=registration.account.language,
        address=address_of(registration.account_id),
        valid_until=registration.permit.valid_until,
        suspended_until=registration.permit.suspended_until,
        since=since,
    )


def permit_claimed(numbers: Sequence[str], *, account: Account) -> Claimed:
    """Return the permit of a number as typed, in one statement.

    Plain values rather than rows of models: what is found then takes hardly longer than nothing.
    """
    barred = Barred.objects.filter(account=account, visitor=OuterRef("visitor"))
    permits = Permit.objects.filter(number__in=numbers).annotate(is_barred=Exists(barred)).order_by("number")
    row = permits.values_list(
        "pk", "is_barred", "visitor__birth_name", "visitor__use_name", "visitor__first_names", "visitor__birth_date"
    ).first()
    if row is None:
        return Claimed(permit_id=None, barred=False, holder=NOBODY)
    permit_id, is_barred, birth_name, use_name, first_names, birth_date = row
    holder = Holder(
        birth_name=birth_name,
        use_name=use_name,
        first_names=tuple(first_names),
        birth_date=birth_date.isoformat(),
        # Where a first name must be written, a dash stands for none.
        has_one_name=not any(map(folded, first_names)),
    )
    return Claimed(permit_id=permit_id, barred=is_barred, holder=holder)


def is_barred_from_any(account_id: int) -> bool:
    """Tell whether an account may no longer register somebody's permits."""
    return Barred.objects.filter(account=account_id).exists()


def identity_of(account: Account) -> Holder:
    """Return the civil status with which a person signed in."""
    return Holder(
        birth_name=account.birth_name,
        use_name=account.use_name,
        first_names=tuple(account.first_names),
        has_one_name=not account.first_names,
        birth_date=account.birth_date,
    )


def failures(
    *,
    since: datetime,
    limit: int,
    account: Account | None = None,
    addresses: Collection[str] = (),
    networks: Collection[str] = (),
    pairs: Collection[str] = (),
) -> list[datetime]:
    """Return when the latest attempts of an account, from an address or a network, or at a permit failed, latest first.

    An attempt being judged counts as failed: several at once do not pass between two counts.
    """
    whose: dict[str, Account | Collection[str]] = {"address__in": addresses}
    if account is not None:
        whose = {"account": account}
    elif networks or pairs:
        whose = {"network__in": networks} if networks else {"pair__in": pairs}
    latest = Attempt.objects.filter(**whose, failed=True, at__gt=since).order_by("-at")
    return list(latest.values_list("at", flat=True)[:limit])
