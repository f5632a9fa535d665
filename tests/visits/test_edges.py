"""The rarest ways through the engine: what is not there any more, what was done already, what stays an error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, OperationalError, transaction

from parloir.establishments.rules import Channel
from parloir.visits.models import Draft, Visit
from parloir.visits.operations import Change, booking, cancel_visit, change_visit, withdraw_people
from parloir.visits.operations.refused import told_as_reasons
from parloir.visits.queries.facts import usage_around
from parloir.visits.rules import HOLDS_PER_PERMIT, Code
from tests.factories import NOW, AccountFactory, PermitFactory, RegistrationFactory
from tests.visits.families import Family, refused, slot_in, snapshot

pytestmark = pytest.mark.django_db


class Gone:
    """A slot that the timetable has taken away since it was shown."""

    pk = 0


def test_a_slot_taken_away_since_it_was_shown_is_neither_booked_nor_held_nor_changed_to():
    family = Family()
    visit = family.book()
    wanted = Change(slot_id=0, permit_ids=frozenset([family.permit.pk]))

    def change():
        change_visit(booker=family.account, visit_id=visit.pk, change=wanted, channel=Channel.ONLINE, now=NOW)

    assert refused(family.book, slot=Gone, key="k2") == [Code.NO_SUCH_SLOT]
    assert refused(family.hold, Gone) == [Code.NO_SUCH_SLOT]
    assert refused(change) == [Code.NO_SUCH_SLOT]


def test_nothing_is_confirmed_where_nothing_is_chosen():
    family = Family()

    assert refused(family.confirm, Gone) == [Code.DRAFT_CHANGED]


def test_no_reference_left_to_draw_is_told_to_try_again(monkeypatch):
    monkeypatch.setattr(booking, "usage_around", lambda *a, **h: replace(usage_around(*a, **h), free_reference=None))

    assert refused(Family().book) == [Code.TRY_AGAIN]


def test_cancelling_twice_cancels_once():
    family = Family()
    visit = family.book()
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    before = snapshot()

    again = cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    assert (again.pk, again.status) == (visit.pk, "cancelled")
    assert snapshot() == before


def test_withdrawing_nobody_changes_nothing():
    family = Family()
    visit = family.book()
    before = snapshot()

    withdraw_people(booker=family.account, visit_id=visit.pk, permit_ids=[0], now=NOW)

    assert snapshot() == before


def test_one_permit_is_held_for_four_times_over_all_accounts():
    """The days are held by several accounts, each for itself, then each says that the same person would come."""
    family = Family()
    for turn in range(HOLDS_PER_PERMIT + 1):
        other = Family(wing=family.wing, slot=slot_in(family.wing, days=turn, hours=2), detainee=family.detainee)
        RegistrationFactory(account=other.account, permit=family.permit, holding="adult")
        other.hold()
        if turn < HOLDS_PER_PERMIT:
            other.choose(family.permit)
        else:
            assert refused(other.choose, family.permit) == [Code.HOLDS_MAXIMUM]


def test_a_renewed_permit_does_not_hold_four_places_more():
    """The limit counts the person for whom places are held, by whichever of their permits."""
    family = Family()
    for turn in range(HOLDS_PER_PERMIT + 1):
        permit = PermitFactory(detainee=family.detainee, visitor=family.permit.visitor)
        other = Family(wing=family.wing, slot=slot_in(family.wing, days=turn, hours=2), detainee=family.detainee)
        RegistrationFactory(account=other.account, permit=permit, holding="adult")
        other.hold()
        if turn < HOLDS_PER_PERMIT:
            other.choose(permit)
        else:
            assert refused(other.choose, permit) == [Code.HOLDS_MAXIMUM]


def test_places_held_to_see_a_brother_are_counted_apart():
    family = Family()
    for turn in range(HOLDS_PER_PERMIT):
        other = Family(wing=family.wing, slot=slot_in(family.wing, days=turn, hours=2), detainee=family.detainee)
        RegistrationFactory(account=other.account, permit=family.permit, holding="adult")
        other.hold()
        other.choose(family.permit)
    brother = Family(wing=family.wing, slot=slot_in(family.wing, hours=4), visitor=family.permit.visitor)

    brother.hold()

    assert brother.choose(brother.permit).permit_ids == [brother.permit.pk]


def test_a_counter_below_zero_is_a_fault_and_no_full_slot():
    slot = Family().slot
    with pytest.raises(IntegrityError, match="timetable_slot_taken_check"), told_as_reasons(), transaction.atomic():
        type(slot).objects.filter(pk=slot.pk).update(taken=-1)


def test_a_draft_of_another_purpose_begins_with_its_own_people():
    family = Family()
    child = family.add()
    visit = family.book()
    other = slot_in(family.wing, days=1)
    family.hold(other)
    family.choose(family.permit, child)

    family.hold(other, replaces=visit, permit_ids=[family.permit.pk])

    assert (Draft.objects.get().replaces_id, Draft.objects.get().permit_ids) == (visit.pk, [family.permit.pk])


def test_a_fault_of_the_database_stays_one():
    with pytest.raises(OperationalError, match="no space left"), told_as_reasons():
        raise OperationalError("no space left")


def test_an_account_confirms_only_what_it_has_chosen_itself():
    family = Family()
    family.hold()
    stranger = AccountFactory()
    RegistrationFactory(account=stranger, permit=family.permit)
    family.account = stranger

    assert refused(family.confirm) == [Code.DRAFT_CHANGED]
    assert Visit.objects.count() == 0
