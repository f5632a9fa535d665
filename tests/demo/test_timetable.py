"""The invented hours are plausible, varied, steady, and say that they are invented."""

from datetime import date, time

import pytest

from parloir.demo import operations, queries
from parloir.demo.timetable import PlannedWing, plausible_sessions, receives_visits, share_of
from parloir.timetable.models import Session
from tests.factories import NOW, EstablishmentFactory, PolicyFactory, SessionFactory, WingFactory

DIJON = PlannedWing(
    id=1,
    code="MA/QMA",
    slug="ma-dijon",
    online_booking="open",
    detainees=324,
    siblings=("MA/QMA",),
    duration_minutes=45,
)


def test_dijon_has_six_sessions_a_day_from_wednesday_to_saturday():
    sessions = list(plausible_sessions(DIJON, valid_from=date(2026, 11, 2)))

    assert sorted({s.weekday for s in sessions}) == [3, 4, 5, 6]
    assert [s.starts_at for s in sessions if s.weekday == 3] == [
        time(9),
        time(10),
        time(13, 30),
        time(14, 30),
        time(15, 30),
        time(16, 30),
    ]
    assert {(s.capacity, s.duration_minutes, s.kind, s.fictional) for s in sessions} == {(8, 45, "ordinaire", True)}


def test_the_same_wing_always_has_the_same_hours():
    assert list(plausible_sessions(DIJON, valid_from=NOW.date())) == list(
        plausible_sessions(DIJON, valid_from=NOW.date())
    )


def test_cabins_follow_the_number_of_detained_people_and_are_never_fewer_than_two():
    largest = PlannedWing(**{**DIJON.__dict__, "slug": "cp-fleury-merogis", "detainees": 5080})
    smallest = PlannedWing(**{**DIJON.__dict__, "slug": "ma-petite", "detainees": 10})

    assert 5080 / 50 <= next(plausible_sessions(largest, valid_from=NOW.date())).capacity <= 5080 / 25 + 1
    assert next(plausible_sessions(smallest, valid_from=NOW.date())).capacity == 2


@pytest.mark.parametrize(
    ("code", "online_booking", "expected"),
    [
        ("MA/QMA", "open", True),
        ("SAS", "open", True),
        ("CSL/QSL", "open", False),
        ("CSL/QSL", "none: semi-liberty", False),
        ("MA/QMA", "none: empty", False),
    ],
)
def test_only_wings_that_receive_visits_have_hours(code, online_booking, expected):
    assert receives_visits(code=code, online_booking=online_booking) is expected


def test_the_wings_of_a_prison_share_its_people():
    siblings = ("CD/QCD", "CSL/QSL", "MA/QMA", "SAS")

    assert sum(share_of(code, siblings) for code in siblings) == pytest.approx(1)
    assert share_of("MA/QMA", siblings) == 0.5


@pytest.mark.django_db
def test_hours_are_invented_once_and_never_where_there_are_some():
    open_wing = PolicyFactory(wing=WingFactory(code="MA/QMA")).wing
    prison = EstablishmentFactory()
    with_hours = PolicyFactory(wing=WingFactory(establishment=prison, code="CD/QCD")).wing
    PolicyFactory(wing=WingFactory(establishment=prison, code="CSL/QSL"))
    SessionFactory(wing=with_hours)

    made = operations.invent_timetable(now=NOW)

    assert made == open_wing.sessions.count() > 0
    assert set(open_wing.sessions.values_list("fictional", "valid_from")) == {(True, NOW.date())}
    assert list(queries.wings_without_timetable()) == []
    assert operations.invent_timetable(now=NOW) == 0
    assert with_hours.sessions.count() == 1
    assert Session.objects.count() == made + 1
