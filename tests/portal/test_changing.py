"""The pages that change a visit: its time, who comes, some fewer, oneself out of it, the same again a week later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from parloir.timetable.models import Slot
from parloir.visits.models import Attendance, Draft, Visit
from parloir.visits.queries.again import same_hour_next_week, same_time_next_week
from tests.factories import AccountFactory, EstablishmentFactory, PolicyFactory, RegistrationFactory, SlotFactory
from tests.portal.booking import about, at_two, choose, fields_of, new, press, words
from tests.signed_in import signed_in
from tests.visits.families import Family, jobs, taken

pytestmark = pytest.mark.django_db

GROWN_UP = date(1960, 1, 1)


@pytest.fixture
def other(family):
    """A second slot, in another week than the first."""
    return SlotFactory(wing=family.wing, starts_at=at_two(17))


def coming(visit):
    return set(Attendance.objects.filter(visit=visit, live=True).values_list("permit_id", flat=True))


def booked(family, *permits):
    return family.book(*permits, now=timezone.now())


def soon(visit):
    """Bring a visit to three hours from now: too late to change it, not to leave it."""
    starts_at = timezone.now() + timedelta(hours=3)
    Slot.objects.filter(pk=visit.slot_id).update(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=45))


def in_two(family, *, holding="own"):
    """Return a second account whose own permit the family has registered, and that permit."""
    permit = family.add(holding="adult", born=GROWN_UP)
    account = AccountFactory()
    RegistrationFactory(account=account, permit=permit, holding=holding)
    return account, permit


def test_another_time_is_held_while_the_old_place_is_kept(family, other):
    visit = booked(family)

    calendar = words(family.browser.get(about(visit, "changer/") + f"?jour={family.slot.local_date}"))
    held = family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    assert "Votre rendez-vous actuel" in calendar
    assert f'value="{family.slot.pk}"' not in calendar
    assert held.headers["location"] == new(family, "verifier/")
    assert (taken(family.slot), taken(other)) == (1, 1)
    assert Draft.objects.get().permit_ids == [family.permit.pk]


def test_the_last_check_of_a_change_shows_what_was_and_what_will_be(family, other):
    visit = booked(family)
    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    page = family.browser.get(new(family, "verifier/"))
    answer = family.browser.post(new(family, "verifier/"), fields_of(page))

    assert "Confirmer le changement" in words(page)
    assert "<s>" in words(page)
    assert "Je veux recevoir des rappels" not in words(page)
    assert answer.headers["location"] == about(visit) + "?change=1"
    assert "Rendez-vous changé" in words(family.browser.get(answer.headers["location"]))
    assert Visit.objects.get().slot_id == other.pk
    assert (taken(family.slot), taken(other)) == (0, 1)
    assert press(family, other, key=fields_of(page)["cle"]).headers["location"] == about(visit) + "?change=1"


def test_a_change_keeps_who_comes_and_the_accessible_cabin(family, other):
    Slot.objects.update(accessible_capacity=1)
    child = family.add()
    visit = family.book(family.permit, child, accessible=True, now=timezone.now())

    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    draft = Draft.objects.get()
    assert (draft.permit_ids, draft.accessible) == (sorted([family.permit.pk, child.pk]), True)
    assert Slot.objects.get(pk=other.pk).accessible_taken == 1


def test_the_links_of_a_change_lead_back_to_its_own_calendar(family, other):
    visit = booked(family)
    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    page = words(family.browser.get(new(family, "qui-vient/")))

    assert f'href="{about(visit, "changer/")}?jour={other.local_date}"' in page


def test_a_change_that_is_taken_again_is_still_a_change(family, other):
    visit = booked(family)
    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    family.browser.post(about(visit, "changer/"), {"creneau": other.pk, "etape": "visit_check"})

    assert Draft.objects.get().replaces_id == visit.pk


def test_a_full_time_leaves_the_visit_as_it_was(family, other):
    Slot.objects.filter(pk=other.pk).update(taken=3)
    visit = booked(family)

    answer = family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    assert answer.status_code == 409
    assert "Ce créneau est complet." in words(answer)
    assert Visit.objects.get().slot_id == family.slot.pk


def test_too_late_to_change_says_what_remains_possible(family):
    child = family.add()
    visit = booked(family, family.permit, child)
    soon(visit)

    for last in ("changer/", "qui-vient/"):
        answer = family.browser.post(about(visit, last), {"creneau": family.slot.pk, "permis": family.permit.pk})
        assert answer.status_code == 409
        assert "Il est trop tard pour changer en ligne" in words(answer)
        assert "Enlever une personne" in words(answer)
        assert "Annuler ce rendez-vous" in words(answer)
    page = words(family.browser.get(about(visit)))
    assert "Changer le jour ou l’heure" not in page
    assert "Il est trop tard pour changer en ligne" in page
    assert coming(visit) == {family.permit.pk, child.pk}


def test_other_people_come_at_the_same_time(family):
    child = family.add()
    visit = booked(family)

    form = words(family.browser.get(about(visit, "qui-vient/")))
    answer = family.browser.post(about(visit, "qui-vient/"), {"permis": [family.permit.pk, child.pk]})
    twice = family.browser.post(about(visit, "qui-vient/"), {"permis": [family.permit.pk, child.pk]})

    assert form.count(" checked") == 1
    assert answer.headers["location"] == twice.headers["location"] == about(visit) + "?change=1"
    assert coming(visit) == {family.permit.pk, child.pk}
    assert jobs() == ["visits.tell_booked", "visits.tell_changed"]


def test_people_who_may_not_come_together_change_nothing(family):
    child = family.add()
    visit = booked(family)

    answer = family.browser.post(about(visit, "qui-vient/"), {"permis": [child.pk]})

    assert answer.status_code == 409
    assert "Avant 18 ans, on vient avec un adulte." in words(answer)
    assert coming(visit) == {family.permit.pk}


def test_a_person_is_taken_out_and_no_longer_shown(family):
    child = family.add()
    visit = booked(family, family.permit, child)
    name = child.visitor.short_name

    assert name in words(family.browser.get(about(visit, "retirer/")))
    first = family.browser.post(about(visit, "retirer/"), {"permis": [child.pk]})
    again = family.browser.post(about(visit, "retirer/"), {"permis": [child.pk]})

    assert first.headers["location"] == about(visit) + "?change=1"
    assert again.headers["location"] == about(visit)
    assert coming(visit) == {family.permit.pk}
    page = words(family.browser.get(about(visit)))
    assert page.count(family.permit.visitor.short_name) >= 1
    assert "Enlever une personne" not in page


def test_the_adult_is_not_taken_out_from_beside_a_child(family):
    child = family.add()
    visit = booked(family, family.permit, child)

    answer = family.browser.post(about(visit, "retirer/"), {"permis": [family.permit.pk]})

    assert answer.status_code == 409
    assert "Sans cette personne, les autres ne peuvent pas venir" in words(answer)
    assert coming(visit) == {family.permit.pk, child.pk}


def test_an_attendee_leaves_and_no_longer_sees_the_visit(family):
    account, permit = in_two(family)
    visit = booked(family, family.permit, permit)
    browser = signed_in(account)

    shown = words(browser.get(about(visit)))
    asked = words(browser.get(about(visit, "ne-pas-venir/")))
    answer = browser.post(about(visit, "ne-pas-venir/"))
    again = browser.post(about(visit, "ne-pas-venir/"))

    assert "Je ne viendrai pas" in shown
    assert "La personne qui a pris le rendez-vous sera prévenue." in asked
    assert answer.headers["location"] == again.headers["location"] == "/espace/rendez-vous/?fait=retire"
    assert coming(visit) == {family.permit.pk}
    assert browser.get(about(visit)).status_code == 404
    assert visit.reference not in words(browser.get("/espace/rendez-vous/"))


def test_an_attendee_whom_a_child_needs_ends_the_visit_by_leaving(family):
    account, permit = in_two(family)
    child = family.add()
    visit = booked(family, permit, child)
    browser = signed_in(account)

    browser.post(about(visit, "ne-pas-venir/"))

    visit.refresh_from_db()
    assert visit.status == "cancelled"
    assert "Rendez-vous annulé" in words(browser.get(about(visit)))


def test_the_same_hour_a_week_later_is_held_for_the_same_people(family):
    child = family.add()
    later = SlotFactory(wing=family.wing, starts_at=at_two(16), accessible_capacity=1)
    visit = booked(family, family.permit, child)

    answer = family.browser.post(about(visit, "semaine-prochaine/"))

    assert answer.headers["location"] == new(family, "verifier/")
    assert (taken(family.slot), taken(later)) == (1, 1)
    assert Draft.objects.get().permit_ids == sorted([family.permit.pk, child.pk])


def test_the_people_of_the_visit_come_again_even_if_something_else_was_begun(family):
    child = family.add()
    SlotFactory(wing=family.wing, starts_at=at_two(16))
    other = SlotFactory(wing=family.wing, starts_at=at_two(24))
    visit = booked(family, family.permit, child)
    choose(family, other)

    family.browser.post(about(visit, "semaine-prochaine/"))

    assert Draft.objects.get().permit_ids == sorted([family.permit.pk, child.pk])
    assert taken(other) == 0


def test_no_such_hour_a_week_later_is_said(family):
    visit = booked(family)

    answer = family.browser.post(about(visit, "semaine-prochaine/"))

    assert answer.status_code == 409
    assert "Il n’y a pas de visite à cette heure-là." in words(answer)
    assert Draft.objects.count() == 0


def test_a_full_hour_a_week_later_is_said_with_its_reason(family):
    SlotFactory(wing=family.wing, starts_at=at_two(16), taken=3)
    visit = booked(family)

    answer = family.browser.post(about(visit, "semaine-prochaine/"))

    assert answer.status_code == 409
    assert "Ce créneau est complet." in words(answer)


@pytest.mark.parametrize(
    ("zone", "starts_at", "a_week_later"),
    [
        ("Europe/Paris", datetime(2026, 10, 21, 12, tzinfo=UTC), datetime(2026, 10, 28, 13, tzinfo=UTC)),
        ("Europe/Paris", datetime(2027, 3, 24, 13, tzinfo=UTC), datetime(2027, 3, 31, 12, tzinfo=UTC)),
        ("America/Miquelon", datetime(2026, 10, 28, 16, tzinfo=UTC), datetime(2026, 11, 4, 17, tzinfo=UTC)),
        ("Indian/Reunion", datetime(2026, 10, 21, 10, tzinfo=UTC), datetime(2026, 10, 28, 10, tzinfo=UTC)),
    ],
)
def test_a_week_later_is_the_same_hour_on_the_prison_s_clock(zone, starts_at, a_week_later):
    wing = PolicyFactory(wing__establishment=EstablishmentFactory(time_zone=zone)).wing
    family = Family(slot=SlotFactory(wing=wing, starts_at=starts_at))
    later = SlotFactory(wing=wing, starts_at=a_week_later)
    SlotFactory(wing=wing, starts_at=starts_at + timedelta(hours=168.5))
    visit = family.book(now=starts_at - timedelta(days=9))

    assert same_hour_next_week(visit) == a_week_later
    assert same_time_next_week(visit) == later


def test_nobody_changes_a_visit_of_somebody_else(family, other):
    account, permit = in_two(family)
    visit = booked(family, family.permit, permit)
    stranger, attendee = signed_in(Family().account), signed_in(account)
    sent = {"creneau": other.pk, "permis": family.permit.pk}

    for last in ("changer/", "qui-vient/", "retirer/", "ne-pas-venir/", "semaine-prochaine/"):
        assert stranger.get(about(visit, last)).status_code == 404
        assert stranger.post(about(visit, last), sent).status_code == 404
    for last in ("changer/", "qui-vient/", "retirer/"):
        assert attendee.post(about(visit, last), sent).status_code == 404
    assert coming(visit) == {family.permit.pk, permit.pk}
    assert Draft.objects.count() == 0


def test_the_booker_does_not_leave_by_the_door_of_the_others(family):
    visit = booked(family)

    page = words(family.browser.get(about(visit, "ne-pas-venir/")))

    assert "Oui, je ne viendrai pas" not in page


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("last", "queries"), [("", 5), ("changer/", 8), ("qui-vient/", 7), ("retirer/", 3), ("ne-pas-venir/", 4)]
)
def test_a_page_of_a_visit_costs_the_same_whoever_comes(family, other, rows, last, queries, django_assert_num_queries):
    children = [family.add() for _ in range(rows)]
    visit = booked(family, family.permit, *children)

    with django_assert_num_queries(queries):
        answer = family.browser.get(about(visit, last))

    assert answer.status_code == 200
    assert len(answer.content) < 30_000
