"""A visit that waits for a human: kept, cancelled, confirmed again by itself, or ended by the time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.review.models import Entry
from parloir.visits.models import Visit
from parloir.visits.operations import (
    cancel_reviewed_visit,
    cancel_visit,
    close_calls_past_use,
    decide_overdue_reviews,
    judge_again,
    keep_reviewed_visit,
    note_that_nobody_was_told,
    withdraw_people,
)
from parloir.visits.queries.reviews import confirmed_before
from parloir.visits.rules import Code
from parloir.visits.tasks import judge_visits_again
from tests.factories import NOW, PolicyFactory, RestrictionFactory
from tests.visits.families import WEDNESDAY, Family, broken, jobs, refused, slot_in, taken
from tests.visits.test_changing import change

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

AGENT = Actor("staff", 1)
DEADLINE = NOW + timedelta(hours=48)


def judged(family, now=NOW, **about):
    type(family.detainee).objects.filter(pk=family.detainee.pk).update(**about)
    judge_again(detainee_ids=[family.detainee.pk], now=now)


def in_hospital(**policy):
    """Return a family whose visit waits, and the visit."""
    family = Family(wing=PolicyFactory(on_hospital="review", **policy).wing)
    visit = family.book()
    judged(family, presence="hospital", movement_at=NOW)
    return family, visit


def in_disciplinary_cell(*days):
    """Return a family whose visits of one week wait but for the first."""
    family = Family()
    slots = [slot_in(family.wing, days=n) if n else family.slot for n in days]
    visits = [family.book(slot=slot, key=f"k{slot.pk}") for slot in slots]
    judged(family, presence="disciplinary", movement_at=NOW)
    return family, visits


def waiting():
    return set(Entry.objects.filter(closed_at=None).values_list("subject_id", flat=True))


def test_a_waiting_visit_says_before_when_it_is_confirmed():
    _, visit = in_hospital()

    assert confirmed_before([visit.pk]) == {visit.pk: DEADLINE}


def test_an_agent_keeps_it_and_the_family_is_told_once():
    _, visit = in_hospital()

    keep_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)

    assert (Entry.objects.get().closing, Visit.objects.get().status) == ("decided", "booked")
    assert Counter(jobs()) == {"visits.tell_booked": 1, "visits.tell_to_confirm": 1, "visits.tell_kept": 1}
    assert broken() == set()


def test_what_was_kept_is_not_asked_again_until_the_register_tells_of_something_new():
    family, visit = in_hospital()
    keep_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)

    judged(family)
    assert waiting() == set()

    judged(family, movement_at=NOW + timedelta(minutes=1))
    assert waiting() == {visit.pk}


def test_a_decision_about_a_restriction_stands_until_another_is_told():
    family = Family(wing=PolicyFactory(on_restriction="review").wing)
    visit = family.book()
    RestrictionFactory(detainee=family.detainee)
    judged(family)
    keep_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)

    judged(family)
    assert (waiting(), broken()) == (set(), set())

    RestrictionFactory(detainee=family.detainee, kind="no_visits", line_at=NOW + timedelta(hours=1))
    judged(family)
    assert waiting() == {visit.pk}


def test_an_agent_cancels_it_and_the_family_is_told_once():
    family, visit = in_hospital()

    cancel_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_by, visit.cancel_cause) == ("cancelled", "staff", "hospital")
    assert (Entry.objects.get().closing, taken(family.slot)) == ("decided", 0)
    assert Counter(jobs())["visits.tell_cancelled"] == 1
    assert broken() == set()


@pytest.mark.parametrize("decide", [keep_reviewed_visit, cancel_reviewed_visit])
def test_only_a_visit_that_waits_is_decided_on(decide):
    family = Family()
    visit = family.book()

    assert refused(decide, visit_id=visit.pk, actor=AGENT, now=NOW) == [Code.NOT_UNDER_REVIEW]
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    assert refused(decide, visit_id=visit.pk, actor=AGENT, now=NOW) == [Code.NOT_BOOKED]


def test_a_visit_that_has_begun_is_not_decided_on():
    _, visit = in_hospital()

    assert refused(keep_reviewed_visit, visit_id=visit.pk, actor=AGENT, now=WEDNESDAY) == [Code.STARTED]


def test_its_family_may_cancel_it_but_not_change_it():
    family, visit = in_disciplinary_cell(0, 1)[0], Visit.objects.latest("during")
    other = slot_in(family.wing, days=7)

    assert refused(change, family, visit, slot=other) == [Code.UNDER_REVIEW]
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    assert (waiting(), Entry.objects.get().closing) == (set(), "by_itself")
    assert broken() == set()


def test_an_agent_may_change_it_and_then_it_waits_no_more():
    family, visits = in_disciplinary_cell(0, 1)
    other = slot_in(family.wing, days=7)

    change(family, visits[1], slot=other, channel=Channel.DESK, agent=AGENT)
    assert "visits.judge_again" in jobs()
    judge_visits_again(detainee_id=family.detainee.pk)

    assert (waiting(), jobs()[-1]) == (set(), "visits.tell_kept")
    assert broken() == set()


def test_a_return_confirms_it():
    family, visit = in_hospital()

    judged(family, presence="present")

    assert (waiting(), Entry.objects.get().closing) == (set(), "by_itself")
    assert Counter(jobs()) == {"visits.tell_booked": 1, "visits.tell_to_confirm": 1, "visits.tell_kept": 1}
    assert Visit.objects.get(pk=visit.pk).status == "booked"


def test_another_cause_keeps_it_waiting_without_a_second_message():
    family, visit = in_hospital(on_restriction="review")
    RestrictionFactory(detainee=family.detainee)

    judged(family)
    judged(family, presence="present")

    assert waiting() == {visit.pk}
    assert Counter(jobs()) == {"visits.tell_booked": 1, "visits.tell_to_confirm": 1}


def test_a_place_given_up_in_the_week_confirms_the_next_visit():
    family, visits = in_disciplinary_cell(0, 1, 2)
    assert waiting() == {visits[1].pk, visits[2].pk}

    cancel_visit(booker=family.account, visit_id=visits[0].pk, now=NOW)
    assert jobs().count("visits.judge_again") == 1
    judge_visits_again(detainee_id=family.detainee.pk)

    assert waiting() == {visits[2].pk}
    assert jobs().count("visits.tell_kept") == 1


def test_a_visit_cancelled_where_nothing_waits_has_nothing_judged_again():
    family = Family()
    visit = family.book()
    family.book(slot=slot_in(family.wing, days=1), key="k2")

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)

    assert "visits.judge_again" not in jobs()


def test_somebody_may_leave_a_visit_that_waits():
    family = Family(wing=PolicyFactory(on_hospital="review").wing)
    child = family.add()
    visit = family.book(family.permit, child)
    judged(family, presence="hospital")

    withdraw_people(booker=family.account, visit_id=visit.pk, permit_ids=[child.pk], now=NOW)

    assert waiting() == {visit.pk}


def test_a_deadline_without_a_decision_cancels_it_for_the_service():
    family, visit = in_hospital()

    assert decide_overdue_reviews(now=DEADLINE - timedelta(seconds=1)) == 0
    assert decide_overdue_reviews(now=DEADLINE) == 1

    visit.refresh_from_db()
    assert (visit.status, visit.cancelled_by, visit.cancel_cause) == ("cancelled", "service", "hospital")
    assert (Entry.objects.get().closing, taken(family.slot)) == ("too_late", 0)
    assert Counter(jobs())["visits.tell_cancelled"] == 1
    assert decide_overdue_reviews(now=DEADLINE) == 0
    assert broken() == set()


def test_a_deadline_confirms_it_when_the_cause_has_passed_unnoticed():
    family, visit = in_hospital()
    type(family.detainee).objects.update(presence="present")

    assert decide_overdue_reviews(now=DEADLINE) == 0

    assert (Visit.objects.get().status, waiting()) == ("booked", set())
    assert Entry.objects.get(subject_id=visit.pk).closing == "by_itself"


def test_a_deadline_about_a_visit_that_was_erased_or_has_begun_decides_nothing():
    _, visit = in_hospital()
    Entry.objects.create(
        cause="hospital", subject_kind="visit", subject_id=visit.pk + 1, establishment_id=1, opened_at=NOW, deadline=NOW
    )

    assert decide_overdue_reviews(now=WEDNESDAY) == 0
    assert waiting() == set()


def test_a_cancellation_that_reaches_nobody_asks_the_prison_to_call():
    family = Family()
    visit = family.book()
    cancel_visit(booker=None, visit_id=visit.pk, agent=AGENT, now=NOW)

    note_that_nobody_was_told(visit_id=visit.pk, now=NOW)
    note_that_nobody_was_told(visit_id=visit.pk, now=NOW)

    entry = Entry.objects.get()
    assert (entry.cause, entry.subject_id, entry.told) == ("nobody_told", visit.pk, "nothing")
    assert entry.establishment_id == family.wing.establishment_id
    assert close_calls_past_use(now=DEADLINE) == 0
    assert close_calls_past_use(now=WEDNESDAY) == 1
    assert waiting() == set()


def test_nobody_is_to_be_called_about_a_visit_that_stands_or_has_begun():
    family = Family()
    visit = family.book()

    note_that_nobody_was_told(visit_id=visit.pk, now=NOW)
    cancel_visit(booker=None, visit_id=visit.pk, agent=AGENT, now=NOW)
    note_that_nobody_was_told(visit_id=visit.pk, now=WEDNESDAY)

    assert not Entry.objects.exists()
