"""Thirty days after its date a visit is nobody's; figures stay, and what a limited permit used stays used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from parloir.establishments.rules import Channel
from parloir.journal.models import Entry, Link
from parloir.journal.operations import Actor
from parloir.journal.queries import entries as journal_entries
from parloir.notifications.models import Delivery
from parloir.review.models import Entry as Review
from parloir.visits.models import Attendance, Offer, PastUse, Visit, WaitingEntry
from parloir.visits.operations import (
    VisitRefused,
    accept_offer,
    anonymise_old_visits,
    cancel_visit,
    erase_account,
    forget_old_waits,
    give_why_not_code,
)
from parloir.visits.queries.invariants import broken_invariants
from parloir.visits.queries.mine import past_visits_of, visits_of
from parloir.visits.rules import AllowanceKind, Code, first_day_kept
from tests.factories import NOW, SlotFactory
from tests.serving import database_url
from tests.visits.families import WEDNESDAY, Family, slot_in
from tests.visits.relinking import people_found, ways_from
from tests.visits.waiting_families import cancel, full, offer_reserved, open_offer, wait

pytestmark = pytest.mark.django_db

THAT_DAY = datetime(2026, 12, 11, 20, tzinfo=UTC)
"""The thirtieth day after the visit of the tests, 11 November."""
NEXT_DAY = THAT_DAY + timedelta(days=1)


def broken(now):
    return [name for name, count in broken_invariants(now=now) if count]


def told(visit):
    return Delivery.objects.create(
        account=visit.booker, dedup_key=f"visit-{visit.pk}-booked-{visit.booker_id}", channel="email", created_at=NOW
    )


def test_a_day_is_kept_until_it_is_over_everywhere():
    assert first_day_kept(now=datetime(2026, 12, 12, 11, 59, tzinfo=UTC), days=30) == date(2026, 11, 11)
    assert first_day_kept(now=datetime(2026, 12, 12, 12, 0, tzinfo=UTC), days=30) == date(2026, 11, 12)


def test_on_the_thirtieth_day_it_is_still_shown_and_then_no_longer():
    family = Family()
    visit = family.book()

    assert list(past_visits_of(family.account, now=THAT_DAY)) == [visit]
    assert anonymise_old_visits(now=THAT_DAY) == 0
    assert list(past_visits_of(family.account, now=NEXT_DAY)) == []


def test_who_booked_and_who_came_is_forgotten_and_figures_are_kept():
    family = Family()
    visit = family.book(family.permit, family.add())
    told(visit)

    assert anonymise_old_visits(now=NEXT_DAY) == 1

    visit = Visit.objects.get()
    assert (visit.booker_id, visit.detainee_id) == (None, None)
    assert (Attendance.objects.count(), Delivery.objects.count()) == (0, 0)
    assert (visit.party, visit.children, visit.anonymised_at) == (2, 1, NEXT_DAY)
    assert list(visits_of(family.account)) == []
    assert broken(NEXT_DAY) == []
    assert anonymise_old_visits(now=NEXT_DAY) == 0


def test_a_visit_that_is_nobody_s_says_so_to_whoever_asks_whose_it_is():
    Family().book()
    anonymise_old_visits(now=NEXT_DAY)
    visit = Visit.objects.get()

    for whose in ("visited", "visited_id"):
        with pytest.raises(ValueError, match="nobody"):
            getattr(visit, whose)


def test_what_a_limited_permit_used_stays_used():
    family = Family(visits_allowed=1)
    family.book()

    anonymise_old_visits(now=NEXT_DAY)

    assert PastUse.objects.get().visits == 1
    later = SlotFactory(wing=family.wing, starts_at=WEDNESDAY + timedelta(days=42))
    with pytest.raises(VisitRefused) as refused:
        family.book(slot=later, key="k2", now=NEXT_DAY)
    assert [refusal.code for refusal in refused.value.refusals] == [Code.PERMIT_USED_UP]


def test_a_visit_of_an_unlimited_permit_leaves_no_count():
    family = Family()
    family.book()

    anonymise_old_visits(now=NEXT_DAY)

    assert PastUse.objects.count() == 0


def test_the_confirmation_of_a_trip_stays_as_long_as_one_of_its_visits():
    family = Family()
    first, second = (
        family.book(),
        family.book(slot=SlotFactory(wing=family.wing, starts_at=WEDNESDAY + timedelta(days=7)), key="k2"),
    )
    Visit.objects.update(trip=first)
    told(first)

    anonymise_old_visits(now=NEXT_DAY)
    assert Delivery.objects.count() == 1
    anonymise_old_visits(now=NEXT_DAY + timedelta(days=7))

    assert Delivery.objects.count() == 0
    assert Visit.objects.filter(pk=second.pk, booker=None).count() == 1


# Nothing leads back -------------------------------------------------------------------------


def at(minutes):
    """Return an instant of its own for each act, as in life: 7 seconds past a minute."""
    return NOW + timedelta(minutes=minutes, seconds=7, microseconds=minutes)


def rows_of(*visits):
    return [("visits_visit", visit.pk) for visit in visits]


def assert_nothing_leads_back(*visits, now=NEXT_DAY):
    for row in rows_of(*visits):
        assert people_found(row) == []
    assert broken(now) == []


def test_the_search_finds_whose_a_visit_is_while_it_is_somebody_s():
    visit = Family().book(now=at(1))

    assert {row[0] for row in ways_from(("visits_visit", visit.pk))} >= {"people_account", "people_detainee"}


def test_nothing_leads_from_an_anonymous_visit_to_whoever_booked_changed_or_cancelled_it():
    family = Family()
    kept, gone = family.book(family.permit, family.add(), now=at(1)), Family(slot=family.slot)
    told(kept)
    cancelled = gone.book(now=at(2))
    cancel_visit(booker=gone.account, visit_id=cancelled.pk, now=at(3))
    give_why_not_code(
        account=gone.account, detainee_id=gone.detainee.pk, slot_id=gone.slot.pk, permit_ids=[], now=at(4)
    )

    anonymise_old_visits(now=NEXT_DAY)

    assert_nothing_leads_back(kept, cancelled)
    assert Entry.objects.filter(verb="visit.booked").count() == 2


def test_nothing_leads_to_it_by_what_was_offered_to_a_family_that_waited():
    owner = full()[0]
    one = Family(slot=owner.slot)
    wait(one, now=at(1))
    cancel(owner, now=at(2))
    offer_reserved(now=at(3))
    visit = accept_offer(account=one.account, offer_id=open_offer().pk, idempotency_key="k" * 20, now=at(4))

    anonymise_old_visits(now=NEXT_DAY)

    assert Offer.objects.count() == 0
    assert_nothing_leads_back(visit, owner.visit)


def test_nothing_leads_to_it_by_the_rest_of_its_trip():
    family = Family()
    later = slot_in(family.wing, days=14)
    family.hold(family.slot, later, now=at(1))
    family.choose(now=at(2))
    family.confirm(family.slot, later, now=at(3))
    first, second = Visit.objects.order_by("pk")
    told(first)

    anonymise_old_visits(now=NEXT_DAY)

    assert_nothing_leads_back(first)
    second.refresh_from_db()
    assert (second.trip_id, Delivery.objects.get().dedup_key) == (
        second.pk,
        f"visit-{second.pk}-booked-{family.account.pk}",
    )


@pytest.mark.django_db(transaction=True)
def test_a_trip_that_somebody_has_in_hand_waits_for_the_next_night():
    family = Family()
    later = slot_in(family.wing, days=14)
    family.hold(family.slot, later)
    family.choose()
    family.confirm(family.slot, later)
    second = Visit.objects.order_by("pk")[1]
    with psycopg.connect(database_url()) as elsewhere:
        elsewhere.execute("SELECT FROM visits_visit WHERE id = %s FOR UPDATE", [second.pk])
        assert anonymise_old_visits(now=NEXT_DAY) == 0

    assert anonymise_old_visits(now=NEXT_DAY) == 1


def test_what_is_kept_says_neither_the_instant_nor_the_cause_nor_what_was_needed():
    family = Family()
    family.slot.accessible_capacity = 1
    family.slot.save()
    agent = Actor("staff", 7)
    visit = family.book(
        now=at(1), channel=Channel.DESK, agent=agent, accessible=True, allowances={AllowanceKind.QUOTA: "Décès"}
    )
    Review.objects.create(
        cause="hospital", subject_kind="visit", subject_id=visit.pk, opened_at=at(2), deadline=at(3), closed_at=at(4),
        closing="decided",
    )  # fmt: skip

    anonymise_old_visits(now=NEXT_DAY)

    kept = Visit.objects.get()
    assert (kept.booked_at, kept.cancel_cause, kept.accessible) == (datetime(2026, 11, 2, tzinfo=UTC), "", False)
    assert kept.reference != visit.reference
    assert Review.objects.count() == 0
    family.slot.refresh_from_db()
    assert (family.slot.taken, family.slot.accessible_taken) == (1, 0)
    assert_nothing_leads_back(visit)


def test_the_journal_keeps_the_staff_member_who_acted_and_no_longer_for_whom():
    family = Family()
    family.book(channel=Channel.DESK, agent=Actor("staff", 7))
    before = Entry.objects.count()

    anonymise_old_visits(now=NEXT_DAY)

    booked = journal_entries().get(verb="visit.booked")
    assert (booked.actor_kind, booked.actor_id, booked.subject_kind, booked.subject_id) == ("staff", 7, "visit", None)
    assert Entry.objects.count() == before + 1


def test_waits_that_ended_long_ago_are_forgotten_with_what_they_were_offered():
    owner = full()[0]
    one = Family(slot=owner.slot)
    wait(one, now=at(1))
    cancel(owner, now=at(2))
    offer_reserved(now=at(3))
    erase = WaitingEntry.objects.get()
    WaitingEntry.objects.update(ended_at=at(4), end_cause="left")
    Offer.objects.update(state="declined", ended_at=at(4))

    assert forget_old_waits(now=THAT_DAY) == 0
    while forget_old_waits(now=NEXT_DAY):
        pass

    assert (WaitingEntry.objects.count(), Offer.objects.count()) == (0, 0)
    assert not [way for way in ways_from(("visits_waitingentry", erase.pk)).values() if len(way) > 1]


def test_an_erased_account_is_not_found_by_the_journal():
    family = Family()
    visit = family.book(now=at(1))
    cancel_visit(booker=family.account, visit_id=visit.pk, now=at(2))
    wait(family, now=at(3))

    erase_account(account=family.account, now=at(4))

    assert list(Link.objects.values()) == []
    assert Entry.objects.filter(actor_kind="account").count() == 6


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("nothing_leads", "UPDATE journal_link SET kind = 'visit', target_id = (SELECT id FROM visits_visit)"),
        ("nothing_leads", "UPDATE visits_visit SET trip_id = id"),
        ("anonymous_visit_is_coarse", "UPDATE visits_visit SET booked_at = booked_at + interval '1 second'"),
        ("anonymous_visit_is_coarse", "UPDATE visits_visit SET sms_reminder = true"),
        ("anonymous_visit_is_coarse", "UPDATE visits_visit SET reference = 'PAR-2345-67'"),
    ],
)
def test_each_way_back_is_found_by_the_recount(name, harm):
    family = Family()
    family.book()
    anonymise_old_visits(now=NEXT_DAY)
    wait(family)
    assert broken(NEXT_DAY) == []

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(harm)

    assert [each for each in broken(NEXT_DAY) if each.startswith(name)]
