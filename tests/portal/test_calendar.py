"""The calendar: the next free times, a column for each weekday of the prison, why days are closed, what suits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from parloir.foundation.text import local_day
from parloir.people.models import Account, Detainee
from parloir.people.rules import PartOfDay, SuitingTimes
from parloir.timetable.models import Slot
from parloir.visits.rules import FEW_PLACES
from tests.factories import RegistrationFactory, RestrictionFactory, SlotFactory
from tests.portal.booking import a_family, about, at_two, new
from tests.signed_in import signed_in
from tests.visits.families import Family


@pytest.fixture
def family(db):
    """A family whose prison receives on Wednesdays and Saturdays, at ten and at two, for three weeks."""
    family = a_family()
    family.slot.delete()
    first = at_two((2 - timezone.localdate().weekday()) % 7 + 7)
    family.slots = [
        SlotFactory(wing=family.wing, starts_at=first + timedelta(weeks=week, days=day, hours=hour), capacity=20)
        for week in range(3)
        for day in (0, 3)
        for hour in (-4, 0)
    ]
    family.slot = family.slots[0]
    return family


def read(family, query=""):
    return " ".join(family.browser.get(f"{new(family)}{query}").content.decode().split())


def part(page, since, until):
    return page.partition(since)[2].partition(until)[0]


def proposed(page):
    """Return the slots that one press takes."""
    return [int(pk) for pk in re.findall(r'name="creneau" value="(\d+)"', part(page, 'id="prochaines"', "</form>"))]


# The grid ---------------------------------------------------------------------------------


def test_a_column_for_each_weekday_on_which_the_prison_receives_and_a_row_for_each_week(family):
    page = read(family)

    assert "p-calendar--2" in page
    names = re.findall(r'class="p-weekdays__long">(\w+)<', part(page, 'class="p-weekdays"', "</p>"))
    assert names == ["mercredi", "samedi"]
    assert page.count('class="p-week__title"') == 3


def test_a_day_of_the_prison_s_week_without_hours_is_said_closed(family):
    """Whether it never had hours or lost them: nothing is to be chosen and nothing to be waited for."""
    Slot.objects.filter(pk__in=[slot.pk for slot in family.slots[4:6]]).delete()

    page = read(family)

    assert page.count("L’établissement ne reçoit pas ce jour-là.") == 2  # once above the grid, once on the day


def test_the_hours_come_right_after_the_week_of_the_chosen_day(family):
    third = family.slots[4].local_date

    page = read(family, f"?jour={third}")

    until, _heures, rest = page.partition('id="heures"')
    assert (until.count('class="p-week__title"'), rest.count('class="p-week__title"')) == (2, 1)
    assert until.count('aria-current="date"') == 1


def test_the_number_of_places_is_said_only_when_few_remain(family):
    Slot.objects.filter(pk=family.slots[0].pk).update(capacity=FEW_PLACES)
    Slot.objects.filter(pk=family.slots[1].pk).update(taken=20)
    Slot.objects.filter(pk=family.slots[2].pk).update(capacity=FEW_PLACES + 1)

    page = read(family)

    assert page.count(f"plus que {FEW_PLACES} places") == 4  # the next free hours, its day (seen and heard), its hour
    assert "20 places" not in page
    assert f"{FEW_PLACES + 1} places" not in page


# Why days are closed ----------------------------------------------------------------------


def test_the_cause_of_closed_days_is_said_once_above_the_grid_and_on_each_of_them(family):
    Slot.objects.filter(local_date=family.slots[0].local_date).update(taken=20)

    page = read(family)

    causes = part(page, 'class="p-causes"', "</ul>")
    assert re.findall(r"<li>.*?</li>", causes) == [
        '<li><strong class="p-causes__mark">complet</strong> Toutes les places sont prises.</li>'
    ]
    grid = part(page, 'class="p-calendar ', "Durée")
    assert grid.count("Toutes les places sont prises.") == 1
    assert "pas possible" not in page


def test_the_week_s_number_is_said_in_the_words_that_families_may_read_never_by_whom(family):
    family.wing.policy.weekly_maximum_condamne = family.wing.policy.weekly_maximum_prevenu = 1
    family.wing.policy.save()
    other = Family(detainee=family.detainee, slot=family.slots[0])
    other.book(slot=family.slots[0], now=timezone.now())

    page = read(family)

    assert "Une visite par semaine au plus." in page
    assert part(page, 'class="p-causes"', "</ul>").count("Le nombre de visites de la semaine est atteint.") == 1
    assert "Votre rendez-vous" not in part(page, 'id="jours"', "Durée")


@pytest.mark.parametrize("presence", ["present", "disciplinary"])
def test_the_ordinary_maximum_is_said_whatever_lowers_it_and_never_what_remains(family, presence):
    Detainee.objects.update(presence=presence)

    page = read(family)

    maximum = family.wing.policy.weekly_maximum_prevenu
    assert f"{maximum} visites par semaine au plus." in page
    for unsaid in ("reste", "disciplin", "encore"):
        assert unsaid not in part(page, 'id="jours"', 'class="p-calendar '), unsaid


def test_a_cause_that_families_never_read_is_one_general_sentence_above_and_on_each_day(family):
    third = family.slots[4].local_date
    RestrictionFactory(detainee=family.detainee, since=third, until=third + timedelta(days=3))

    page = read(family)

    causes = part(page, 'class="p-causes"', "</ul>")
    assert causes.count("<li>") == 1
    assert "Les visites ne sont pas possibles jusqu’au" in causes
    assert "interdi" not in page.lower()


# One's own appointments -------------------------------------------------------------------


def test_own_appointments_are_marked_on_their_day_and_named_above(family):
    visit = family.book(slot=family.slots[2], now=timezone.now())

    page = read(family, f"?jour={family.slots[2].local_date}")

    assert re.findall(r'aria-hidden="true">Votre rendez-vous<', part(page, 'class="p-calendar ', "Durée")) == [
        'aria-hidden="true">Votre rendez-vous<'
    ]
    assert page.count(about(visit)) == 2  # named above the grid, and by its day
    assert "Vous avez rendez-vous ce jour-là à" in page


def test_a_relative_s_appointment_booked_by_somebody_else_is_not_named(family):
    """Of it an account reads that there is one that day, no more."""
    child = family.add()
    other = Family(detainee=family.detainee, slot=family.slots[0])
    RegistrationFactory(account=other.account, permit=child, holding="child")
    visit = other.book(other.permit, child, slot=family.slots[2], now=timezone.now())

    page = read(family, f"?jour={family.slots[2].local_date}")

    assert visit.reference not in page
    assert "Votre rendez-vous" not in part(page, 'id="jours"', "Durée")


def test_a_change_opens_on_the_present_day_and_marks_it(family):
    visit = family.book(slot=family.slots[6], now=timezone.now())

    page = " ".join(family.browser.get(about(visit, "changer/")).content.decode().split())

    chosen = part(page, 'aria-current="date"', "</a>")
    assert "Votre rendez-vous" in chosen
    assert "Votre rendez-vous actuel" in part(page, 'id="heures"', "</section>")
    assert family.slots[6].pk not in proposed(page)


# The next free times ----------------------------------------------------------------------


def test_the_three_next_free_hours_are_one_press_each(family):
    Slot.objects.filter(pk=family.slots[0].pk).update(taken=20)

    page = read(family)

    assert proposed(page) == [slot.pk for slot in family.slots[1:4]]
    answer = family.browser.post(new(family, "garder/"), {"creneau": proposed(page)[0]})
    assert answer.headers["Location"] == new(family, "verifier/")


def test_what_suits_comes_first_and_is_kept_for_next_time(family):
    answer = family.browser.post(new(family, "mes-horaires/"), {"jours": ["6"], "moment": "apres-midi"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{new(family)}#prochaines")
    saturdays = [slot.pk for slot in family.slots if slot.local_date.isoweekday() == 6][1::2]
    for browser in (family.browser, signed_in(family.account)):
        family.browser = browser
        page = read(family)
        assert proposed(page) == saturdays
        assert "Mes jours et mes heures : samedi, l’après-midi" in page
        assert re.search(rf'href="\?jour={family.slots[2].local_date}#heures" class="[^"]+" aria-current="date"', page)


def test_where_nothing_suits_that_is_said_and_other_times_are_there(family):
    Account.objects.update(suiting_weekdays=[7])

    page = read(family)

    assert "Aucune place libre aux jours et heures que vous préférez." in page
    assert proposed(page) == [slot.pk for slot in family.slots[:3]]


def test_what_suits_can_be_any_time_again(family):
    Account.objects.update(suiting_weekdays=[6], suiting_part=PartOfDay.MORNING)

    family.browser.post(new(family, "mes-horaires/"), {"moment": ""})

    assert Account.objects.get(pk=family.account.pk).suiting == SuitingTimes()


def test_a_senseless_wish_is_refused_and_changes_nothing(family):
    for sent in ({"jours": ["9"]}, {"moment": "minuit"}):
        assert family.browser.post(new(family, "mes-horaires/"), sent).status_code == 400
    assert Account.objects.get(pk=family.account.pk).suiting == SuitingTimes()


def test_the_wish_of_a_change_comes_back_to_the_change(family):
    visit = family.book(slot=family.slots[6], now=timezone.now())

    answer = family.browser.post(new(family, "mes-horaires/"), {"jours": ["3"], "changer": visit.reference})

    assert answer.headers["Location"] == f"{about(visit, 'changer/')}#prochaines"


# A full period ----------------------------------------------------------------------------


def test_a_full_period_says_until_when_when_more_opens_which_days_may_free_and_the_list(family):
    Slot.objects.filter(wing=family.wing).update(taken=F("capacity"))
    later = SlotFactory(wing=family.wing, starts_at=at_two(45))

    page = read(family)

    last = family.slots[-1].local_date
    assert f"Tous les créneaux sont complets jusqu’au samedi {last.day}" in page
    assert "De nouveaux jours ouvrent" in page
    assert f"Ils sont pour les visites du {local_day(later.local_date)} et après." in page
    assert "Une place se libère quand une famille annule." in page
    assert "M’inscrire sur la liste d’attente" in page
    assert "Prochaines places" not in page


@pytest.mark.parametrize("said", ["autre créneau", "autre heure", "autre jour", "autre semaine"])
def test_a_full_period_never_sends_to_another_time(family, said):
    Slot.objects.filter(wing=family.wing).update(taken=F("capacity"))

    assert said not in read(family)
    assert said not in read(family, f"?jour={family.slots[0].local_date}")
    refused = family.browser.post(new(family, "garder/"), {"creneau": family.slots[0].pk})
    assert refused.status_code == 409
    assert said not in refused.content.decode()


def test_a_closed_day_leads_to_the_next_possible_one(family):
    Slot.objects.filter(local_date=family.slots[0].local_date).update(taken=20)

    page = read(family, f"?jour={family.slots[0].local_date}")

    assert "Prochain jour possible :" in page
    assert f"?jour={family.slots[2].local_date}#heures" in part(page, "Prochain jour possible", "</p>")
