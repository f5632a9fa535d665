"""A renewed permit beside the old one, as its family sees it: one person, one line, on every page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.visits.models import Attendance, Visit
from tests.factories import PermitFactory, RegistrationFactory
from tests.portal.booking import about, choose, fields_of, new, press, who, words
from tests.visits.waiting_families import wait


@pytest.fixture
def renewed(family):
    """The family of a permit that ends in three weeks, with the one that follows it."""
    family.permit.valid_until = timezone.localdate() + timedelta(days=21)
    family.permit.save()
    family.new = PermitFactory(detainee=family.detainee, visitor=family.permit.visitor)
    RegistrationFactory(account=family.account, permit=family.new)
    return family


def boxes(answer):
    return re.findall(r'<input type="checkbox" name="permis" value="(\d+)"([^>]*)>', words(answer))


def test_the_person_is_one_box_already_ticked_and_is_checked_and_booked_once(renewed):
    choose(renewed)
    step = renewed.browser.get(new(renewed, "qui-vient/"))
    [(value, attributes)] = boxes(step)

    checked = renewed.browser.post(new(renewed, "qui-vient/"), {"permis": [value]}, follow=True)
    done = renewed.browser.post(new(renewed, "verifier/"), fields_of(checked))

    assert "checked" in attributes
    assert words(checked).count("<li>Sophie DURAND</li>") == 1
    assert done.status_code == 302
    assert list(Attendance.objects.values_list("permit", flat=True)) == [renewed.new.pk]


def test_a_page_that_still_shows_the_old_permit_is_understood(renewed):
    choose(renewed)

    assert who(renewed, renewed.permit).status_code == 302
    assert press(renewed).status_code == 302


def test_the_same_person_ticked_twice_is_told_in_words_of_its_own_and_is_ticked_once(renewed):
    choose(renewed)

    answer = who(renewed, renewed.permit, renewed.new)

    assert answer.status_code == 409
    assert "Vous avez choisi deux fois la même personne." in words(answer)
    assert "à cette heure-là" not in words(answer)
    assert ["checked" in attributes for _, attributes in boxes(answer)] == [True]
    assert not Visit.objects.exists()


def test_changing_who_comes_shows_the_person_once_with_the_permit_of_the_visit(renewed):
    visit = renewed.book(now=timezone.now())

    answer = renewed.browser.get(about(visit, "qui-vient/"))

    assert ["checked" in attributes for _, attributes in boxes(answer)] == [True]


def test_the_waiting_form_asks_for_the_person_once(renewed):
    answer = renewed.browser.get(f"/espace/attente/rejoindre/{renewed.detainee.pk}/")

    assert ["checked" in attributes for _, attributes in boxes(answer)] == [True]


def test_the_waiting_form_of_who_waits_with_the_new_permit_ticks_the_person(renewed):
    today = timezone.localdate()
    wait(renewed, renewed.new, now=timezone.now(), first_day=today, last_day=today + timedelta(days=30))

    answer = renewed.browser.get(f"/espace/attente/rejoindre/{renewed.detainee.pk}/")

    assert ["checked" in attributes for _, attributes in boxes(answer)] == [True]


def test_why_not_names_the_person_once(renewed):
    answer = renewed.browser.get(new(renewed, "pourquoi/"))

    assert words(answer).count("Sophie DURAND") == 1


def test_home_is_not_worried_by_a_permit_that_another_follows(renewed):
    renewed.permit.valid_until = timezone.localdate() + timedelta(days=10)
    renewed.permit.save()

    answer = words(renewed.browser.get("/espace/"))

    assert "expire bientôt" not in answer
    assert answer.count("pour voir Paul MARTIN") == 1


def test_home_is_worried_when_the_next_permit_begins_only_after_a_gap(renewed):
    renewed.permit.valid_until = timezone.localdate() + timedelta(days=10)
    renewed.permit.save()
    renewed.new.valid_from = timezone.localdate() + timedelta(days=20)
    renewed.new.save()

    assert "expire bientôt" in words(renewed.browser.get("/espace/"))
