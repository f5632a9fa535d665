"""A calendar’s entry as another library than the one that wrote it reads it: when, where, and how little it says."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from ical.calendar_stream import IcsCalendarStream

from parloir.establishments.referential import REFERENTIAL
from parloir.portal.documents.calendar import calendar_file, discreet_place
from tests.discretion import FORBIDDEN, FORBIDDEN_IN_ARABIC, folded
from tests.factories import NOW
from tests.portal.documents.families import a_visit, cancelled

pytestmark = pytest.mark.django_db


def entry(visit, *, language="fr", **how):
    (only,) = read(visit, language=language, **how).events
    return only


def read(visit, *, language="fr", **how):
    return IcsCalendarStream.calendar_from_ics(calendar_file(visit, language=language, now=NOW, **how).decode())


WINTER, SUMMER = timedelta(hours=1), timedelta(hours=2)


@pytest.mark.parametrize(
    ("zone", "starts_at", "local", "offset"),
    [
        ("Europe/Paris", datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 24, 14), SUMMER),
        ("Europe/Paris", datetime(2026, 10, 25, 13, tzinfo=UTC), datetime(2026, 10, 25, 14), WINTER),
        ("Europe/Paris", datetime(2027, 3, 27, 13, tzinfo=UTC), datetime(2027, 3, 27, 14), WINTER),
        ("Europe/Paris", datetime(2027, 3, 28, 12, tzinfo=UTC), datetime(2027, 3, 28, 14), SUMMER),
        ("Indian/Reunion", datetime(2026, 10, 25, 10, tzinfo=UTC), datetime(2026, 10, 25, 14), timedelta(hours=4)),
        ("Indian/Reunion", datetime(2027, 3, 28, 10, tzinfo=UTC), datetime(2027, 3, 28, 14), timedelta(hours=4)),
        ("America/Miquelon", datetime(2027, 3, 14, 16, tzinfo=UTC), datetime(2027, 3, 14, 14), timedelta(hours=-2)),
        (
            "Pacific/Marquesas",
            datetime(2026, 10, 25, 23, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 14),
            timedelta(hours=-9.5),
        ),
    ],
)
def test_another_calendar_reads_the_hour_of_the_prison_s_own_clock(zone, starts_at, local, offset):
    visit = a_visit(starts_at=starts_at, prison={"time_zone": zone})

    said = entry(visit)

    assert said.dtstart.replace(tzinfo=None) == local
    assert said.dtstart.utcoffset() == offset
    assert said.dtstart == starts_at
    assert said.dtend == starts_at + timedelta(minutes=45)


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
def test_the_zone_s_rules_travel_with_the_entry(zone):
    (rules,) = read(a_visit(prison={"time_zone": zone})).timezones

    assert rules.tz_id == zone


def test_the_entry_says_an_appointment_and_a_town():
    said = entry(a_visit())

    assert said.summary == "Rendez-vous"
    assert said.location == "21000 DIJON"
    assert [alarm.description for alarm in said.alarm] == ["Rendez-vous", "Rendez-vous"]
    assert [alarm.trigger for alarm in said.alarm] == [timedelta(days=-1), timedelta(hours=-2)]
    assert (said.classification, said.status) == ("PRIVATE", "CONFIRMED")


def test_the_street_is_there_for_whoever_asked_for_it():
    assert entry(a_visit(), with_street=True).location == "1 rue de l'Essai, 21000 DIJON"


@pytest.mark.parametrize("street", ["Derrière la Gendarmerie, 3 rue Haute", "3 rue Haute, lieu-dit la gendarmerie"])
def test_a_part_of_an_address_that_tells_is_left_out_all_the_same(street):
    assert entry(a_visit(prison={"street": street}), with_street=True).location == "3 rue Haute, 21000 DIJON"


def test_the_notes_hold_the_reference_when_to_arrive_and_where_the_address_can_be_read(settings):
    settings.LINK_URL = "https://mrdv.example"
    visit = a_visit()

    assert entry(visit).description.splitlines() == [
        f"Référence : {visit.reference}",
        "Arrivez à 13 h 30 (heure du lieu).",
        f"Adresse exacte, après connexion : https://mrdv.example/espace/rendez-vous/{visit.reference}/",
        "Démonstration, site non officiel",
    ]


def test_an_official_site_does_not_call_itself_a_demonstration(settings):
    settings.OFFICIAL = True

    assert "Démonstration" not in entry(a_visit()).description


def test_the_entry_is_in_the_language_of_the_account():
    said = entry(a_visit(), language="en")

    assert said.summary == "Appointment"
    assert "Arrive at 13:30" in said.description
    said = entry(a_visit(), language="ar")
    assert (str(said.summary), "13:30" in said.description) == ("موعد", True)


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("state", [lambda visit: visit, cancelled])
def test_nothing_in_the_whole_file_says_prison_or_names_anybody(language, state):
    visit = state(a_visit(prison={"street": "Maison Centrale, 3 quai des Lices"}))

    whole = folded(calendar_file(visit, language=language, now=NOW).decode().replace("\r\n ", ""))

    words = (
        "durand",
        "sophie",
        "martin",
        "paul",
        folded(visit.slot.wing.establishment.name),
        *FORBIDDEN,
        *FORBIDDEN_IN_ARABIC,
    )
    assert [word for word in words if word in whole] == []


def test_no_address_of_the_referential_says_what_stands_there():
    with REFERENTIAL.open(encoding="utf-8") as file:
        places = [discreet_place(SimpleNamespace(**row)) for row in csv.DictReader(file)]

    assert len(places) == 186
    assert [place for place in places if any(word in folded(place) for word in FORBIDDEN)] == []
    assert [place for place in places if not place] == [""], "one prison alone has no address at all"


def test_a_visit_keeps_its_name_and_each_change_is_newer_than_the_last():
    visit = a_visit()
    booked = entry(visit)
    visit.version = 3
    changed = entry(visit)
    gone = cancelled(visit)

    assert booked.uid == changed.uid == entry(gone).uid
    assert [booked.sequence, changed.sequence, entry(gone).sequence] == [0, 3, 4]


def test_two_visits_have_two_names():
    assert entry(a_visit()).uid != entry(a_visit()).uid


def test_a_visit_to_be_confirmed_is_tentative():
    visit = a_visit()
    visit.confirm_by = NOW

    assert entry(visit).status == "TENTATIVE"


def test_a_cancelled_visit_removes_its_entry_and_rings_no_more():
    whole = read(cancelled(a_visit()))

    assert whole.method == "CANCEL"
    assert whole.events[0].status == "CANCELLED"
    assert whole.events[0].alarm == []
    assert "Arrivez" not in whole.events[0].description
