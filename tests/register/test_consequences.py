"""What a line does to the visits it touches, at once and in the same transaction."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.establishments.models import BookingPolicy, Wing
from parloir.establishments.rules import Channel
from parloir.people.models import Detainee
from parloir.permits.models import Permit
from parloir.review.models import Entry as Review
from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Visit
from parloir.visits.operations import Wish, book_visit
from parloir.visits.operations import receiving as receiving_module
from parloir.visits.queries.invariants import broken_invariants
from tests.factories import NOW, AccountFactory, RegistrationFactory, SlotFactory
from tests.register.feed import (
    AT,
    BEFORE,
    LATER,
    LATEST,
    Feed,
    counted,
    detainee,
    make_prisons,
    movement,
    permit,
    restriction,
    transfer,
)

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2026, 11, 11, 13, tzinfo=UTC)
THURSDAY = datetime(2026, 11, 12, 13, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 13, 13, tzinfo=UTC)


@pytest.fixture
def feed(tmp_path):
    make_prisons()
    told = Feed(tmp_path)
    told.tell(detainee(at=BEFORE), permit(at=BEFORE, visits_allowed=3))
    return told


def book(*starts, number="2026001234"):
    """Book visits under a permit in its own prison, and return them."""
    leave = Permit.objects.select_related("detainee__wing").get(number=number)
    account = AccountFactory()
    RegistrationFactory(account=account, permit=leave)
    visits = []
    for start in starts or (WEDNESDAY,):
        wish = Wish(
            detainee_id=leave.detainee_id,
            slot_id=SlotFactory(wing=leave.detainee.wing, starts_at=start).pk,
            permit_ids=frozenset({leave.pk}),
            idempotency_key=start.isoformat(),
        )
        visits.append(book_visit(booker=account, wish=wish, channel=Channel.ONLINE, now=NOW))
    return visits


def statuses():
    return list(Visit.objects.order_by("during").values_list("status", "cancel_cause"))


def waiting(cause):
    return set(Review.objects.filter(cause=cause, closed_at=None).values_list("subject_id", flat=True))


def told():
    return dict(Counter(ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True)))


def cancellations_told():
    return ProcrastinateJob.objects.filter(task_name="visits.tell_cancelled").count()


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (transfer(), "moved"),
        (transfer(disclose_from="2026-12-01", new_committal_number="777"), "moved"),
        (detainee(establishment="cp-varennes-le-grand", wing="CD/QCD"), "moved"),
        (detainee(wing="MA/QSL"), "moved"),
        (movement("release"), "released"),
        (movement("hospital"), "hospital"),
        (restriction(), "restricted"),
        (restriction(kind="no_visits"), "restricted"),
        (permit(status="withdrawn"), "permit_withdrawn"),
        (permit(status="suspended"), "permit_suspended"),
        (permit(status="suspended", suspended_until="2026-11-11"), "permit_suspended"),
        (permit(valid_until="2026-11-10"), "permit_expired"),
        (permit(valid_from="2026-11-12"), "permit_not_yet_valid"),
        (permit(weekdays=[6]), "permit_weekday"),
        (permit(separated=True), "permit_separated"),
        (permit(visitor={"birth_date": "2010-01-30"}), "minor_needs_adult"),
    ],
)
def test_a_line_ends_the_visits_that_it_no_longer_allows(feed, line, cause):
    book()

    assert feed.tell(line).counts == counted(accepted=1)

    assert statuses() == [("cancelled", cause)]
    assert Visit.objects.get().cancelled_by == "register"
    assert Slot.objects.get().taken == 0
    assert list(Attendance.objects.values_list("live", "debits")) == [(False, False)]
    assert cancellations_told() == 1


@pytest.mark.parametrize(
    "line",
    [
        detainee(birth_name="MARTINE", category="condamne"),
        movement("disciplinary"),
        movement("return"),
        restriction(until="2026-11-10"),
        restriction(until="2026-11-01"),
        restriction(**{"from": "2026-11-12", "until": "2026-11-13"}),
        permit(status="suspended", suspended_until="2026-11-10"),
        permit(valid_until="2026-11-11", weekdays=[3]),
        permit(visits_allowed=1, issued_by="prefet"),
        transfer(at="2026-09-30T08:00:00+02:00"),
        detainee(wing="MA/QMA", at="2026-09-30T08:00:00+02:00"),
    ],
)
def test_a_line_leaves_the_visits_that_it_still_allows(feed, line):
    book()

    feed.tell(line)

    assert statuses() == [("booked", "")]
    assert Slot.objects.get().taken == 1
    assert cancellations_told() == 0


def test_a_disciplinary_cell_leaves_the_latest_visits_beyond_one_a_week_to_a_human(feed):
    visits = book(WEDNESDAY, THURSDAY, FRIDAY)

    feed.tell(movement("disciplinary"))

    assert statuses() == [("booked", "")] * 3
    assert waiting("disciplinary") == {visit.pk for visit in visits[1:]}
    assert told() == {"visits.tell_booked": 3, "visits.tell_to_confirm": 2}


def test_a_wing_may_have_them_cancelled_instead(feed):
    BookingPolicy.objects.update(on_disciplinary="cancel")
    book(WEDNESDAY, THURSDAY, FRIDAY)

    feed.tell(movement("disciplinary"))

    assert statuses() == [("booked", ""), ("cancelled", "disciplinary_maximum"), ("cancelled", "disciplinary_maximum")]


def test_a_return_confirms_again_what_waited(feed):
    book(WEDNESDAY, THURSDAY)
    feed.tell(movement("disciplinary"))

    feed.tell(movement("return", at=LATEST))

    assert waiting("disciplinary") == set()
    assert Review.objects.get().closing == "by_itself"
    assert told() == {"visits.tell_booked": 2, "visits.tell_to_confirm": 1, "visits.tell_kept": 1}


def test_a_restriction_that_is_lifted_confirms_again_what_waited(feed):
    BookingPolicy.objects.update(on_restriction="review")
    (visit,) = book()
    feed.tell(restriction())
    assert (statuses(), waiting("restricted")) == ([("booked", "")], {visit.pk})

    feed.tell(restriction(at=LATER, until="2026-11-01"))

    assert waiting("restricted") == set()
    assert told() == {"visits.tell_booked": 1, "visits.tell_to_confirm": 1, "visits.tell_kept": 1}


def test_a_conviction_warns_each_account_and_asks_the_prison_once(feed):
    book()
    person = Detainee.objects.get()

    feed.tell(detainee(category="condamne"), detainee(at=LATER, category="prevenu_condamne"))

    entry = Review.objects.get()
    assert (entry.cause, entry.subject_id, entry.told) == ("category_changed", person.pk, "permit_may_change")
    assert told() == {"visits.tell_booked": 1, "visits.tell_permits_may_change": 1}


def test_a_conviction_that_no_family_knows_a_permit_under_tells_nobody(feed):
    feed.tell(detainee(category="condamne"))

    assert (Review.objects.get().told, told()) == ("nothing", {})


def test_what_a_conviction_left_to_the_prison_follows_the_person_and_clears_itself(feed):
    feed.tell(detainee(category="condamne"))
    feed.tell(transfer(at=LATER))
    assert Review.objects.get().establishment_id == Detainee.objects.get().wing.establishment_id

    feed.tell(movement("release", at=LATEST))

    assert Review.objects.get().closing == "by_itself"


def test_a_category_that_allows_fewer_visits_ends_the_latest(feed):
    book(WEDNESDAY, THURSDAY, FRIDAY)

    feed.tell(detainee(category="condamne"))

    assert statuses() == [("booked", ""), ("booked", ""), ("cancelled", "weekly_maximum")]


def test_a_permit_cut_shorter_ends_the_latest_visit(feed):
    book(WEDNESDAY, THURSDAY)

    feed.tell(permit(visits_allowed=1))

    assert statuses() == [("booked", ""), ("cancelled", "permit_used_up")]


def test_a_visit_ended_by_one_line_is_not_given_back_by_the_next(feed):
    book()

    assert feed.tell(permit(at=AT, status="withdrawn"), permit(at=LATER)).counts == counted(accepted=2)

    assert statuses() == [("cancelled", "permit_withdrawn")]
    assert Permit.objects.get().status == "active"


def test_only_the_visits_of_the_person_concerned_are_ended(feed):
    feed.tell(
        detainee(committal_number="9", at=BEFORE),
        permit(number="2", committal_number="9", at=BEFORE, visitor={"id": "V2"}),
    )
    book()
    book(THURSDAY, number="2")

    feed.tell(movement("hospital", committal_number="9"))

    assert statuses() == [("booked", ""), ("cancelled", "hospital")]


def test_a_line_that_changes_nothing_for_visits_judges_none_again(feed, monkeypatch):
    book()
    monkeypatch.setattr(receiving_module, "judge_again", None)

    told = feed.tell(detainee(birth_name="AUTRE"), permit(visits_allowed=3), movement("return"))

    assert told.counts == counted(accepted=3)


def test_a_permit_that_is_suspended_is_told_once_to_those_who_registered_it(feed):
    book()
    feed.tell(permit(number="2026009999", visitor={"id": "V000009"}))

    feed.tell(
        permit(status="suspended"), permit(number="2026009999", visitor={"id": "V000009"}, status="suspended", at=LATER)
    )
    feed.tell(permit(status="suspended", at=LATER))

    told_of = ProcrastinateJob.objects.filter(task_name="permits.tell_changed").values_list("args", flat=True)
    assert [args["permit_id"] for args in told_of] == [Permit.objects.get(number="2026001234").pk]


def test_a_visitor_who_turns_out_younger_loses_visits_to_anyone(feed):
    feed.tell(detainee(committal_number="9", at=BEFORE), permit(number="2", committal_number="9", at=BEFORE))
    book(THURSDAY, number="2")

    feed.tell(permit(visits_allowed=3, visitor={"birth_date": "2012-01-30"}))

    assert statuses() == [("cancelled", "minor_needs_adult")]


def test_a_release_after_a_change_of_number_in_the_same_file_closes_every_permit(feed):
    book()
    feed.tell(permit(at=BEFORE, number="2", visitor={"id": "V2"}))

    told = feed.tell(
        transfer(at=LATER, establishment="ma-dijon", wing="MA/QMA", new_committal_number="777"),
        restriction(committal_number="777", at=LATER, until="2026-11-03"),
        movement("release", committal_number="777", at=LATEST),
    )

    assert told.counts == counted(accepted=3)
    assert statuses() == [("cancelled", "released")]
    assert Permit.objects.filter(closed_at__isnull=True).count() == 0


def test_after_a_new_committal_an_old_permit_books_nothing_until_a_newer_line(feed):
    feed.tell(movement("release"), detainee(at=LATEST))
    with pytest.raises(Exception, match="permit_closed"):
        book()

    feed.tell(permit(at=LATEST))
    assert book(THURSDAY)[0].status == "booked"


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_the_size_of_batches_changes_nothing(feed, monkeypatch, size):
    monkeypatch.setattr("parloir.register.importer.BATCH", size)
    book(WEDNESDAY, THURSDAY, FRIDAY)

    told = feed.tell(
        movement("disciplinary", at=AT),
        movement("return", at=LATER),
        permit(at=AT, weekdays=[4, 5]),
        b"\n",
        permit(at=LATER),
        transfer(at=LATEST, new_committal_number="777"),
        detainee(at=LATEST, committal_number="777", birth_name="AUTRE"),
    )

    assert (told.counts, [number for number, *_ in told.rejected]) == (counted(accepted=6, rejected=1), [4])
    assert [cause for _, cause in statuses()] == ["permit_weekday", "moved", "moved"]
    person = Detainee.objects.get()
    assert (person.committal_number, person.birth_name, person.wing.code) == ("777", "AUTRE", "CD/QCD")


def test_the_cost_of_a_batch_does_not_grow_with_its_lines(feed, django_assert_max_num_queries):
    lines = [
        line
        for n in range(60)
        for line in (
            detainee(committal_number=f"D{n}"),
            permit(number=f"P{n}", committal_number=f"D{n}", visitor={"id": f"V{n}"}),
            restriction(committal_number=f"D{n}"),
            movement("hospital", committal_number=f"D{n}"),
        )
    ]
    with django_assert_max_num_queries(24):
        assert feed.tell(*lines).counts == counted(accepted=240)
    with django_assert_max_num_queries(18):
        assert feed.tell(*lines).counts == counted(repeated=240)
    assert Wing.objects.count() == 3


def test_a_visit_goes_on_by_the_renewed_permit_when_the_register_withdraws_the_old_one(feed):
    feed.tell(permit(at=BEFORE, number="2026005678", visits_allowed=1))
    visits = book(WEDNESDAY, THURSDAY)
    new = Permit.objects.get(number="2026005678")
    RegistrationFactory(account=visits[0].booker, permit=new)
    before = told()

    feed.tell(permit(status="withdrawn", visits_allowed=3))

    assert statuses() == [("booked", ""), ("cancelled", "permit_withdrawn")]
    assert Attendance.objects.get(debits=True).permit == new
    assert told()["visits.tell_cancelled"] == 1
    assert told()["visits.tell_booked"] == before["visits.tell_booked"]
    assert not any(count for _name, count in broken_invariants(now=NOW))
