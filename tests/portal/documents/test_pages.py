"""The pages and files of a visit: who may have them, what they cost, what is left of a cancelled one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream

from parloir.establishments.models import Establishment
from parloir.portal.documents.routes import routes_to
from parloir.visits.models import Visit
from parloir.visits.operations import cancel_visit
from tests.factories import PermitFactory, RegistrationFactory
from tests.portal.booking import about, words
from tests.signed_in import signed_in
from tests.visits.families import Family

pytestmark = pytest.mark.django_db
FILES = {"preuve.pdf": ("application/pdf", "rendez-vous.pdf"), "calendrier.ics": ("text/calendar", "rendez-vous.ics")}


@pytest.fixture
def visit(family):
    return family.book(now=timezone.now())


def cancel(family, visit):
    cancel_visit(booker=family.account, visit_id=visit.pk, now=timezone.now())


@pytest.mark.parametrize("last", FILES)
def test_a_file_is_downloaded_under_a_name_that_is_everybody_s(family, visit, last):
    answer = family.browser.get(about(visit, last))

    kind, name = FILES[last]
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("last", FILES)
def test_somebody_else_s_visit_is_not_found(family, visit, last):
    assert signed_in(Family().account).get(about(visit, last)).status_code == 404
    assert Client().get(about(visit, last)).headers["location"].startswith("/connexion/?suite=")
    assert family.browser.get(f"/espace/rendez-vous/PAR-2222-22/{last}").status_code == 404
    assert family.browser.get(f"/espace/rendez-vous/x/{last}").status_code == 404


@pytest.mark.parametrize("last", FILES)
def test_a_file_is_only_read(family, visit, last):
    assert family.browser.post(about(visit, last)).status_code == 405


@pytest.mark.parametrize("last", FILES)
def test_who_attends_by_their_own_permit_has_the_files_too_until_they_leave(family, last):
    partner = Family(wing=family.wing, slot=family.slot)
    theirs = PermitFactory(detainee=family.detainee)
    RegistrationFactory(account=partner.account, permit=theirs, holding="own")
    RegistrationFactory(account=family.account, permit=theirs, holding="adult")
    visit, browser = family.book(family.permit, theirs, now=timezone.now()), signed_in(partner.account)

    assert browser.get(about(visit, last)).status_code == 200
    visit.attendances.filter(permit=theirs).update(live=False)
    assert browser.get(about(visit, last)).status_code == 404


@pytest.mark.parametrize(("last", "statements"), [("preuve.pdf", 3), ("calendrier.ics", 4)])
@pytest.mark.parametrize("children", [0, 2])
def test_a_file_costs_the_same_however_many_come(family, last, statements, children, django_assert_num_queries):
    visit = family.book(family.permit, *(family.add() for _ in range(children)), now=timezone.now())

    with django_assert_num_queries(statements):
        family.browser.get(about(visit, last))


def test_of_a_cancelled_visit_there_is_no_sheet_but_a_page_that_says_so(family, visit):
    cancel(family, visit)

    answer = family.browser.get(about(visit, "preuve.pdf"))

    assert answer.status_code == 410
    assert answer.headers["content-type"].startswith("text/html")
    assert "il n’a plus de confirmation à imprimer" in words(answer)


def test_of_a_cancelled_visit_the_calendar_s_file_removes_the_entry(family, visit):
    before = family.browser.get(about(visit, "calendrier.ics"))
    cancel(family, visit)

    after = family.browser.get(about(visit, "calendrier.ics"))

    booked, gone = (IcsCalendarStream.calendar_from_ics(words(answer)) for answer in (before, after))
    assert (booked.method, gone.method) == ("PUBLISH", "CANCEL")
    assert gone.events[0].status == "CANCELLED"
    assert gone.events[0].uid == booked.events[0].uid
    assert gone.events[0].sequence > booked.events[0].sequence


def test_the_page_shows_the_code_the_rules_the_files_and_the_way(family, visit):
    page = words(family.browser.get(about(visit)))

    assert page.count("data:image/svg+xml") == 1
    assert "30 minutes avant." in page
    assert "En retard, vous ne pourrez plus entrer." in page
    for last in FILES:
        assert f'href="{about(visit, last)}"' in page
    for route in routes_to(Establishment.objects.get(pk=family.wing.establishment_id)):
        assert f'href="{route.url.replace("&", "&amp;")}"' in page


def test_the_page_of_a_cancelled_visit_shows_nothing_for_the_gate(family, visit):
    cancel(family, visit)

    page = words(family.browser.get(about(visit)))

    assert "data:image/svg+xml" not in page
    assert about(visit, "preuve.pdf") not in page
    assert "Enlever de mon agenda" in page


def test_the_page_of_a_past_visit_keeps_its_sheet_alone(family, visit):
    Visit.objects.update(status="attended")

    page = words(family.browser.get(about(visit)))

    assert about(visit, "preuve.pdf") in page
    assert about(visit, "calendrier.ics") not in page


def test_a_way_is_by_position_or_else_by_address_and_never_by_name():
    exact = Establishment(name="Prison", latitude=47.3, longitude=5.0, position_is="site", postal_code="21000")
    town = Establishment(
        name="Prison", street="1 rue X", postal_code="21000", postal_city="DIJON", latitude=1, position_is="city centre"
    )

    assert [route.url for route in routes_to(exact)] == [
        "https://maps.apple.com/?daddr=47.3%2C5.0",
        "https://www.google.com/maps/dir/?api=1&destination=47.3%2C5.0",
        "https://www.openstreetmap.org/directions?to=47.3%2C5.0",
        "https://waze.com/ul?ll=47.3%2C5.0&navigate=yes",
    ]
    assert routes_to(town)[0].url == "https://maps.apple.com/?daddr=1+rue+X%2C+21000+DIJON"
    assert routes_to(town)[3].url == "https://waze.com/ul?q=1+rue+X%2C+21000+DIJON&navigate=yes"
    assert routes_to(Establishment(name="Prison")) == []
