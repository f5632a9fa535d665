"""What the register tells takes from families only what can no longer be, and tells each of them once."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest

from parloir.journal.models import Entry as Line
from parloir.permits.models import Permit
from parloir.review.models import Entry
from parloir.visits.models import Draft, Hold, Offer, Visit, WaitingEntry
from parloir.visits.operations import judge_again
from tests.factories import NOW, EstablishmentFactory, PolicyFactory, RestrictionFactory, WingFactory
from tests.visits.families import WEDNESDAY, Family, broken, jobs, slot_in, taken

pytestmark = pytest.mark.django_db


def elsewhere(**establishment):
    return PolicyFactory(wing=WingFactory(establishment=EstablishmentFactory(**establishment))).wing


def tell(family, **about):
    """Let the register say something about the detained person, and follow it."""
    type(family.detainee).objects.filter(pk=family.detainee.pk).update(**about)
    return judge_again(detainee_ids=[family.detainee.pk], now=NOW)


def wait(family, **about):
    values = {
        "account": family.account,
        "detainee": family.detainee,
        "wing": family.wing,
        "permit_ids": [family.permit.pk],
        "first_day": date(2026, 11, 10),
        "last_day": date(2026, 11, 12),
        "weekdays": [3],
        "earliest": time(8),
        "latest": time(18),
        "notice_hours": 48,
        "active_from": date(2026, 11, 2),
        "since": NOW,
    }
    return WaitingEntry.objects.create(**(values | about))


def test_a_visit_that_ends_costs_one_line_one_message_and_gives_one_place_back():
    family = Family(visits_allowed=1)
    visit = family.book()
    before = Line.objects.count()

    ended = tell(family, presence="hospital")

    visit.refresh_from_db()
    assert ended == 1
    assert (visit.status, visit.cancelled_by, visit.cancel_cause) == ("cancelled", "register", "hospital")
    assert (taken(family.slot), visit.attendances.get().debits) == (0, False)
    assert Counter(jobs()) == {"visits.tell_booked": 1, "visits.tell_cancelled": 1}
    assert Line.objects.count() == before + 1
    assert broken() == set()


def test_told_again_nothing_more_happens():
    family = Family()
    family.book()
    tell(family, presence="hospital")
    before = (Line.objects.count(), jobs())

    assert tell(family, presence="hospital") == 0

    assert (Line.objects.count(), jobs()) == before


def test_somebody_who_left_a_visit_no_longer_stands_in_its_way():
    family = Family()
    child = family.add()
    visit = family.book(family.permit, child)
    visit.attendances.filter(permit=child).update(live=False, debits=False)
    Permit.objects.filter(pk=child.pk).update(status="withdrawn")

    assert judge_again(detainee_ids=[family.detainee.pk], now=NOW) == 0
    assert broken() == set()


def test_a_visit_that_ends_for_another_reason_leaves_its_share_of_a_limited_permit():
    family = Family(visits_allowed=2)
    RestrictionFactory(detainee=family.detainee, since=date(2026, 11, 12), until=date(2026, 11, 12))
    family.book()
    family.book(slot=slot_in(family.wing, days=2), key="k2")
    Permit.objects.update(visits_allowed=1)
    RestrictionFactory(detainee=family.detainee, kind="no_visits", since=date(2026, 11, 13), until=date(2026, 11, 13))

    assert judge_again(detainee_ids=[family.detainee.pk], now=NOW) == 1

    assert list(Visit.objects.order_by("during").values_list("status", "cancel_cause")) == [
        ("booked", ""),
        ("cancelled", "restricted"),
    ]


@pytest.mark.parametrize(
    "harm",
    [
        lambda f: tell(f, wing=elsewhere()),
        lambda f: tell(f, presence="hospital"),
        lambda f: tell(f, presence="released"),
        lambda f: (RestrictionFactory(detainee=f.detainee), tell(f)),
        lambda f: (Permit.objects.update(status="suspended"), tell(f)),
        lambda f: (Permit.objects.update(status="withdrawn"), tell(f)),
        lambda f: (Permit.objects.update(valid_until=date(2026, 11, 10)), tell(f)),
    ],
    ids=["moved", "hospital", "released", "restricted", "suspended", "withdrawn", "expired"],
)
def test_a_draft_that_can_no_longer_be_is_forgotten_and_gives_its_places_back(harm):
    family = Family()
    family.hold()

    harm(family)

    assert (taken(family.slot), Draft.objects.count(), Hold.objects.count()) == (0, 0, 0)
    assert (jobs(), broken()) == ([], set())


def test_a_draft_that_can_still_be_keeps_its_place():
    family = Family()
    family.hold()

    tell(family, presence="disciplinary")

    assert (taken(family.slot), Draft.objects.count()) == (1, 1)


def test_a_transfer_puts_the_families_it_takes_visits_from_first_where_the_person_now_is():
    family = Family()
    visits = [family.book(), family.book(slot=slot_in(family.wing, days=1), key="k2")]
    there = elsewhere()

    assert tell(family, wing=there) == len(visits)

    entry = WaitingEntry.objects.get()
    assert (entry.account, entry.wing, entry.moved) == (family.account, there, True)
    assert (entry.permit_ids, entry.weekdays) == ([family.permit.pk], [1, 2, 3, 4, 5, 6, 7])
    assert (entry.active_from, entry.first_day, entry.last_day) == (
        date(2026, 11, 2),
        date(2026, 11, 2),
        date(2026, 12, 31),
    )
    assert Counter(jobs()) == {"visits.tell_booked": 2, "visits.tell_cancelled": 2}
    assert broken() == set()


def test_until_the_family_may_know_where_it_waits_for_nothing():
    family = Family()
    family.book()

    tell(family, wing=elsewhere(), disclose_from=date(2026, 11, 20))

    entry = WaitingEntry.objects.get()
    assert (entry.active_from, entry.first_day) == (date(2026, 11, 20), date(2026, 11, 20))


def test_a_family_that_waited_already_keeps_its_days_and_comes_first():
    family = Family()
    family.book()
    entry = wait(family)

    tell(family, wing=elsewhere())

    entry.refresh_from_db()
    assert (entry.moved, entry.weekdays, entry.earliest) == (True, [3], time(8))
    assert WaitingEntry.objects.count() == 1


def test_a_family_that_only_waited_follows_without_coming_first():
    family = Family()
    entry, there = wait(family), elsewhere()

    tell(family, wing=there, disclose_from=date(2026, 11, 20))

    entry.refresh_from_db()
    assert (entry.wing, entry.moved, entry.active_from) == (there, False, date(2026, 11, 20))


def test_nobody_waits_where_nothing_is_sold_online():
    family, other = Family(), Family()
    family.book()
    entry = wait(family)

    tell(family, wing=elsewhere(online_booking="none: semi-liberty"))

    entry.refresh_from_db()
    assert (WaitingEntry.objects.count(), entry.end_cause) == (1, "gone")
    assert not WaitingEntry.objects.filter(account=other.account).exists()


def test_a_release_ends_visits_drafts_and_waits():
    family = Family()
    family.book()
    family.hold(slot_in(family.wing, days=2))
    entry = wait(family)

    tell(family, presence="released")

    entry.refresh_from_db()
    assert (entry.ended_at, entry.end_cause) == (NOW, "gone")
    assert (Visit.objects.get().cancel_cause, Draft.objects.count(), taken(family.slot)) == ("released", 0, 0)
    assert broken() == set()


def test_an_offer_in_the_prison_that_was_left_is_given_to_others():
    family = Family()
    offer = Offer.objects.create(
        slot=family.slot, entry=wait(family), state="open", made_at=NOW, expires_at=NOW + timedelta(hours=2)
    )
    type(family.slot).objects.update(taken=1)

    tell(family, wing=elsewhere())

    offer.refresh_from_db()
    assert (offer.state, offer.ended_at, taken(family.slot)) == ("released", NOW, 0)
    assert broken() == set()


def test_what_is_hindered_goes_to_review_where_the_wing_says_so_and_nothing_else_does():
    family = Family(wing=PolicyFactory(on_hospital="review").wing)
    visit = family.book()

    assert tell(family, presence="hospital") == 0

    entry = Entry.objects.get()
    assert (entry.cause, entry.subject_kind, entry.subject_id) == ("hospital", "visit", visit.pk)
    assert (entry.establishment_id, entry.told) == (family.wing.establishment_id, "to_be_confirmed")
    assert entry.deadline == NOW + timedelta(hours=48)
    assert Counter(jobs()) == {"visits.tell_booked": 1, "visits.tell_to_confirm": 1}
    assert (taken(family.slot), broken()) == (1, set())


def test_the_wing_is_never_left_to_review():
    family = Family(wing=PolicyFactory(on_hospital="review").wing)
    family.book()

    tell(family, presence="hospital", wing=PolicyFactory(on_hospital="review").wing)

    assert (Visit.objects.get().cancel_cause, Entry.objects.count()) == ("moved", 0)


def test_a_visit_too_near_for_anybody_to_decide_ends_at_once():
    family = Family(wing=PolicyFactory(on_hospital="review").wing)
    visit = family.book()
    late = WEDNESDAY - timedelta(hours=24)
    type(family.detainee).objects.update(presence="hospital")

    assert judge_again(detainee_ids=[family.detainee.pk], now=late) == 1

    visit.refresh_from_db()
    assert (visit.cancelled_by, Entry.objects.count()) == ("register", 0)


def test_nothing_touched_costs_no_more_than_the_looking(django_assert_max_num_queries):
    family = Family()
    with django_assert_max_num_queries(8):
        judge_again(detainee_ids=[family.detainee.pk], now=datetime.fromisoformat("2026-11-02T09:00:00+00:00"))
