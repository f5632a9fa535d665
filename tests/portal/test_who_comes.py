"""Who comes: asked only where there is a choice, and known before a place is kept."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from parloir.permits.models import Permit
from parloir.visits.models import Draft, Hold, Visit
from tests.factories import PolicyFactory, RegistrationFactory, SlotFactory
from tests.portal.booking import a_family, about, at_two, choose, new, press, who, words
from tests.visits.families import Family, taken

pytestmark = pytest.mark.django_db


def ticked(page):
    boxes = re.findall(r"<input[^>]*name=\"permis\"[^>]*>", page)
    return {int(re.search(r'value="(\d+)"', box)[1]) for box in boxes if "checked" in box}


def brother_of(family, *, when=None):
    """Return the same relative before another detained person, elsewhere, at the same hour."""
    brother = Family(slot=SlotFactory(wing=PolicyFactory().wing, starts_at=when or family.slot.starts_at))
    brother.account, brother.browser = family.account, family.browser
    Permit.objects.filter(pk=brother.permit.pk).update(visitor=family.permit.visitor)
    RegistrationFactory(account=family.account, permit=brother.permit)
    return brother


# Asked only where there is a choice --------------------------------------------------------


def test_with_one_possible_visitor_a_time_leads_to_the_check_where_who_comes_is_shown_and_can_be_changed(family):
    answer = choose(family)

    assert answer.headers["Location"] == new(family, "verifier/")
    page = words(family.browser.get(answer.headers["Location"]))
    assert family.permit.visitor.short_name in page
    assert f'href="{new(family, "qui-vient/")}"' in page
    assert "Qui vient</li>" not in page
    assert family.permit.visitor.short_name in words(family.browser.get(new(family, "qui-vient/")))
    assert press(family).status_code == 302
    assert Visit.objects.count() == 1


def test_the_check_says_who_may_not_come_when_nobody_was_asked(family):
    child = family.add(status="suspended")

    answer = choose(family)

    assert answer.headers["Location"] == new(family, "verifier/")
    page = words(family.browser.get(answer.headers["Location"]))
    assert f"{child.visitor.short_name} ne peut pas venir à cette heure. Le permis est suspendu" in page


def test_a_cabin_can_be_asked_for_at_the_check(family):
    choose(family)
    assert "Demander une cabine accessible" not in words(family.browser.get(new(family, "verifier/")))
    family.slot.accessible_capacity = 1
    family.slot.save()

    assert "Demander une cabine accessible" in words(family.browser.get(new(family, "verifier/")))


def test_those_who_came_last_time_are_ticked(family):
    child, other = family.add(), family.add()
    family.book(family.permit, child, slot=SlotFactory(wing=family.wing, starts_at=at_two(16)), now=timezone.now())

    answer = choose(family)

    assert answer.headers["Location"] == new(family, "qui-vient/")
    page = words(family.browser.get(answer.headers["Location"]))
    assert ticked(page) == {family.permit.pk, child.pk}
    assert other.visitor.short_name in page


def test_a_change_keeps_who_comes_and_leads_to_the_check(family):
    child = family.add()
    visit = family.book(family.permit, child, now=timezone.now())
    other = SlotFactory(wing=family.wing, starts_at=at_two(10))

    answer = family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    assert answer.headers["Location"] == new(family, "verifier/")
    page = words(family.browser.get(answer.headers["Location"]))
    assert child.visitor.short_name in page
    press(family, other)
    assert {a.permit_id for a in Visit.objects.get().attendances.filter(live=True)} == {family.permit.pk, child.pk}


def test_the_week_after_is_for_the_same_people_and_leads_to_the_check(family):
    child = family.add()
    family.add()
    visit = family.book(family.permit, child, now=timezone.now())
    SlotFactory(wing=family.wing, starts_at=family.slot.starts_at + timedelta(days=7))

    answer = family.browser.post(about(visit, "semaine-prochaine/"))

    assert answer.headers["Location"] == new(family, "verifier/")
    assert set(Draft.objects.get().permit_ids) == {family.permit.pk, child.pk}


def test_the_week_after_is_asked_about_when_one_of_them_is_no_longer_registered(family):
    child = family.add()
    visit = family.book(family.permit, child, now=timezone.now())
    child.registrations.all().delete()
    SlotFactory(wing=family.wing, starts_at=family.slot.starts_at + timedelta(days=7))

    answer = family.browser.post(about(visit, "semaine-prochaine/"))

    assert answer.headers["Location"] == new(family, "qui-vient/")


def test_a_trip_of_one_possible_visitor_leads_to_the_check(family):
    days = [SlotFactory(wing=family.wing, starts_at=at_two(10 + n)) for n in range(2)]

    answer = family.browser.post(
        new(family, "plusieurs-jours/"), {"creneau": [f"{slot.local_date}.{slot.pk}" for slot in days]}
    )

    assert answer.headers["Location"] == new(family, "verifier/")


# Known before a place is kept --------------------------------------------------------------


def test_two_brothers_at_one_hour_the_calendar_closes_it_and_a_press_keeps_nothing(family):
    brother = brother_of(family)
    free = SlotFactory(wing=brother.wing, starts_at=brother.slot.starts_at + timedelta(hours=2))
    family.book(now=timezone.now())

    page = words(brother.browser.get(f"{new(brother)}?jour={brother.slot.local_date}"))
    answer = choose(brother)

    assert f'name="creneau" value="{brother.slot.pk}"' not in page
    assert f'name="creneau" value="{free.pk}"' in page
    assert answer.status_code == 409
    said = words(answer)
    assert "Déjà un rendez-vous ce jour-là." in said
    nearest = said.partition("Les places libres les plus proches")[2].partition("</form>")[0]
    assert re.findall(r'value="(\d+)"', nearest.partition("<ul")[2]) == [str(free.pk)]
    assert (taken(brother.slot), Draft.objects.count()) == (0, 0)


def test_the_reason_names_its_person_when_the_family_is_several(family):
    child = family.add()
    type(child.visitor).objects.filter(pk=child.visitor_id).update(first_names=["Léo"])
    Permit.objects.filter(pk=family.permit.pk).update(valid_until=date(2026, 10, 2))

    page = words(family.browser.get(new(family)))

    causes = page.partition("Vous ne pouvez pas")[2].partition("</ul>")[0]
    assert re.search(r"<li>Sophie DURAND.: Le permis est valable jusqu’au", causes)
    assert "Léo" not in causes


def test_on_a_trip_the_sentence_names_the_day_and_the_nearest_hours_are_beside_it(family):
    brother = brother_of(family)
    later = SlotFactory(wing=brother.wing, starts_at=brother.slot.starts_at + timedelta(days=1))
    free = SlotFactory(wing=brother.wing, starts_at=brother.slot.starts_at + timedelta(hours=2))
    family.book(now=timezone.now())

    answer = brother.browser.post(
        new(brother, "plusieurs-jours/"),
        {"creneau": [f"{slot.local_date}.{slot.pk}" for slot in (brother.slot, later)]},
    )

    assert answer.status_code == 409
    page = " ".join(words(answer).split())
    day = brother.slot.local_date
    assert re.search(rf"<li>\w+ {day.day}\w* \w+.: Déjà un rendez-vous ce jour-là\.</li>", page), page
    instead = page.partition("Au lieu du")[2].partition("</p>")[0]
    assert f'href="#c{free.pk}"' in instead
    assert f"#c{later.pk}" not in instead
    assert Hold.objects.count() == 0


def test_the_nearest_hours_are_those_at_which_somebody_could_really_come(family):
    """Also where the family may not read why: the hours of another adult's visits are theirs."""
    other = a_family()
    brother = brother_of(other)
    between = SlotFactory(wing=brother.wing, starts_at=brother.slot.starts_at + timedelta(minutes=15))
    free = SlotFactory(wing=brother.wing, starts_at=brother.slot.starts_at + timedelta(hours=2))
    other.book(now=timezone.now())
    family.detainee, family.wing, family.slot = brother.detainee, brother.wing, brother.slot
    RegistrationFactory(
        account=family.account, permit=brother.permit, holding="adult", typed_name="Grand-mère", agreed_at=None
    )

    said = words(choose(family))

    nearest = said.partition("Les places libres les plus proches")[2].partition("</form>")[0]
    assert re.findall(r'value="(\d+)"', nearest.partition("<ul")[2]) == [str(free.pk)]
    assert "Cette personne ne peut pas venir" in said
    assert "Déjà un rendez-vous" not in said
    assert taken(between) == 0


def test_children_without_an_adult_read_what_is_wanting_before_anything_is_kept(family):
    family.add()
    family.permit.registrations.all().delete()

    page = words(family.browser.get(new(family)))
    answer = choose(family)

    assert "Avant 18 ans, on vient avec un adulte." in page
    assert (answer.status_code, Draft.objects.count()) == (409, 0)


def test_a_place_over_is_taken_again_at_the_step_where_it_was_lost(family):
    child = family.add()
    choose(family)
    who(family, family.permit, child)
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = family.browser.post(new(family, "garder/"), {"creneau": family.slot.pk, "etape": "visit_check"})

    assert answer.headers["Location"] == new(family, "verifier/")
