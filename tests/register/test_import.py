"""What a feed leaves in the database, sentence by sentence of the format."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from parloir.establishments.models import Wing
from parloir.journal.models import Entry
from parloir.journal.queries import entries as journal_entries
from parloir.people.models import Detainee, FormerNumber, Restriction, Visitor
from parloir.permits.models import Permit
from tests.factories import NOW
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

pytestmark = pytest.mark.django_db


def place(person=None):
    person = person or Detainee.objects.get()
    return person.wing.establishment.slug, person.wing.code


def instant(text):
    return datetime.fromisoformat(text)


# What a line writes ----------------------------------------------------------------------


def test_a_detainee_line_makes_a_person_known(feed):
    assert feed.tell(detainee()).counts == counted(accepted=1)

    person = Detainee.objects.get()
    assert (person.committal_number, person.birth_name, person.use_name) == ("123456", "MARTIN", "")
    assert (person.first_names, person.birth_date, person.category) == (["Paul", "Jean"], date(1990, 4, 12), "prevenu")
    assert (place(person), person.presence, person.line_at) == (("ma-dijon", "MA/QMA"), "present", instant(AT))


def test_a_permit_line_makes_a_permit_and_its_visitor_known(feed):
    line = permit(status="suspended", suspended_until="2026-12-01", weekdays=[6, 3], visits_allowed=2, separated=True)
    assert feed.tell(detainee(), line).counts == counted(accepted=2)

    row = Permit.objects.get()
    assert (row.number, row.detainee.committal_number, row.visitor.register_id) == ("2026001234", "123456", "V000001")
    assert (row.status, row.suspended_until, row.valid_from) == ("suspended", date(2026, 12, 1), date(2026, 10, 1))
    assert (row.weekdays, row.visits_allowed, row.separated, row.alone_from_16) == ([3, 6], 2, True, False)
    assert (row.visitor.birth_name, row.visitor.use_name, row.visitor.first_names) == ("DURAND", "MARTIN", ["Sophie"])


def test_a_restriction_line_makes_a_period_known(feed):
    assert feed.tell(detainee(), restriction()).counts == counted(accepted=2)

    row = Restriction.objects.get()
    assert (row.kind, row.since, row.until) == ("no_communication", date(2026, 11, 2), date(2026, 11, 11))


def test_each_accepted_line_is_in_the_journal_without_personal_data(feed):
    feed.tell(detainee(), permit(), restriction(), movement("hospital"), movement("hospital"), b"{}\n")

    person, leave = Detainee.objects.get(), Permit.objects.get()
    assert list(journal_entries().order_by("id").values_list("verb", "subject_kind", "subject_id", "detail")) == [
        ("register.detainee", "detainee", person.pk, {}),
        ("register.permit", "permit", leave.pk, {}),
        ("register.restriction", "detainee", person.pk, {"kind": "no_communication"}),
        ("register.movement", "detainee", person.pk, {"kind": "hospital"}),
    ]
    assert set(Entry.objects.values_list("actor_kind", "at")) == {("register", NOW)}


# Rejected for what the database knows ----------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (detainee(establishment="ma-nulle-part"), ("unknown_establishment", "establishment")),
        (detainee(wing="MA/QX"), ("unknown_wing", "wing")),
        (detainee(wing="CD/QCD"), ("unknown_wing", "wing")),
        (transfer(establishment="ma-nulle-part"), ("unknown_establishment", "establishment")),
        (transfer(wing="MA/QMA"), ("unknown_wing", "wing")),
        (permit(), ("unknown_detainee", "committal_number")),
        (transfer(), ("unknown_detainee", "committal_number")),
        (movement("return"), ("unknown_detainee", "committal_number")),
        (restriction(), ("unknown_detainee", "committal_number")),
    ],
)
def test_what_names_something_unknown_is_rejected_and_writes_nothing(feed, line, reason):
    told = feed.tell(line)

    assert told.counts == counted(rejected=1)
    assert told.rejected == [(1, *reason)]
    assert not Detainee.objects.exists()
    assert not Permit.objects.exists()
    assert not Visitor.objects.exists()
    assert not Entry.objects.exists()


def test_a_bad_line_is_rejected_and_the_others_go_on(feed):
    told = feed.tell(b"?\n", detainee(), b"\n", permit(status="?"), permit())

    assert told.counts == counted(accepted=2, rejected=3)
    assert told.rejected == [(1, "bad_json", "not JSON"), (3, "bad_json", "not JSON"), (4, "bad_value", "status")]


def test_a_birth_date_is_judged_on_the_day_it_is_in_the_prison(feed):
    overseas = Wing.objects.select_related("establishment").get(code="CD/QCD")
    overseas.establishment.time_zone = "Pacific/Noumea"
    overseas.establishment.save()
    far = {"establishment": "cp-varennes-le-grand", "wing": "CD/QCD", "committal_number": "9"}
    evening = NOW + timedelta(hours=5)

    told = feed.tell(
        detainee(),
        detainee(**far),
        permit(visitor={"birth_date": "2026-11-03"}),
        permit(number="2", committal_number="9", visitor={"birth_date": "2026-11-03"}),
        permit(number="3", committal_number="9", visitor={"birth_date": "2026-11-04"}),
        detainee(birth_date="2026-11-03", at=LATER),
        now=evening,
    )

    assert told.rejected == [
        (3, "bad_value", "visitor.birth_date"),
        (5, "bad_value", "visitor.birth_date"),
        (6, "bad_value", "birth_date"),
    ]


# Order -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "other"),
    [
        (detainee(), {"category": "condamne"}),
        (permit(), {"separated": True}),
        (movement("hospital", at=AT), {"kind": "disciplinary"}),
        (restriction(), {"until": "2026-11-20"}),
    ],
)
def test_each_line_has_its_clock(feed, known, other):
    first = [] if known["type"] == "detainee" else [detainee()]
    feed.tell(*first, known)

    told = feed.tell(
        known | {"at": BEFORE},
        known | other | {"at": BEFORE},
        known,
        known | {"at": "2026-11-02T07:00:00Z"},
        known | other,
        known | other | {"at": LATER},
        known,
        known | other | {"at": LATER},
    )

    assert told.counts == counted(older=3, repeated=3, rejected=1, accepted=1)
    assert told.rejected == [(5, "conflict", "at")]


def test_each_line_type_has_a_clock_of_its_own(feed):
    assert feed.tell(
        detainee(at=LATEST),
        permit(at=LATER),
        movement("hospital", at=AT),
        restriction(at=BEFORE),
    ).counts == counted(accepted=4)


def test_the_key_of_a_restriction_is_the_person_the_kind_and_the_first_day(feed):
    assert feed.tell(
        detainee(),
        restriction(at=LATER),
        restriction(kind="no_visits"),
        restriction(**{"from": "2026-11-03"}),
        detainee(committal_number="9"),
        restriction(committal_number="9"),
        restriction(at=BEFORE),
    ).counts == counted(accepted=6, older=1)
    assert Restriction.objects.count() == 4


def test_a_restriction_that_ends_before_it_begins_forbids_in_advance_an_older_one_of_its_key(feed):
    assert feed.tell(detainee(), restriction(at=LATER, until="2026-11-01"), restriction()).counts == counted(
        accepted=2, older=1
    )
    assert Restriction.objects.get().until == date(2026, 11, 1)


def test_a_feed_told_again_is_all_repeated_or_older_and_changes_nothing(feed):
    lines = [
        detainee(),
        permit(at=LATER),
        transfer(new_committal_number="777"),
        permit(at="2026-11-02T08:30:00+01:00", number="at-the-very-moment", committal_number="777"),
        restriction(committal_number="777", at=LATEST),
        movement("release", committal_number="777", at=LATEST),
    ]
    assert feed.tell(*lines).counts == counted(accepted=6)
    before = snapshot()

    told = feed.tell(*lines)

    assert told.rejected == []
    assert told.counts == counted(repeated=5, older=1)
    assert snapshot() == before


def snapshot():
    return [
        list(model.objects.order_by("pk").values()) for model in (Detainee, FormerNumber, Permit, Restriction, Visitor)
    ]


# Where a person is -----------------------------------------------------------------------


def test_a_transfer_moves_a_person_and_may_be_told_to_families_later(feed):
    feed.tell(detainee(), transfer(disclose_from="2026-12-01"))

    person = Detainee.objects.get()
    assert (place(), person.disclose_from) == (("cp-varennes-le-grand", "CD/QCD"), date(2026, 12, 1))
    assert person.transferred_at == instant(LATER)


def test_a_detainee_line_older_than_the_last_transfer_tells_who_but_not_where(feed):
    told = feed.tell(detainee(at=BEFORE), transfer(at=LATER), detainee(at=AT, category="condamne", wing="MA/QSL"))

    assert told.counts == counted(accepted=3)
    assert (place(), Detainee.objects.get().category) == (("cp-varennes-le-grand", "CD/QCD"), "condamne")


def test_a_detainee_line_as_old_as_the_last_transfer_tells_who_but_not_where(feed):
    feed.tell(detainee(at=BEFORE), transfer(at=AT), detainee(at=AT, wing="MA/QSL"))

    assert place() == ("cp-varennes-le-grand", "CD/QCD")


def test_a_newer_detainee_line_in_another_prison_is_a_transfer_told_at_once(feed):
    feed.tell(detainee(at=BEFORE), transfer(at=AT, disclose_from="2026-12-01"), detainee(at=LATER))

    person = Detainee.objects.get()
    assert (place(), person.disclose_from, person.transferred_at) == (("ma-dijon", "MA/QMA"), None, instant(LATER))


def test_a_newer_detainee_line_in_the_same_prison_changes_the_wing_and_keeps_the_secret(feed):
    feed.tell(
        detainee(at=BEFORE, establishment="cp-varennes-le-grand", wing="CD/QCD"),
        transfer(at=AT, establishment="ma-dijon", wing="MA/QMA", disclose_from="2026-12-01"),
        detainee(at=LATER, wing="MA/QSL"),
    )

    person = Detainee.objects.get()
    assert (place(), person.disclose_from) == (("ma-dijon", "MA/QSL"), date(2026, 12, 1))
    assert person.transferred_at == instant(AT)


def test_a_transfer_older_than_the_last_detainee_line_is_older(feed):
    assert feed.tell(detainee(at=LATER), transfer(at=AT, new_committal_number="777")).counts == counted(
        accepted=1, older=1
    )
    assert place() == ("ma-dijon", "MA/QMA")
    assert Detainee.objects.get().committal_number == "123456"


def test_a_transfer_older_than_the_last_movement_is_older(feed):
    assert feed.tell(detainee(), movement("hospital", at=LATEST), transfer()).counts == counted(accepted=2, older=1)
    assert place() == ("ma-dijon", "MA/QMA")
