"""What a batch locks, it locks in the house's order, however many people its lines are about."""

from __future__ import annotations

import pytest
from django.db import connection

from parloir.establishments.models import BookingPolicy
from parloir.review.models import Entry as Review
from parloir.visits.models import Visit, WaitingEntry
from tests.register.feed import (
    AT,
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
from tests.register.test_judging import people
from tests.register.test_moments import waits_for
from tests.visits.locks import LockWatch

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_batch_about_many_people_locks_everything_in_order(tmp_path):
    make_prisons()
    BookingPolicy.objects.update(on_hospital="review", on_restriction="review")
    feed, watch = Feed(tmp_path), LockWatch()
    people(feed, 6, visits=2)
    for visit in Visit.objects.select_related("booker", "detainee__wing").order_by("pk")[:8:2]:
        waits_for(visit)
    news = [
        [movement("hospital", committal_number=f"D{n}", at=AT) for n in range(6)],
        [movement("return", committal_number="D0", at=LATER), movement("release", committal_number="D1", at=LATER)]
        + [transfer(committal_number=f"D{n}", at=LATER) for n in (2, 3)]
        + [detainee(committal_number="D4", category="condamne", at=LATER)]
        + [restriction(committal_number="D5", at=LATER)],
        [permit(number=f"P{n}", committal_number="nobody-s", status="withdrawn", at=LATEST) for n in (0, 4, 5)],
        [detainee(committal_number="D4", category="prevenu", at=LATEST)],
    ]

    with connection.execute_wrapper(watch):
        told = [feed.tell(*lines).counts for lines in news]

    assert told == [counted(accepted=len(lines)) for lines in news]
    assert watch.found == set()
    assert {"hospital", "restricted", "category_changed", "permit_disagrees"} <= set(
        Review.objects.values_list("cause", flat=True)
    )
    assert WaitingEntry.objects.filter(moved=True).exists()
