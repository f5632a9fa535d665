"""Days that are no days, and moments that pass while a file is read."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import count

import pytest

from parloir.journal.models import Entry
from parloir.people.models import Detainee
from parloir.register import importer
from parloir.visits.models import Visit, WaitingEntry
from parloir.visits.operations import VisitRefused
from tests.factories import NOW
from tests.register.feed import AT, BEFORE, LATER, LATEST, detainee, movement, permit, restriction, transfer
from tests.register.test_consequences import THURSDAY, WEDNESDAY, book, statuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed(feed):
    feed.tell(detainee(at=BEFORE), permit(at=BEFORE, visits_allowed=3))
    return feed


def waits_for(visit):
    """Have its family wait for another visit."""
    WaitingEntry.objects.create(
        account=visit.booker,
        detainee=visit.detainee,
        wing=visit.detainee.wing,
        permit_ids=[attendance.permit_id for attendance in visit.attendances.all()],
        first_day=NOW.date(),
        last_day=NOW.date() + timedelta(days=30),
        weekdays=[1, 2, 3, 4, 5, 6, 7],
        earliest=time(0),
        latest=time(23, 59),
        notice_hours=0,
        active_from=NOW.date(),
        since=NOW,
    )


FARTHEST = ["9999-12-31", "9999-12-30", "9000-01-01", "8999-12-31"]
NEAREST = ["0001-01-01", "0001-01-02", "1582-10-14"]


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        (transfer, ["disclose_from"]),
        (restriction, ["from"]),
        (restriction, ["until"]),
        (restriction, ["from", "until"]),
        (permit, ["valid_from"]),
        (permit, ["valid_from", "valid_until"]),
        (permit, ["valid_until"]),
        (lambda **keys: permit(status="suspended", **keys), ["suspended_until"]),
    ],
)
@pytest.mark.parametrize("day", [*FARTHEST, *NEAREST])
def test_no_date_stops_an_import(feed, line, keys, day):
    waits_for(book(WEDNESDAY)[0])
    told = line(**dict.fromkeys(keys, day))
    bad = told["type"] == "permit" and keys == ["valid_until"] and day in NEAREST

    outcome = feed.tell(told, detainee(at=LATEST, committal_number="after"))

    assert outcome.rejected == ([(1, "bad_period", "valid_until")] if bad else [])
    assert Detainee.objects.filter(committal_number="after").exists()
    assert feed.tell(told, movement("return", at=LATEST)).counts.startswith("lines=2 accepted=1")


@pytest.mark.parametrize("had_asked", [True, False])
def test_nobody_waits_for_a_prison_that_is_never_told(feed, had_asked):
    (visit,) = book(WEDNESDAY)
    if had_asked:
        waits_for(visit)

    feed.tell(transfer(disclose_from="9999-12-31"))

    assert statuses() == [("cancelled", "moved")]
    assert not WaitingEntry.objects.filter(ended_at=None).exists()


def test_a_restriction_without_end_forbids_every_day_and_says_no_date(feed):
    feed.tell(restriction(until="9999-12-31"))
    with pytest.raises(VisitRefused) as refused:
        book(WEDNESDAY)

    assert [(refusal.code, refusal.until) for refusal in refused.value.refusals] == [("restricted", None)]


def test_what_has_begun_when_its_line_is_read_is_left_as_it_was(feed, monkeypatch):
    monkeypatch.setattr("parloir.register.importer.BATCH", 1)
    book(WEDNESDAY, THURSDAY)
    hours = iter([WEDNESDAY - timedelta(hours=1)] * 2 + [WEDNESDAY + timedelta(minutes=5)] * 4)
    at = (WEDNESDAY - timedelta(hours=2)).isoformat()

    feed.tell(detainee(committal_number="9"), movement("release", at=at), clock=lambda: next(hours))

    begun, to_come = Visit.objects.order_by("during")
    assert (begun.status, to_come.status) == ("booked", "cancelled")
    assert to_come.cancelled_at == WEDNESDAY + timedelta(minutes=5)
    assert Entry.objects.filter(verb="register.movement").get().at == WEDNESDAY + timedelta(minutes=5)


def test_the_clock_is_read_anew_for_each_transaction(feed, monkeypatch):
    book(WEDNESDAY)
    receive, moments = importer.receive_register_lines, []

    def noting(*, lines, now):
        moments.append((len(lines), now))
        return receive(lines=lines, now=now)

    monkeypatch.setattr(importer, "receive_register_lines", noting)
    minutes = count()

    feed.tell(
        movement("hospital", at=AT),
        movement("return", at=LATER),
        clock=lambda: NOW + timedelta(minutes=next(minutes)),
    )

    assert [now for _, now in moments] == [NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)]
