"""A renewed permit beside the old one: one person, one line, the best permit written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from parloir.establishments.rules import Channel, VisitKind
from parloir.journal.operations import Actor
from parloir.permits.rules import PermitStatus
from parloir.visits.models import Attendance, Draft, Visit, WaitingEntry
from parloir.visits.operations import Change, accept_offer, change_visit, hold_slots, judge_again
from parloir.visits.queries.calendar import calendar_of
from parloir.visits.queries.mine import detainee_of, permits_named
from parloir.visits.queries.people import party_for
from parloir.visits.queries.waiting import waits_of
from parloir.visits.queries.why_not import why_not
from parloir.visits.rules import Code, PersonFacts, each_person_once
from tests.factories import NOW, PermitFactory, RegistrationFactory, SlotFactory
from tests.visits.families import Family, broken, refused, slot_in, taken
from tests.visits.waiting_families import cancel, full, offer_reserved, open_offer, wait, whose

DAY = date(2026, 11, 11)
OLD = PersonFacts(permit_id=1, visitor_id=7, birth_date=date(1990, 1, 1), valid_from=date(2026, 1, 1))
NEW = replace(OLD, permit_id=2)


def best(*permits, day=DAY, keeps=()):
    return [p.permit_id for p in each_person_once(permits, day=day, kind=VisitKind.ORDINARY, keeps=keeps)]


@pytest.mark.parametrize(
    "worse",
    [
        replace(OLD, valid_until=DAY - timedelta(days=1)),
        replace(OLD, valid_from=DAY + timedelta(days=1)),
        replace(OLD, status=PermitStatus.SUSPENDED),
        replace(OLD, status=PermitStatus.WITHDRAWN),
        replace(OLD, closed=True),
        replace(OLD, weekdays=(1,)),
        replace(OLD, separated=True),
        replace(OLD, visits_left=0),
        replace(OLD, visits_left=5),
        replace(OLD, weekdays=(1, 3)),
        replace(OLD, valid_until=DAY),
    ],
    ids=lambda permit: str(permit.permit_id),
)
def test_the_best_permit_is_good_that_day_and_the_least_limited(worse):
    assert best(worse, NEW) == [2]
    assert best(replace(NEW, permit_id=2), replace(worse, permit_id=3)) == [2]


def test_a_limited_permit_that_is_good_is_better_than_an_unlimited_one_that_is_not():
    assert best(replace(OLD, visits_left=1), replace(NEW, status=PermitStatus.SUSPENDED)) == [1]


def test_of_two_limited_permits_the_one_with_more_visits_left_is_taken():
    assert best(replace(OLD, visits_left=1), replace(NEW, visits_left=2)) == [2]


def test_the_permit_that_lets_a_minor_come_alone_is_the_least_limited():
    assert best(replace(OLD, alone_from_16=True, visits_left=3), NEW) == [1]


def test_whoever_comes_already_keeps_their_permit_as_long_as_it_is_good():
    assert best(replace(OLD, visits_left=1), NEW, keeps={1}) == [1]
    assert best(replace(OLD, valid_until=DAY - timedelta(days=1)), NEW, keeps={1}) == [2]


def test_when_no_permit_is_good_the_reason_told_is_the_one_soonest_mended():
    assert best(replace(OLD, status=PermitStatus.WITHDRAWN), replace(NEW, valid_from=DAY + timedelta(days=2))) == [2]


def test_two_people_are_two_lines():
    assert best(OLD, replace(NEW, visitor_id=8)) == [1, 2]


def test_permits_of_unknown_visitors_are_people_of_their_own():
    assert best(replace(OLD, visitor_id=None), replace(NEW, visitor_id=None)) == [1, 2]


@pytest.fixture
def family(db):
    return renewed()


def renewed(family=None, *, old=None, **new):
    """Return a family whose permit ends in three weeks, with the one that follows it."""
    family = family or Family(valid_until=date(2026, 11, 20))
    family.new = PermitFactory(detainee=family.detainee, visitor=family.permit.visitor, **new)
    RegistrationFactory(account=family.account, permit=family.new)
    return family


def written():
    return list(Attendance.objects.filter(live=True).order_by("pk").values_list("permit", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("which", ["permit", "new"])
def test_whichever_permit_is_named_the_best_one_is_written(family, which):
    family.book(getattr(family, which))

    assert written() == [family.new.pk]
    assert broken() == set()


@pytest.mark.django_db
def test_the_old_permit_is_written_for_a_day_on_which_only_it_is_good():
    family = renewed(valid_from=date(2026, 11, 21))

    family.book(family.new)

    assert written() == [family.permit.pk]


@pytest.mark.django_db
def test_a_person_named_twice_in_one_request_is_told_so_in_words_of_its_own(family):
    assert refused(family.book, family.permit, family.new) == [Code.SAME_PERSON]


@pytest.mark.django_db
def test_an_agent_who_names_a_person_twice_is_told_so_too(family):
    agent = Actor("agent", 1)
    assert refused(family.book, family.permit, family.new, agent=agent, channel=Channel.DESK) == [Code.SAME_PERSON]


@pytest.mark.django_db
def test_a_draft_begins_with_the_booker_once(family):
    family.hold()

    assert Draft.objects.get().permit_ids == [family.permit.pk]
    assert refused(family.choose, family.permit, family.new) == [Code.SAME_PERSON]
    family.confirm()
    assert written() == [family.new.pk]


@pytest.mark.django_db
def test_a_trip_over_the_day_of_renewal_is_written_on_the_permit_good_each_day():
    family = renewed(valid_from=date(2026, 11, 21))
    later = slot_in(family.wing, days=14)
    family.hold(family.slot, later)

    family.choose(family.permit)
    family.confirm(family.slot, later)

    assert written() == [family.permit.pk, family.new.pk]


@pytest.mark.django_db
def test_a_trip_counts_the_visits_of_each_permit_apart():
    family = renewed(Family(visits_allowed=1), visits_allowed=1)
    later = slot_in(family.wing, days=7)
    family.hold(family.slot, later)

    family.choose(family.permit)
    family.confirm(family.slot, later)

    assert sorted(written()) == sorted([family.permit.pk, family.new.pk])
    assert broken() == set()


@pytest.mark.django_db
def test_who_comes_and_why_not_show_a_person_once_by_the_best_permit(family):
    detainee = detainee_of(family.account, family.detainee.pk, now=NOW)

    party = party_for(family.account, detainee, family.slot, chosen=[family.permit.pk], now=NOW)

    assert [person.permit.pk for person in party.people] == [family.new.pk]
    assert party.people[0].is_among([family.permit.pk])
    assert party.refusals == ()
    assert len(why_not(family.account, detainee, now=NOW).people) == 1


@pytest.mark.django_db
def test_the_calendar_opens_a_day_for_whichever_permit_is_good(family):
    late = slot_in(family.wing, days=14)
    detainee = detainee_of(family.account, family.detainee.pk, now=NOW)

    calendar = calendar_of(detainee, permits=list(permits_named(family.account, detainee)), now=NOW)

    assert [day.is_open for day in calendar.days if day.day == late.local_date] == [True]


@pytest.mark.django_db
def test_a_change_moves_a_person_to_the_permit_good_on_the_new_day_and_nobody_has_left():
    family = renewed(Family(valid_until=date(2026, 11, 20), visits_allowed=5), valid_from=date(2026, 11, 21))
    visit = family.book()
    later = slot_in(family.wing, days=14)

    family.hold(later, replaces=visit)
    family.confirm(later, key="k2")

    assert written() == [family.new.pk]
    assert not Attendance.objects.filter(permit=family.permit, debits=True).exists()
    assert taken(family.slot) == 0
    assert broken() == set()


@pytest.mark.django_db
def test_asking_again_for_the_same_people_changes_nothing_once_a_permit_is_renewed():
    family = Family(valid_until=date(2026, 11, 20))
    visit = family.book()
    renewed(family)

    change = Change(slot_id=family.slot.pk, permit_ids=frozenset({family.new.pk}))
    change_visit(booker=family.account, visit_id=visit.pk, change=change, channel=Channel.ONLINE, now=NOW)

    assert written() == [family.permit.pk]
    assert Visit.objects.get().version == 0


@pytest.mark.django_db
def test_a_family_that_waits_with_its_old_permit_is_served_by_the_new_one():
    owner = full()[0]
    family = Family(slot=owner.slot, valid_until=date(2026, 11, 5))
    wait(family)
    renewed(family)
    cancel(owner)
    offer_reserved()
    assert whose() == family.account
    assert waits_of(family.account, now=NOW)[0].people == ("Sophie DURAND",)

    accept_offer(account=family.account, offer_id=open_offer().pk, idempotency_key="k", now=NOW)

    assert written() == [family.new.pk]


@pytest.mark.django_db
def test_a_family_cannot_wait_for_a_person_named_twice(family):
    assert refused(wait, family, family.permit, family.new) == [Code.SAME_PERSON]


@pytest.mark.django_db
def test_a_wait_goes_on_when_the_old_permit_is_withdrawn_and_the_new_one_is_there(family):
    wait(family)
    family.permit.status = PermitStatus.WITHDRAWN
    family.permit.save()

    assert not waits_of(family.account, now=NOW)[0].incomplete
    assert WaitingEntry.objects.filter(ended_at__isnull=True).exists()


@pytest.mark.django_db
def test_what_is_held_stays_when_the_old_permit_ends_and_the_new_one_is_good(family):
    hold_slots(account=family.account, detainee_id=family.detainee.pk, slot_ids=[family.slot.pk], now=NOW)
    family.permit.status = PermitStatus.WITHDRAWN
    family.permit.save()

    judge_again(detainee_ids=[family.detainee.pk], now=NOW)

    assert Draft.objects.count() == 1


@pytest.mark.django_db
def test_two_brothers_are_visited_on_one_day_with_two_permits_of_one_person(family):
    brother = Family(slot=SlotFactory(wing=family.wing, starts_at=family.slot.starts_at + timedelta(hours=2)))
    permit = PermitFactory(detainee=brother.detainee, visitor=family.permit.visitor)
    RegistrationFactory(account=family.account, permit=permit)
    brother.account = family.account

    family.book()
    brother.book(permit, key="k2")

    assert written() == [family.new.pk, permit.pk]
