"""A place that was taken away, or a visit to change that is no more: said in a sentence, with what to do next."""

from __future__ import annotations

import pytest
from django.utils import timezone

from parloir.journal.operations import Actor
from parloir.timetable.models import Slot
from parloir.visits.models import Draft, Hold, Visit
from parloir.visits.operations import cancel_visit, close_days
from parloir.visits.operations.ending import judge_again
from tests.factories import RestrictionFactory, SlotFactory
from tests.portal.booking import a_family, about, at_two, choose, new, press, who, words
from tests.visits.families import taken

pytestmark = pytest.mark.django_db

AGENT = Actor("staff", 7)


@pytest.fixture
def family():
    return a_family()


@pytest.fixture
def other(family):
    return SlotFactory(wing=family.wing, starts_at=at_two(10))


def close(slot):
    day = slot.local_date
    close_days(wing_id=slot.wing_id, since=day, until=day, actor=AGENT, now=timezone.now())


def booked(family):
    return family.book(now=timezone.now())


@pytest.mark.parametrize("page", ["qui-vient/", "verifier/"])
@pytest.mark.parametrize("becomes", [lambda slot: None, close, lambda slot: Hold.objects.update(held=False)])
def test_each_step_says_whom_the_booking_is_for(family, page, becomes):
    choose(family)

    becomes(family.slot)

    assert f"<dd>{family.detainee.short_name}</dd>" in words(family.browser.get(new(family, page)))


@pytest.mark.parametrize("page", ["qui-vient/", "verifier/"])
def test_a_held_place_taken_by_a_closure_is_said_with_what_next(family, page):
    choose(family)

    close(family.slot)
    answer = family.browser.get(new(family, page))

    assert answer.status_code == 200
    assert "Cette visite n’aura pas lieu" in words(answer)
    assert "L’établissement ne reçoit plus à cette heure. Votre place n’est plus gardée." in words(answer)
    assert f'href="{new(family)}?jour={family.slot.local_date}"' in words(answer)
    assert "Reprendre cette place" not in words(answer)


def test_confirming_a_place_taken_by_a_closure_is_refused_with_the_same_words(family):
    choose(family)
    who(family, family.permit)

    close(family.slot)
    answer = press(family)

    assert answer.status_code == 409
    assert "Cette visite n’aura pas lieu" in words(answer)
    assert Visit.objects.count() == 0


def test_a_trip_one_day_of_which_is_closed_is_said(family, other):
    choose(family, family.slot, other)

    close(other)

    assert "Une de ces visites n’aura pas lieu" in words(family.browser.get(new(family, "qui-vient/")))


def test_a_new_time_that_is_closed_leaves_the_visit_as_it_is(family, other):
    visit = booked(family)
    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    close(other)
    page = words(family.browser.get(new(family, "verifier/")))

    assert "Cette visite n’aura pas lieu" in page
    assert "Votre rendez-vous actuel ne change pas." in page
    assert f'href="{about(visit, "changer/")}?jour={other.local_date}"' in page


def cancelled_in_another_window(family, visit):
    cancel_visit(booker=family.account, visit_id=visit.pk, now=timezone.now())


def cancelled_by_an_agent(family, visit):
    cancel_visit(booker=None, visit_id=visit.pk, agent=AGENT, now=timezone.now())


def closed(family, visit):
    close(visit.slot)


def forbidden_by_the_register(family, visit):
    RestrictionFactory(detainee=family.detainee, since=visit.local_date, until=visit.local_date)
    judge_again(detainee_ids=[family.detainee.pk], now=timezone.now())


@pytest.mark.parametrize(
    "ends", [cancelled_in_another_window, cancelled_by_an_agent, closed, forbidden_by_the_register]
)
def test_a_change_whose_old_visit_ends_is_said_with_what_next(family, other, ends):
    visit = booked(family)
    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})

    ends(family, visit)
    seen = family.browser.get(new(family, "verifier/"))
    pressed = press(family, other)

    assert (seen.status_code, pressed.status_code) == (200, 409)
    for page in (words(seen), words(pressed)):
        assert "Le rendez-vous à changer est annulé" in page
        assert "La nouvelle place n’est plus gardée." in page
        assert f'href="{new(family)}"' in page
    assert (taken(other), Hold.objects.get().held) == (0, False)


def test_what_is_lost_is_not_offered_to_be_gone_on_with(family):
    choose(family)
    close(family.slot)

    assert "Vous avez commencé un rendez-vous" not in words(family.browser.get("/espace/"))


def test_choosing_again_begins_anew(family, other):
    visit = booked(family)
    family.browser.post(about(visit, "changer/"), {"creneau": other.pk})
    cancelled_by_an_agent(family, visit)

    answer = choose(family, other)

    assert answer.headers["location"] == new(family, "verifier/")
    assert Draft.objects.get().replaces is None
    assert "Nous gardons votre place jusqu’à" in words(family.browser.get(answer.headers["location"]))


def test_a_slot_that_is_opened_again_may_be_taken_again(family):
    choose(family)
    close(family.slot)
    Slot.objects.update(capacity=3)

    assert "Reprendre cette place" in words(family.browser.get(new(family, "qui-vient/")))
