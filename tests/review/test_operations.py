"""What waits for a human is opened once, owned, and closed with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.journal.models import Entry as Line
from parloir.journal.operations import Actor
from parloir.journal.queries import entries as journal_entries
from parloir.review.models import Entry
from parloir.review.operations import (
    clear_reviews,
    close_overdue,
    decide_reviews,
    move_reviews,
    open_review,
    own_review,
)
from parloir.review.queries import decisions_on, open_reviews, opened_at, overdue_subject_ids, what_waits
from parloir.review.rules import Cause, Subject, Told
from tests.factories import NOW

pytestmark = pytest.mark.django_db
VISIT = Subject("visit", 7)
AGENT = Actor("staff", 3)


def opened(cause=Cause.HOSPITAL, subject=VISIT, *, prison=1, hours=48, now=NOW):
    return open_review(
        cause=cause,
        subject=subject,
        establishment_id=prison,
        deadline=now + timedelta(hours=hours),
        told=Told.TO_BE_CONFIRMED,
        now=now,
    )


def test_an_entry_is_opened_once_while_it_is_open():
    entry_id = opened()

    assert (entry_id, opened()) == (Entry.objects.get().pk, None)
    assert list(journal_entries().values_list("verb", "subject_id", "detail")) == [
        ("review.opened", 7, {"cause": "hospital"})
    ]


def test_an_entry_clears_itself_and_may_be_opened_again():
    opened()

    assert clear_reviews(subjects=[VISIT], causes=[Cause.HOSPITAL], now=NOW) == [VISIT]

    assert Entry.objects.get().closing == "by_itself"
    assert opened() is not None


def test_only_the_causes_named_are_cleared():
    opened()
    opened(Cause.RESTRICTED)

    clear_reviews(subjects=[VISIT], causes=[Cause.RESTRICTED], now=NOW)

    waiting = what_waits(subject_kind="visit", subject_ids=[7], causes=list(Cause))
    assert [entry.cause for entry in waiting] == [Cause.HOSPITAL]


def test_nothing_to_clear_writes_nothing():
    assert clear_reviews(subjects=[VISIT], causes=list(Cause), now=NOW) == []
    assert clear_reviews(subjects=[], causes=list(Cause), now=NOW) == []
    assert not Line.objects.exists()


def test_a_decision_closes_every_entry_of_its_subject_and_is_remembered():
    opened()
    opened(Cause.RESTRICTED)
    opened(subject=Subject("visit", 8))

    decide_reviews(subjects=[VISIT], actor=AGENT, now=NOW)

    assert list(Entry.objects.order_by("pk").values_list("closing", flat=True)) == ["decided", "decided", ""]
    assert decisions_on(subject_kind="visit", subject_ids=[7, 8], causes=list(Cause)) == {
        (7, Cause.HOSPITAL): NOW,
        (7, Cause.RESTRICTED): NOW,
    }


def test_what_nobody_decided_in_time_says_so():
    opened(hours=1)
    opened(subject=Subject("visit", 8))
    later = NOW + timedelta(hours=1)

    assert overdue_subject_ids(subject_kind="visit", causes=list(Cause), now=NOW) == []
    assert overdue_subject_ids(subject_kind="visit", causes=list(Cause), now=later) == [7]
    close_overdue(subject=VISIT, now=later)

    assert overdue_subject_ids(subject_kind="visit", causes=list(Cause), now=later) == []
    assert Entry.objects.get(subject_id=7).closing == "too_late"


def test_an_agent_takes_an_entry_in_charge():
    entry_id = opened()

    own_review(entry_id=entry_id, owner=AGENT, now=NOW)

    entry = Entry.objects.get()
    assert (entry.owner_kind, entry.owner_id) == ("staff", 3)


def test_a_closed_entry_is_nobodys():
    entry_id = opened()
    decide_reviews(subjects=[VISIT], actor=AGENT, now=NOW)

    assert opened_at(entry_id) is None
    with pytest.raises(Entry.DoesNotExist):
        own_review(entry_id=entry_id, owner=AGENT, now=NOW)


def test_another_prison_receives_what_is_open_without_its_owner():
    entry_id = opened()
    own_review(entry_id=entry_id, owner=AGENT, now=NOW)

    move_reviews(subject=VISIT, establishment_id=2)

    assert not open_reviews(establishment_ids=[1]).exists()
    assert list(open_reviews(establishment_ids=[2]).values_list("pk", "owner_kind", "owner_id")) == [
        (entry_id, "", None)
    ]


def test_agents_see_the_most_pressing_first():
    opened(hours=40)
    opened(subject=Subject("visit", 8), hours=4)
    opened(subject=Subject("visit", 9), prison=2)

    assert [entry.subject_id for entry in open_reviews(establishment_ids=[1])] == [8, 7]
