"""Permits as the accounts that registered them may read them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils.timezone import localdate

from parloir.establishments.places import country_of_town
from parloir.establishments.rules import OnlineBooking
from parloir.establishments.sentences import ONLINE_BOOKING
from parloir.notifications.queries import address_of
from parloir.people.models import Account, Detainee
from parloir.people.rules import folded, is_adult
from parloir.permits import sentences
from parloir.permits.claims import NOBODY, Holder, adults_were_born_by
from parloir.permits.models import Attempt, Barred, Permit, Registration
from parloir.permits.rules import (
    Holding,
    PermitState,
    PermitStatus,
    Standing,
    ends_soon,
    is_followed,
    most_useful,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from parloir.establishments.models import Establishment
    from parloir.notifications.rules import Address

_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class PermitCard:
    """One registered permit, in plain words.

    :ivar place: the prison where the visits are; None while the family may not know of it.
    :ivar place_note: why that prison sells no visit online, if it does not.
    :ivar is_best: whether it serves that person best today, of all their permits in the space.
    :ivar bookable: whether the permit by itself lets visits be booked online today.
    :ivar ends_soon: what to do about a permit that ends within ``PERMIT_WARNING_DAYS`` and that no other follows;
        empty for all others.
    :ivar limit: how many visits it was given for in all; None without limit.
    """

    registration_id: int
    permit_id: int
    detainee_id: int
    is_best: bool
    number: str
    holder: str
    holding: Holding
    held_by: str
    relationship: str
    issued_by: str
    detainee: str
    place: Establishment | None
    place_note: str
    state: PermitState
    state_name: str
    explained: str
    validity: str
    conditions: list[str]
    bookable: bool
    ends_soon: str
    limit: int | None


@dataclass(frozen=True, slots=True)
class ElsewhereCard:
    """A permit of the account's own that somebody else has registered, and who; its holder may take it back."""

    registration_id: int
    number: str
    by: str
    registered_at: datetime


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


def registrations_of(account: Account) -> QuerySet[Registration]:
    """Return the permits an account has registered, with all that a page says of them.

    By detained person: one's own, then children's, then other adults'.
    """
    return (
        Registration.objects.filter(account=account)
        .select_related("permit__visitor", "permit__detainee__wing__establishment")
        .order_by("permit__detainee__birth_name", "permit__detainee_id", F("holding").desc(), "pk")
    )


def cards_of(account: Account, *, now: datetime) -> list[PermitCard]:
    """Return the account's permits in plain words, in one statement."""
    registrations = list(registrations_of(account))
    permits: dict[tuple[int, int], list[Permit]] = defaultdict(list)
    for registration in registrations:
        permits[_person_of(registration.permit)].append(registration.permit)
    return [_card(each, permits[_person_of(each.permit)], now=now) for each in registrations]


def countries_of_prisons(account: Account, *, now: datetime) -> set[str]:
    """Return where the prisons of an account's permits are, as telephones name countries, as far as it may know."""
    return {country_of_town(card.place.insee) for card in cards_of(account, now=now) if card.place}


def card_of(account: Account, registration_id: int, *, now: datetime) -> PermitCard:
    """Return one of them.

    :raises Registration.DoesNotExist: also when it is somebody else's.
    """
    card = next((card for card in cards_of(account, now=now) if card.registration_id == registration_id), None)
    if card is None:
        raise Registration.DoesNotExist
    return card


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


def elsewhere_cards(account: Account, *, now: datetime) -> list[ElsewhereCard]:
    """Return them in plain words, in one statement."""
    return [_elsewhere(registration) for registration in registered_elsewhere(account, now=now)]


def elsewhere_card(account: Account, registration_id: int, *, now: datetime) -> ElsewhereCard:
    """Return one of them.

    :raises Registration.DoesNotExist: also when it is none of this person's business.
    """
    return _elsewhere(registered_elsewhere(account, now=now).get(pk=registration_id))


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
    row = _to_tell().filter(pk=registration_id, permit__valid_until=until, permit__status=PermitStatus.ACTIVE).first()
    if row is None or row.permit.closed_at is not None or now.date() > until:
        return None
    others = Permit.objects.filter(
        registrations__account=row.account_id, detainee=row.permit.detainee_id, visitor=row.permit.visitor_id
    )
    if is_followed(_standing(row.permit), map(_standing, others)):
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
    open_then = _to_tell().filter(permit=permit_id, permit__closed_at__isnull=True, registered_at__lte=since)
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
    pairs: Collection[str] = (),
) -> list[datetime]:
    """Return when the latest attempts of an account, from an address or at a permit failed, the latest first.

    An attempt being judged counts as failed: several at once do not pass between two counts.
    """
    whose = Q(account=account) if account is not None else Q(pair__in=pairs) if pairs else Q(address__in=addresses)
    latest = Attempt.objects.filter(whose, failed=True, at__gt=since).order_by("-at")
    return list(latest.values_list("at", flat=True)[:limit])


def _person_of(permit: Permit) -> tuple[int, int]:
    return permit.detainee_id, permit.visitor_id


def _card(registration: Registration, theirs: Sequence[Permit], *, now: datetime) -> PermitCard:
    """Say a permit in words; ``theirs`` are all those of the same person, itself included."""
    permit = registration.permit
    wing = permit.detainee.wing
    today = now.astimezone(wing.establishment.zone).date()
    holding, standing = Holding(registration.holding), _standing(permit)
    state = state_of(standing, on=today)
    soon = ends_soon(standing, on=today, days=settings.PERMIT_WARNING_DAYS)
    soon = soon and not is_followed(standing, map(_standing, theirs))
    place = wing.establishment if permit.detainee.is_disclosed(now=now) else None
    is_open = wing.establishment.online_booking == OnlineBooking.OPEN
    return PermitCard(
        registration_id=registration.pk,
        permit_id=permit.pk,
        detainee_id=permit.detainee_id,
        is_best=permit is min(theirs, key=lambda each: most_useful(_standing(each), on=today)),
        number=permit.number,
        holder=permit.visitor.short_name,
        holding=holding,
        held_by=str(sentences.HOLDINGS[holding]),
        relationship=sentences.relationship_name(permit.relationship),
        issued_by=sentences.authority_name(permit.issued_by),
        detainee=permit.detainee.short_name,
        place=place,
        place_note="" if place is None or is_open else str(ONLINE_BOOKING[OnlineBooking(place.online_booking)]),
        state=state,
        state_name=str(sentences.STATES[state]),
        explained=sentences.explained(
            state,
            valid_from=permit.valid_from,
            valid_until=permit.valid_until,
            suspended_until=permit.suspended_until,
        ),
        validity=sentences.validity(valid_from=permit.valid_from, valid_until=permit.valid_until),
        conditions=sentences.conditions(
            weekdays=permit.weekdays,
            visits_allowed=permit.visits_allowed,
            separated=permit.separated,
            alone_from_16=permit.alone_from_16,
            is_minor=not is_adult(permit.visitor.birth_date, today),
        ),
        bookable=state is PermitState.ACTIVE and not permit.separated and place is not None and is_open,
        ends_soon=sentences.ends_soon(valid_until=permit.valid_until) if soon else "",
        limit=permit.visits_allowed,
    )


def _elsewhere(registration: Registration) -> ElsewhereCard:
    return ElsewhereCard(
        registration_id=registration.pk,
        number=registration.permit.number,
        by=registration.account.short_name,
        registered_at=registration.registered_at,
    )


def _standing(permit: Permit) -> Standing:
    return Standing(
        status=PermitStatus(permit.status),
        suspended_until=permit.suspended_until,
        valid_from=permit.valid_from,
        valid_until=permit.valid_until,
        closed=permit.closed_at is not None,
    )
