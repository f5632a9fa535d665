"""Until when somebody must decide."""

from __future__ import annotations

from datetime import timedelta

from parloir.review.rules import Cause, Told, deadline_for
from parloir.review.sentences import CAUSES, WHAT_WAS_TOLD
from tests.factories import NOW


def test_somebody_has_two_days_to_decide():
    assert deadline_for(now=NOW) == NOW + timedelta(hours=48)


def test_the_time_is_shorter_when_it_would_be_too_late_to_matter():
    assert deadline_for(now=NOW, latest=NOW + timedelta(hours=5)) == NOW + timedelta(hours=5)


def test_a_distant_visit_gives_no_more_than_two_days():
    assert deadline_for(now=NOW, latest=NOW + timedelta(days=9)) == NOW + timedelta(hours=48)


def test_what_is_too_late_already_is_due_now():
    assert deadline_for(now=NOW, latest=NOW - timedelta(hours=1)) == NOW


def test_every_cause_and_every_thing_told_has_its_words():
    assert set(CAUSES) == set(Cause)
    assert set(WHAT_WAS_TOLD) == set(Told)
