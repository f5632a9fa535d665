"""An agent's exceptions: explicit, with a reason, counted, and never a side effect."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.visits.models import Allowance
from parloir.visits.operations import cancel_visit
from parloir.visits.rules import AllowanceKind, Code
from tests.factories import NOW
from tests.visits.families import WEDNESDAY, Family, broken, refused, slot_in, taken

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 7)


def by_an_agent(family, **how):
    return family.book(channel=Channel.DESK, agent=AGENT, **how)


def test_an_agent_overbooks_a_full_slot_with_a_reason():
    family = Family()
    family.slot.capacity, family.slot.taken = 1, 0
    family.slot.save()
    Family(slot=family.slot).book()

    assert refused(by_an_agent, family) == [Code.FULL]
    by_an_agent(family, allowances={AllowanceKind.OVERBOOKING: "Décès dans la famille"})

    family.slot.refresh_from_db()
    assert (family.slot.taken, family.slot.capacity, family.slot.overbooked) == (2, 1, 1)
    assert list(Allowance.objects.values_list("kind", "places", "author_id")) == [("overbooking", 1, 7)]
    assert broken() == set()


def test_the_overbooked_place_is_not_sold_again():
    family = Family()
    family.slot.capacity = 1
    family.slot.save()
    first = Family(slot=family.slot)
    visit = first.book()
    by_an_agent(family, allowances={AllowanceKind.OVERBOOKING: "Décès dans la famille"})

    cancel_visit(booker=first.account, visit_id=visit.pk, now=NOW)

    family.slot.refresh_from_db()
    assert (family.slot.taken, family.slot.overbooked) == (1, 0)
    assert refused(Family(slot=family.slot).book) == [Code.FULL]
    assert broken() == set()


def test_an_agent_books_too_late_with_a_reason():
    family = Family()
    late = WEDNESDAY - timedelta(hours=1)

    assert refused(by_an_agent, family, now=late) == [Code.TOO_LATE]
    by_an_agent(family, now=late, allowances={AllowanceKind.LATENESS: "Panne de la borne"})

    assert taken(family.slot) == 1


def test_an_agent_exceeds_the_weeks_number_with_a_reason():
    family = Family()
    slots = [family.slot, *(slot_in(family.wing, days=n) for n in (1, 2, 3))]
    for n, slot in enumerate(slots[:3]):
        family.book(slot=slot, key=f"k{n}")

    assert refused(by_an_agent, family, slot=slots[3], key="k9") == [Code.WEEKLY_MAXIMUM]
    by_an_agent(family, slot=slots[3], key="k9", allowances={AllowanceKind.QUOTA: "Visite reportée"})

    assert broken() == set()


@pytest.mark.parametrize("allowances", [{AllowanceKind.OVERBOOKING: ""}, {AllowanceKind.QUOTA: "Parce que"}])
def test_a_family_grants_itself_nothing(allowances):
    with pytest.raises(ValueError, match="agent"):
        Family().book(allowances=allowances)


def test_an_agent_brings_a_permit_that_no_account_has_registered():
    family = Family()
    family.permit.registrations.all().delete()

    by_an_agent(family)

    assert taken(family.slot) == 1
