"""Numbers, presence, permits and visitors: what a feed leaves of them, sentence by sentence of the format."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from parloir.people.models import Detainee, FormerNumber, Restriction, Visitor
from parloir.permits.models import Permit
from tests.register.feed import (
    AT,
    BEFORE,
    LATER,
    LATEST,
    counted,
    detainee,
    movement,
    permit,
    restriction,
    transfer,
)
from tests.register.test_import import instant, place, snapshot

pytestmark = pytest.mark.django_db


# Numbers ---------------------------------------------------------------------------------


def test_a_new_committal_number_replaces_the_old_one(feed):
    assert feed.tell(
        detainee(),
        transfer(new_committal_number="777"),
        permit(committal_number="777", at=LATEST),
        movement("hospital", committal_number="777", at=LATEST),
    ).counts == counted(accepted=4)

    person = Detainee.objects.get()
    assert (person.committal_number, person.presence) == ("777", "hospital")
    assert Permit.objects.get().detainee == person


@pytest.mark.parametrize("in_one_go", [True, False])
def test_the_old_number_stays_an_alias_for_lines_dated_before_the_change(feed, in_one_go):
    start = [detainee(at=BEFORE), transfer(at=LATER, new_committal_number="777")]
    late = [
        permit(at=AT),
        restriction(at=AT),
        movement("return", at=AT),
        detainee(at=AT, category="condamne"),
        permit(at=LATER, number="2"),
        permit(at=LATEST, number="3"),
        restriction(at=LATEST, kind="no_visits"),
        movement("hospital", at=LATEST),
    ]
    if in_one_go:
        told = feed.tell(*start, *late)
        told.rejected = [(number - 2, *fault) for number, *fault in told.rejected]
    else:
        feed.tell(*start)
        told = feed.tell(*late)

    assert told.rejected == [(number, "unknown_detainee", "committal_number") for number in (5, 6, 7, 8)]
    person = Detainee.objects.get()
    assert (person.committal_number, person.category, person.presence) == ("777", "condamne", "present")
    assert (Permit.objects.get().detainee, Restriction.objects.get().detainee) == (person, person)


def test_a_new_number_already_in_use_is_a_conflict_and_nobody_moves(feed):
    told = feed.tell(detainee(), detainee(committal_number="777"), transfer(new_committal_number="777"))

    assert told.rejected == [(3, "conflict", "new_committal_number")]
    assert place(Detainee.objects.get(committal_number="123456")) == ("ma-dijon", "MA/QMA")


def test_a_new_number_that_was_still_somebody_elses_at_that_moment_is_a_conflict(feed):
    told = feed.tell(
        detainee(at=BEFORE),
        detainee(at=BEFORE, committal_number="9"),
        transfer(committal_number="9", at=LATER, new_committal_number="777"),
        transfer(at=AT, new_committal_number="9"),
    )

    assert told.rejected == [(4, "conflict", "new_committal_number")]


def test_a_new_number_that_is_the_persons_own_changes_nothing(feed):
    assert feed.tell(detainee(), transfer(new_committal_number="123456")).counts == counted(accepted=2)
    assert not FormerNumber.objects.exists()


def test_a_person_may_get_a_former_number_back(feed):
    assert feed.tell(
        detainee(at=BEFORE),
        transfer(at=AT, new_committal_number="777"),
        transfer(at=LATER, committal_number="777", new_committal_number="123456"),
        permit(at=LATEST),
        permit(at=AT, number="2", committal_number="777"),
    ).counts == counted(accepted=5)
    assert set(Permit.objects.values_list("detainee__committal_number", flat=True)) == {"123456"}


@pytest.mark.parametrize("in_one_go", [True, False])
def test_a_number_once_replaced_may_name_another_person_from_then_on(feed, in_one_go):
    lines = [
        detainee(at=BEFORE),
        transfer(at=AT, new_committal_number="777"),
        detainee(at=LATER, birth_name="PETIT"),
        permit(at=LATER),
        permit(at="2026-11-02T07:59:00+01:00", number="2"),
    ]
    for batch in [lines] if in_one_go else [[line] for line in lines]:
        assert feed.tell(*batch).rejected == []

    assert dict(Permit.objects.values_list("number", "detainee__birth_name")) == {"2026001234": "PETIT", "2": "MARTIN"}
    assert feed.tell(*lines).counts == counted(repeated=5)


# Presence --------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "presence"), [("hospital", "hospital"), ("disciplinary", "disciplinary")])
def test_hospital_and_discipline_last_until_return(feed, kind, presence):
    feed.tell(detainee(), movement(kind))
    assert Detainee.objects.get().presence == presence

    feed.tell(detainee(at=LATEST))
    assert Detainee.objects.get().presence == presence

    feed.tell(movement("return", at=LATEST))
    assert Detainee.objects.get().presence == "present"


def test_a_transfer_does_not_end_a_hospital_stay(feed):
    feed.tell(detainee(), movement("hospital"), transfer(at=LATEST))

    assert (Detainee.objects.get().presence, place()[0]) == ("hospital", "cp-varennes-le-grand")


def test_a_return_of_somebody_present_and_a_second_release_are_accepted(feed):
    assert feed.tell(
        detainee(),
        movement("return"),
        movement("release", at="2026-11-02T08:40:00+01:00"),
        movement("release", at=LATEST),
    ).counts == counted(accepted=4)
    assert Detainee.objects.get().presence == "released"


def test_a_release_closes_permits_until_a_newer_line(feed):
    feed.tell(detainee(), permit(), permit(number="2"), movement("release"))
    assert set(Permit.objects.values_list("closed_at", flat=True)) == {instant(LATER)}

    feed.tell(permit(at=LATEST))
    assert dict(Permit.objects.values_list("number", "closed_at")) == {"2026001234": None, "2": instant(LATER)}


def test_a_permit_told_late_from_before_a_release_is_closed_by_it(feed):
    feed.tell(detainee(), movement("release"), detainee(at=LATEST), permit(at=AT))

    assert Permit.objects.get().closed_at == instant(LATER)


def test_a_release_told_late_spares_what_is_newer(feed):
    feed.tell(detainee(at=BEFORE), permit(at=BEFORE), permit(number="2", at=LATEST), detainee(at=LATEST))

    assert feed.tell(movement("release")).counts == counted(accepted=1)
    assert Detainee.objects.get().presence == "present"
    assert dict(Permit.objects.values_list("number", "closed_at")) == {"2026001234": instant(LATER), "2": None}


def test_after_a_release_only_a_newer_detainee_line_is_a_new_committal(feed):
    feed.tell(detainee(at=BEFORE), permit(at=BEFORE), movement("release"))
    for line in (detainee(at=AT), transfer(at=LATEST), movement("return", at="2026-11-02T09:40:00+01:00")):
        assert feed.tell(line).counts == counted(accepted=1)
        assert Detainee.objects.get().presence == "released"

    feed.tell(detainee(at="2026-11-02T09:50:00+01:00"))
    assert Detainee.objects.get().presence == "present"
    assert Permit.objects.get().closed_at == instant(LATER)


# Permits and visitors --------------------------------------------------------------------


def test_the_newest_permit_line_tells_who_a_visitor_is_whichever_the_permit(feed):
    feed.tell(
        detainee(),
        permit(at=LATER, visitor={"birth_name": "NEUF"}),
        permit(at=AT, number="2", visitor={"birth_name": "VIEUX"}),
    )
    assert Visitor.objects.get().birth_name == "NEUF"

    feed.tell(permit(at=LATEST, number="2", visitor={"birth_name": "NOUVEAU"}))
    assert Visitor.objects.get().birth_name == "NOUVEAU"

    feed.tell(permit(at=BEFORE, number="3", visitor={"birth_name": "VIEUX"}))
    assert Visitor.objects.get().birth_name == "NOUVEAU"


@pytest.mark.parametrize(
    ("change", "key"),
    [({"committal_number": "9"}, "committal_number"), ({"visitor": {"id": "V2"}}, "visitor.id")],
)
def test_a_permit_never_passes_to_another_person(feed, change, key):
    feed.tell(detainee(), detainee(committal_number="9"), permit())
    before = snapshot()

    told = feed.tell(permit(at=LATER, **change), permit(**change))

    assert told.rejected == [(1, "conflict", key), (2, "conflict", "at")]
    assert snapshot() == before


def test_a_permit_told_under_the_new_number_of_its_person_is_the_same(feed):
    told = feed.tell(
        detainee(),
        permit(),
        transfer(new_committal_number="777"),
        permit(committal_number="777"),
        permit(committal_number="777", at=LATEST, separated=True),
    )

    assert told.counts == counted(accepted=4, repeated=1)
    assert Permit.objects.get().separated is True


def test_times_are_kept_to_the_microsecond_in_utc(feed):
    feed.tell(detainee(at="2026-11-02T08:00:00.123456+01:00"))

    assert Detainee.objects.get().line_at == datetime(2026, 11, 2, 7, 0, 0, 123456, tzinfo=UTC)
