"""Permits in plain words, as the account that registered them may read them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings

from parloir.establishments.places import country_of_town
from parloir.establishments.rules import OnlineBooking
from parloir.establishments.sentences import ONLINE_BOOKING
from parloir.people.rules import is_adult
from parloir.permits import sentences
from parloir.permits.models import Registration
from parloir.permits.queries import names_detainee, registered_elsewhere, registrations_of
from parloir.permits.rules import (
    Holding,
    PermitState,
    ends_soon,
    is_followed,
    most_useful,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from parloir.establishments.models import Establishment
    from parloir.people.models import Account
    from parloir.permits.models import Permit


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
    is_told: bool


@dataclass(frozen=True, slots=True)
class ElsewhereCard:
    """A permit of the account's own that somebody else has registered, and who; its holder may take it back."""

    registration_id: int
    number: str
    by: str
    registered_at: datetime
    is_adult: bool
    agreed: bool


def cards_of(account: Account, *, now: datetime) -> list[PermitCard]:
    """Return the account's permits in plain words, in one statement."""
    named = names_detainee(account, "permit__detainee")
    registrations = list(registrations_of(account).annotate(names_detainee=named))
    permits: dict[tuple[int, int], list[Permit]] = defaultdict(list)
    for registration in registrations:
        permits[_person_of(registration.permit)].append(registration.permit)
    return [
        _card(each, permits[_person_of(each.permit)], is_named=each.names_detainee, now=now) for each in registrations
    ]


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


def elsewhere_cards(account: Account, *, now: datetime) -> list[ElsewhereCard]:
    """Return them in plain words, in one statement."""
    return [_elsewhere(registration) for registration in registered_elsewhere(account, now=now)]


def elsewhere_card(account: Account, registration_id: int, *, now: datetime) -> ElsewhereCard:
    """Return one of them.

    :raises Registration.DoesNotExist: also when it is none of this person's business.
    """
    return _elsewhere(registered_elsewhere(account, now=now).get(pk=registration_id))


def _person_of(permit: Permit) -> tuple[int, int]:
    return permit.detainee_id, permit.visitor_id


def _card(registration: Registration, theirs: Sequence[Permit], *, is_named: bool, now: datetime) -> PermitCard:
    """Say a permit in words; ``theirs`` are all those of the same person, itself included.

    Of another adult who has not agreed it says what was typed, the prison, and whether it lets visits be booked.

    :param is_named: whether the account may read the name of the detained person.
    """
    permit = registration.permit
    wing = permit.detainee.wing
    today = now.astimezone(wing.establishment.zone).date()
    holding, standing = Holding(registration.holding), permit.standing
    state = state_of(standing, on=today)
    permit.is_told, permit.typed_name = registration.is_told, registration.typed_name  # type: ignore[attr-defined]
    permit.detainee.is_named = is_named  # type: ignore[attr-defined]
    place = wing.establishment if permit.detainee.is_disclosed(now=now) else None
    is_open = wing.establishment.online_booking == OnlineBooking.OPEN
    card = PermitCard(
        registration_id=registration.pk,
        permit_id=permit.pk,
        detainee_id=permit.detainee_id,
        is_best=permit is min(theirs, key=lambda each: most_useful(each.standing, on=today)),
        number=permit.number,
        holder=permit.told_name,
        holding=holding,
        held_by=str(sentences.HOLDINGS[holding]),
        relationship="",
        issued_by="",
        detainee=permit.detainee.told_name,
        place=place,
        place_note="" if place is None or is_open else str(ONLINE_BOOKING[OnlineBooking(place.online_booking)]),
        state=state if state is PermitState.ACTIVE else PermitState.CLOSED,
        state_name=sentences.state_in_general(state),
        explained=sentences.explained_in_general(state),
        validity="",
        conditions=[],
        bookable=state is PermitState.ACTIVE and not permit.separated and place is not None and is_open,
        ends_soon="",
        limit=None,
        is_told=False,
    )
    return _in_full(card, permit, theirs, state=state, today=today) if registration.is_told else card


def _in_full(
    card: PermitCard, permit: Permit, theirs: Sequence[Permit], *, state: PermitState, today: date
) -> PermitCard:
    """Add to a card what the register says of the permit and its conditions."""
    standing = permit.standing
    soon = ends_soon(standing, on=today, days=settings.PERMIT_WARNING_DAYS)
    soon = soon and not is_followed(standing, (each.standing for each in theirs))
    return replace(
        card,
        is_told=True,
        relationship=sentences.relationship_name(permit.relationship),
        issued_by=sentences.authority_name(permit.issued_by),
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
        ends_soon=sentences.ends_soon(valid_until=permit.valid_until) if soon else "",
        limit=permit.visits_allowed,
    )


def _elsewhere(registration: Registration) -> ElsewhereCard:
    return ElsewhereCard(
        registration_id=registration.pk,
        number=registration.permit.number,
        by=registration.account.short_name,
        registered_at=registration.registered_at,
        is_adult=registration.holding == Holding.ADULT,
        agreed=registration.agreed_at is not None,
    )
