"""What the pages of a booking share: for whom it is, what is chosen and held, and the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse

from parloir.establishments.queries import alerts_shown
from parloir.visits.queries.drafts import draft_of
from parloir.visits.queries.mine import coming_to, detainee_of
from parloir.visits.queries.people import party_for
from parloir.visits.sentences import told_to_family

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import QueryDict

    from parloir.identity.requests import AccountRequest
    from parloir.people.models import Account, Detainee
    from parloir.visits.models import Visit
    from parloir.visits.operations import Held
    from parloir.visits.queries.drafts import DraftChoice
    from parloir.visits.queries.people import Party
    from parloir.visits.rules import Refusal

MOST_SLOTS = 4
"""Visits that may be chosen in one go."""

PARIS = ZoneInfo("Europe/Paris")
_LONGEST_ID = 19
_STEPS = frozenset({"visit_people", "visit_check"})


@dataclass(frozen=True)
class Step:
    """Where an account stands in a booking."""

    account: Account
    detainee: Detainee
    choice: DraftChoice
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The prison's."""
        return self.detainee.wing.establishment.zone

    @property
    def is_held(self) -> bool:
        """Whether the places are still kept."""
        return self.choice.held_until is not None

    @property
    def replaced(self) -> Visit | None:
        """The visit that would change."""
        return self.choice.draft.replaces

    @cached_property
    def party(self) -> Party:
        """Those who may come, judged for the page on the first day: the operations judge them anew on every day."""
        replaced_id = self.choice.draft.replaces_id or 0
        return party_for(
            self.account,
            self.detainee,
            self.choice.slots[0],
            chosen=self.choice.permit_ids,
            keeps_place=self.is_held,
            but_visit_id=replaced_id,
            keeps=coming_to(replaced_id) if replaced_id else (),
            now=self.now,
        )

    @property
    def hindered(self) -> list[Refusal]:
        """What stands against the others where one person alone may come, so that nobody was asked who does."""
        if sum(not person.refusals for person in self.party.people) != 1:
            return []
        return [refusal for person in self.party.people for refusal in person.refusals]

    @property
    def has_cabins(self) -> bool:
        """Whether an accessible cabin can be asked for."""
        return all(slot.accessible_capacity > 0 for slot in self.choice.slots)

    def context(self, refusals: Iterable[Refusal] = ()) -> dict[str, Any]:
        """Return what every page after the choice of a time shows."""
        return {
            **place_of(self.detainee, now=self.now),
            **held_context(self.choice, now=self.now),
            "slots": self.choice.slots,
            "whom": self.detainee.told_name,
            "replaced": self.replaced,
            "address_of_times": address_of_times(self.choice),
            "reasons": reasons_by_name(refusals, self.party, zone=self.zone),
        }


def step_of(request: AccountRequest, detainee_id: int, *, now: datetime) -> Step | None:
    """Return where this account stands; None when it has chosen nothing yet, or no longer.

    :raises ObjectDoesNotExist: when the detained person is nobody it may visit.
    """
    detainee = detainee_of(request.account, detainee_id, now=now)
    try:
        choice = draft_of(request.account, detainee, now=now)
    except ObjectDoesNotExist:
        return None
    return Step(request.account, detainee, choice, now)


def place_of(detainee: Detainee, *, now: datetime) -> dict[str, Any]:
    """Return what every step says of the place: no prison before it may be known."""
    prison = detainee.wing.establishment
    known = prison if detainee.is_disclosed(now=now) else None
    return {
        "detainee": detainee,
        "prison": known,
        "prison_alerts": alerts_shown(now=now, establishment_id=known.pk) if known else [],
        "zone": prison.zone,
        "policy": detainee.wing.policy,
    }


def held_context(choice: DraftChoice, *, now: datetime) -> dict[str, Any]:
    """Return what is said of the places kept: until when on the prison's clock, and on Paris's if it differs."""
    until, zone = choice.held_until, choice.detainee.wing.establishment.zone
    left = int((until - now).total_seconds()) if until else 0
    return {
        "choice": choice,
        "held_seconds": left,
        "held_minutes": -(-left // 60),
        "paris": PARIS if until and until.astimezone(zone).utcoffset() != until.astimezone(PARIS).utcoffset() else None,
    }


def address_of_times(choice: DraftChoice) -> str:
    """Return where another time of a draft is chosen: a visit that changes, several days, or one."""
    day = f"?jour={choice.slots[0].local_date.isoformat()}"
    if choice.draft.replaces:
        return reverse("portal:visit_change", args=[choice.draft.replaces.reference]) + day
    name = "portal:visit_trip" if choice.is_trip else "portal:visit_slot"
    return reverse(name, args=[choice.detainee.pk]) + day


def reasons_by_name(refusals: Iterable[Refusal], party: Party, *, zone: ZoneInfo) -> list[tuple[str | None, str]]:
    """Return each reason with the name of whom it is about, if it is about one person."""
    names = {pk: person.permit.told_name for person in party.people for pk in person.permit_ids}
    return [(names.get(told.permit_id or 0), told.text) for told in told_to_family(refusals, zone=zone)]


def step_asked_for(request: AccountRequest, *, otherwise: str = "visit_people") -> str:
    """Return the step to go on with, as the button says: nothing but one of ours."""
    asked = request.POST.get("etape", "")
    return asked if asked in _STEPS else otherwise


def step_after(held: Held) -> str:
    """Return the step after a time was chosen: who comes is not asked where nothing is left to ask."""
    return "visit_check" if held.is_settled else "visit_people"


def sent(request: AccountRequest) -> QueryDict | None:
    """Return what was sent, even when it is nothing at all; None for a page that is only read."""
    return request.POST if request.method == "POST" else None


def slots_asked_for(request: AccountRequest) -> list[int]:
    """Return the slots that a person chose: ids, judged by the operations."""
    return [int(pk) for pk in request.POST.getlist("creneau") if is_id(pk)][: 2 * MOST_SLOTS]


def is_id(text: str) -> bool:
    """Whether a text can be an id at all."""
    return text.isascii() and text.isdecimal() and len(text) < _LONGEST_ID


def zone_of(visit: Visit) -> ZoneInfo:
    """Return the zone of a visit's prison."""
    return visit.slot.wing.establishment.zone
