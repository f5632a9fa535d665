"""The home of a space: the next visit first, then what needs attention, then the rest."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from parloir.notifications.models import Contact
from parloir.permits.models import Permit
from parloir.portal.countdown import countdown
from parloir.visits.models import Visit
from tests.factories import AccountFactory, AttendanceFactory, SlotFactory, VisitFactory
from tests.portal.booking import at_two
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
"""00:30 in Paris, on the day on which summer time ends."""


def home(family):
    return re.sub(r"\s+", " ", family.browser.get("/espace/").content.decode())


def booked(family, days=10, **about):
    return family.book(slot=SlotFactory(wing=family.wing, starts_at=at_two(days)), now=timezone.now(), **about)


def taken_by_telephone(family, *, permit=None):
    visit = VisitFactory(
        booker=None, channel="telephone", detainee=family.detainee, slot=family.slot, booked_at=timezone.now()
    )
    AttendanceFactory(visit=visit, permit=permit or family.permit)
    return visit


@pytest.mark.parametrize(
    ("starts_at", "said"),
    [
        (NIGHT, "C’est maintenant"),
        (NIGHT + timedelta(seconds=30), "Aujourd’hui, dans 1 minute"),
        (NIGHT + timedelta(minutes=59), "Aujourd’hui, dans 59 minutes"),
        (NIGHT + timedelta(hours=1), "Aujourd’hui, dans 1 heure"),
        (datetime(2026, 10, 25, 13, tzinfo=PARIS), "Aujourd’hui, dans 13 heures"),
        (datetime(2026, 10, 26, 0, 5, tzinfo=PARIS), "Demain"),
        (datetime(2026, 10, 27, 9, tzinfo=PARIS), "Dans 2 jours"),
        (datetime(2026, 11, 24, 9, tzinfo=PARIS), "Dans 30 jours"),
    ],
)
def test_days_are_the_prison_s_and_hours_have_elapsed(starts_at, said):
    assert countdown(starts_at, zone=PARIS, now=NIGHT) == said


def test_the_next_visit_comes_first_with_all_that_one_needs(family):
    later, soon = booked(family, 12, key="later"), booked(family, 5)

    page = home(family)

    panel = page[page.index("Votre prochain rendez-vous") : page.index("Mes autres rendez-vous à venir")]
    for said in (
        f"Dans {(soon.local_date - timezone.localdate()).days} jours",
        "Paul MARTIN",
        "Sophie DURAND",
        family.wing.establishment.name.replace("'", "&#x27;"),
        "1 rue de l&#x27;Essai",
        "OpenStreetMap",
        "une pièce d’identité en cours de validité",
        f"/espace/rendez-vous/{soon.reference}/",
    ):
        assert said in panel
    assert later.reference not in panel
    assert later.reference in page


def test_a_visit_booked_by_telephone_is_there_and_says_so(family):
    visit = taken_by_telephone(family)

    page = home(family)

    assert visit.reference in page
    assert "Pris par téléphone" in page
    assert "Pris par téléphone" in family.browser.get("/espace/rendez-vous/").content.decode()


def test_a_visit_booked_by_telephone_for_somebody_else_is_not_there(family):
    other = family.add(holding="adult")

    visit = taken_by_telephone(family, permit=other)

    assert visit.reference not in home(family)


@pytest.mark.parametrize("by", ["staff", "register", "service"])
def test_a_visit_cancelled_by_the_prison_stands_among_what_needs_attention_until_its_hour(family, by):
    visit = booked(family)
    Visit.objects.update(status="cancelled", cancelled_by=by, cancelled_at=timezone.now(), cancel_cause="hospital")

    page = home(family)

    assert re.search(r"Votre rendez-vous du [^<]* est annulé", page)
    assert visit.reference in page
    assert "hospital" not in page.lower()
    Visit.objects.update(slot=SlotFactory(wing=family.wing, starts_at=timezone.now() - timedelta(minutes=1)))
    assert "est annulé" not in home(family)


def test_what_a_family_cancelled_itself_is_not_said_again(family):
    booked(family)
    Visit.objects.update(status="cancelled", cancelled_by="family", cancelled_at=timezone.now())

    assert "est annulé" not in home(family)


def test_what_its_booker_cancelled_is_told_to_the_others_who_were_to_come(family):
    visit = taken_by_telephone(family)
    Visit.objects.update(
        status="cancelled", cancelled_by="family", cancelled_at=timezone.now(), booker=AccountFactory()
    )

    assert f"/espace/rendez-vous/{visit.reference}/" in home(family)
    assert "est annulé" in home(family)


@pytest.mark.parametrize(("days", "is_said"), [(-1, False), (0, True), (29, True), (30, False)])
def test_a_permit_that_ends_within_thirty_days_is_said(family, days, is_said):
    Permit.objects.update(valid_until=timezone.localdate() + timedelta(days=days))

    assert ("Le permis de Sophie DURAND expire bientôt" in home(family)) == is_said


def test_a_suspended_permit_is_said_and_a_withdrawn_one_only_in_its_line(family):
    Permit.objects.update(status="suspended")
    suspended = home(family)
    Permit.objects.update(status="withdrawn")

    assert "Le permis de Sophie DURAND est suspendu" in suspended
    assert "Ce permis a été retiré" in home(family)


@pytest.mark.parametrize(("email", "said"), [("", "Donnez votre adresse e-mail"), ("a@b.example", "Confirmez votre")])
def test_an_address_that_is_missing_or_unconfirmed_is_asked_for(family, email, said):
    Contact.objects.update(email=email, email_confirmed_at=None)

    assert said in home(family)


def test_a_newcomer_is_welcomed_and_led_to_the_first_step(db):
    page = signed_in(AccountFactory()).get("/espace/").content.decode()

    assert "Bienvenue." in page
    assert page.index("/espace/permis/ajouter/") < page.index("/permis/demander/")
    assert "Vous n’avez pas de rendez-vous à venir" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_home_costs_the_same_however_much_is_there(family, rows, django_assert_num_queries):
    for number in range(rows):
        booked(family, 10 + 7 * number, key=f"key-{number}")
        family.add()

    with django_assert_num_queries(11):
        family.browser.get("/espace/")
