"""A line that withdraws or suspends a permit closes it whatever else of it disagrees; a human looks at the rest."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.people.models import Detainee, Visitor
from parloir.permits.models import Permit
from parloir.review.models import Entry as Review
from tests.register.feed import AT, BEFORE, LATER, LATEST, counted, detainee, movement, permit, transfer
from tests.register.test_consequences import WEDNESDAY, book, statuses

pytestmark = pytest.mark.django_db

DISAGREEMENTS = [
    {"visitor": {"id": "V-merged", "birth_name": "AUTRE"}},
    {"committal_number": "9"},
    {"committal_number": "nobody-s"},
    {"committal_number": "9", "visitor": {"id": "V-merged"}},
]


@pytest.fixture
def known(feed):
    feed.tell(detainee(at=BEFORE), detainee(at=BEFORE, committal_number="9", birth_name="PETIT"), permit(at=BEFORE))
    return feed


def open_reviews():
    entries = Review.objects.filter(closed_at=None)
    return list(entries.values_list("cause", "subject_kind", "subject_id", "establishment_id"))


def expected_review():
    leave = Permit.objects.select_related("detainee__wing").get()
    return [("permit_disagrees", "permit", leave.pk, leave.detainee.wing.establishment_id)]


@pytest.mark.parametrize("closing", [{"status": "withdrawn"}, {"status": "suspended"}])
@pytest.mark.parametrize("disagreement", DISAGREEMENTS)
def test_a_withdrawal_or_a_suspension_is_applied_whatever_else_disagrees_and_a_human_looks_at_it(
    known, closing, disagreement
):
    book(WEDNESDAY)
    visitors = list(Visitor.objects.order_by("pk").values())

    told = known.tell(permit(at=LATER, **closing, **disagreement))

    assert (told.counts, told.rejected) == (counted(accepted=1), [])
    leave = Permit.objects.select_related("detainee", "visitor").get()
    assert leave.status == closing["status"]
    assert (leave.detainee.committal_number, leave.visitor.register_id) == ("123456", "V000001")
    assert list(Visitor.objects.order_by("pk").values()) == visitors
    assert statuses() == [("cancelled", f"permit_{closing['status']}")]
    assert open_reviews() == expected_review()
    assert Review.objects.get().told == "permit_stopped"
    assert ProcrastinateJob.objects.filter(task_name="permits.tell_changed").count() == 1


@pytest.mark.parametrize("disagreement", DISAGREEMENTS)
def test_told_again_it_is_repeated_and_told_before_what_is_known_it_is_older(known, disagreement):
    line = permit(at=LATER, status="withdrawn", **disagreement)
    known.tell(line)

    assert known.tell(line, line | {"at": AT}).counts == counted(repeated=1, older=1)
    assert len(open_reviews()) == 1


@pytest.mark.parametrize("disagreement", DISAGREEMENTS[:2])
def test_an_active_line_that_disagrees_opens_nothing_again(known, disagreement):
    known.tell(permit(at=LATER, status="withdrawn", **disagreement))

    told = known.tell(permit(at=LATEST, **disagreement))

    assert [reason for _, reason, _ in told.rejected] == ["conflict"]
    assert Permit.objects.get().status == "withdrawn"


def test_a_later_line_that_agrees_clears_what_waited(known):
    known.tell(permit(at=LATER, status="withdrawn", committal_number="9"))

    known.tell(permit(at=LATEST))

    assert Permit.objects.get().status == "active"
    assert Review.objects.get().closing == "by_itself"


def test_a_permit_that_nobody_knows_closes_nothing(known):
    told = known.tell(permit(number="2", status="withdrawn", committal_number="nobody-s"))

    assert told.rejected == [(1, "unknown_detainee", "committal_number")]
    assert open_reviews() == []


def test_a_permit_closed_by_a_release_stays_closed_by_it(known):
    known.tell(movement("release", at=AT), permit(at=LATER, status="suspended", committal_number="9"))

    assert Permit.objects.get().closed_at is not None


def test_a_number_that_a_transfer_moved_meanwhile_keeps_no_permit_open(known):
    known.tell(transfer(at=AT, new_committal_number="777"))

    told = known.tell(permit(at=LATER, status="withdrawn"))

    assert told.counts == counted(accepted=1)
    assert Permit.objects.get().status == "withdrawn"
    assert Permit.objects.get().detainee == Detainee.objects.get(committal_number="777")


def test_a_line_that_closes_and_agrees_leaves_nothing_to_a_human(known):
    known.tell(permit(at=LATER, status="withdrawn"))

    assert not Review.objects.exists()
