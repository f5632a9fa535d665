"""The pages around a held place: chosen, kept longer, over, taken again, abandoned; one day or several."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.people.models import Detainee
from parloir.timetable.models import Slot
from parloir.visits.models import Draft, Hold, Visit
from tests.factories import RegistrationFactory, SlotFactory
from tests.portal.booking import a_family, at_two, choose, confirm, fields_of, new, press, who, words
from tests.signed_in import signed_in
from tests.visits.families import Family, taken

pytestmark = pytest.mark.django_db


def let_the_time_pass():
    """The places are kept no more; nobody has taken them."""
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def days_of(family, *slots):
    return {"creneau": [f"{slot.local_date}.{slot.pk}" for slot in slots]}


def three_days(family):
    return [SlotFactory(wing=family.wing, starts_at=at_two(10 + n)) for n in range(3)]


def monday_family():
    """Return a family whose three slots lie in one week, from a Tuesday on."""
    family = a_family()
    first = at_two(14 - timezone.now().weekday() + 1)
    return family, [SlotFactory(wing=family.wing, starts_at=first + timedelta(days=n)) for n in range(3)]


def test_choosing_a_time_holds_it_and_leads_to_who_comes(family):
    family.add()

    answer = choose(family)

    assert answer.headers["location"] == new(family, "qui-vient/")
    assert taken(family.slot) == 1
    page = words(family.browser.get(answer.headers["location"]))
    assert "Nous gardons votre place jusqu’à" in page
    assert 'data-held="59' in page or 'data-held="600"' in page
    assert "Garder ma place plus longtemps" in page


def test_the_hour_until_which_a_place_is_kept_is_also_said_on_paris_s_clock_when_it_differs(family):
    family.wing.establishment.time_zone = "Indian/Reunion"
    family.wing.establishment.save()
    choose(family)

    page = words(family.browser.get(new(family, "qui-vient/")))

    assert "heure de l’établissement ;" in page
    assert "à Paris)" in page


def test_a_place_that_is_gone_is_said_on_the_calendar(family):
    Slot.objects.update(taken=3)

    answer = choose(family)

    assert answer.status_code == 409
    assert "Cette heure ne peut pas être gardée" in words(answer)
    assert "Ce créneau est complet." in words(answer)
    assert Draft.objects.count() == 0


def test_one_s_own_last_place_is_shown_as_chosen_not_as_full(family):
    Slot.objects.update(capacity=1)
    choose(family)

    page = words(family.browser.get(new(family)))

    assert "votre choix" in page
    assert "Continuer avec ce choix" in page
    assert "complet" not in page


def test_a_place_is_kept_longer_once(family):
    choose(family)
    before = Hold.objects.get().expires_at

    first = family.browser.post(new(family, "prolonger/"), {"etape": "visit_people"})
    second = family.browser.post(new(family, "prolonger/"), {"etape": "visit_people"})

    assert (first.status_code, second.status_code) == (200, 409)
    assert Hold.objects.get().expires_at > before
    assert Hold.objects.get().extensions == 1
    assert "Garder ma place plus longtemps" not in words(first)
    assert "Nous ne pouvons pas garder cette place plus longtemps." in words(second)


def test_keeping_longer_keeps_what_was_ticked_meanwhile(family):
    child = family.add()
    choose(family)

    page = words(
        family.browser.post(new(family, "prolonger/"), {"etape": "visit_people", "permis": [child.pk], "cabine": "on"})
    )

    ticked = [part for part in page.split("<input")[1:] if "checked" in part.partition(">")[0]]
    assert [f'value="{child.pk}"' in box for box in ticked] == [True]


def test_keeping_longer_at_the_last_step_comes_back_to_it(family):
    choose(family)
    page = family.browser.get(new(family, "verifier/"))
    fields = fields_of(page)

    answer = family.browser.post(new(family, "prolonger/"), {"etape": "visit_check", "rappel_sms": "on", **fields})

    assert answer.status_code == 200
    assert fields_of(answer) == fields
    assert "checked" in words(answer)


def test_when_the_time_is_over_the_choice_is_not_lost(family):
    choose(family)
    let_the_time_pass()

    page = words(family.browser.get(new(family, "qui-vient/")))
    again = choose(family)

    assert "Votre place n’est plus gardée" in page
    assert "Votre choix n’est pas perdu." in page
    assert again.headers["location"] == new(family, "verifier/")
    assert Hold.objects.get().expires_at > timezone.now()


def test_a_place_taken_again_leads_back_to_the_last_check(family):
    choose(family)
    let_the_time_pass()

    answer = family.browser.post(new(family, "garder/"), {"creneau": family.slot.pk, "etape": "visit_check"})

    assert answer.headers["location"] == new(family, "verifier/")


def test_a_place_lost_meanwhile_leads_to_the_other_times(family):
    choose(family)
    Hold.objects.update(held=False, expires_at=timezone.now() - timedelta(seconds=1))
    Slot.objects.update(taken=3)

    answer = choose(family)

    assert answer.status_code == 409
    assert "Ce créneau est complet." in words(answer)


def test_who_comes_is_kept_even_when_the_time_is_over(family):
    child = family.add()
    choose(family)
    let_the_time_pass()

    answer = who(family, family.permit, child)

    assert answer.headers["location"] == new(family, "verifier/")
    assert Draft.objects.get().permit_ids == sorted([family.permit.pk, child.pk])


def test_the_last_button_pressed_too_late_still_books_a_place_that_is_free(family):
    choose(family)
    let_the_time_pass()

    assert press(family).status_code == 302
    assert Visit.objects.count() == 1


def test_what_was_changed_in_another_window_is_not_confirmed_unseen(family):
    other = SlotFactory(wing=family.wing, starts_at=at_two(10))
    choose(family)
    seen = fields_of(family.browser.get(new(family, "verifier/")))
    choose(family, other)

    answer = family.browser.post(new(family, "verifier/"), seen)

    assert answer.status_code == 409
    assert "Votre choix a changé dans une autre fenêtre." in words(answer)
    assert Visit.objects.count() == 0
    assert family.browser.post(new(family, "verifier/"), fields_of(answer)).status_code == 302
    assert Visit.objects.get().slot_id == other.pk


def test_coming_back_after_confirming_leads_to_the_calendar_or_to_the_same_visit(family):
    first = confirm(family, family.permit)

    assert family.browser.get(new(family, "verifier/")).headers["location"] == new(family)
    assert press(family).headers["location"] == first.headers["location"]
    assert Visit.objects.count() == 1


def test_what_is_begun_is_shown_in_the_space_and_can_be_abandoned(family):
    choose(family)

    for page in ("/espace/", "/espace/rendez-vous/"):
        assert "Vous avez commencé un rendez-vous" in words(family.browser.get(page))
    answer = family.browser.post(new(family, "abandonner/"))

    assert answer.headers["location"] == "/espace/rendez-vous/?fait=abandonne"
    assert "C’est abandonné." in words(family.browser.get(answer.headers["location"]))
    assert (Draft.objects.count(), taken(family.slot)) == (0, 0)


def test_a_draft_is_found_again_after_signing_in_again(family):
    choose(family)

    assert "Nous gardons votre place" in words(signed_in(family.account).get(new(family, "qui-vient/")))


def test_after_a_transfer_what_was_begun_shows_nothing_of_the_new_place(family):
    choose(family)
    elsewhere = Family().wing
    Detainee.objects.filter(pk=family.detainee.pk).update(
        wing=elsewhere, disclose_from=timezone.now().date() + timedelta(days=5)
    )

    assert family.browser.get(new(family, "qui-vient/")).headers["location"] == new(family)
    assert "Vous avez commencé" not in words(family.browser.get("/espace/"))


@pytest.mark.parametrize(
    "last", ["garder/", "prolonger/", "abandonner/", "plusieurs-jours/", "qui-vient/", "verifier/"]
)
def test_nobody_goes_on_with_somebody_else_s_booking(family, last):
    choose(family)
    stranger = signed_in(Family().account)

    assert stranger.post(new(family, last), {"creneau": family.slot.pk, "permis": family.permit.pk}).status_code == 404
    assert Draft.objects.get().account_id == family.account.pk
    assert taken(family.slot) == 1


@pytest.mark.parametrize("creneau", ["", "abc", "-1", "9" * 30, "²", "0"])
def test_a_senseless_time_is_refused_in_words(family, creneau):
    answer = family.browser.post(new(family, "garder/"), {"creneau": creneau})

    assert answer.status_code == 409
    assert "Cette heure n’est plus proposée." in words(answer)
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("last", ["garder/", "prolonger/", "abandonner/"])
def test_an_address_of_a_button_opened_as_a_page_leads_somewhere_useful(family, last):
    choose(family)

    assert family.browser.get(new(family, last)).status_code == 302
    assert Draft.objects.count() == 1


def test_an_accessible_cabin_is_asked_for_without_saying_why(family):
    Slot.objects.update(accessible_capacity=1)
    choose(family)

    page = words(family.browser.get(new(family, "qui-vient/")))
    who(family, family.permit, cabine="on")
    last = words(family.browser.get(new(family, "verifier/")))
    press(family)

    assert "J’ai besoin d’une cabine accessible" in page
    assert "Cabine accessible" in last
    assert Visit.objects.get().accessible is True
    assert Slot.objects.get(pk=family.slot.pk).accessible_taken == 1


def test_an_accessible_cabin_that_is_taken_is_said(family):
    Slot.objects.update(accessible_capacity=1, accessible_taken=1, taken=1)
    choose(family)

    answer = who(family, family.permit, cabine="on")

    assert answer.status_code == 409
    assert "Il n’y a plus de cabine accessible à cette heure." in words(answer)
    assert Draft.objects.get().accessible is False


def test_without_accessible_cabins_the_page_says_whom_to_call(family):
    choose(family)

    page = words(family.browser.get(new(family, "qui-vient/")))

    assert 'name="cabine"' not in page
    assert "Besoin d’une cabine accessible ?" in page


def test_several_days_are_held_together_and_booked_together():
    family, slots = monday_family()

    held = family.browser.post(new(family, "plusieurs-jours/"), days_of(family, *slots))
    who(family, family.permit)
    last = words(family.browser.get(new(family, "verifier/")))
    answer = press(family, *slots)

    assert held.headers["location"] == new(family, "verifier/")
    assert "Confirmer les 3 rendez-vous" in last
    assert Visit.objects.count() == 3
    page = words(family.browser.get(answer.headers["location"]))
    assert "Vos 3 rendez-vous sont confirmés" in page
    assert all(visit.reference in page for visit in Visit.objects.all())


def test_of_several_days_one_that_is_full_holds_none():
    family, slots = monday_family()
    Slot.objects.filter(pk=slots[1].pk).update(taken=3)

    answer = family.browser.post(new(family, "plusieurs-jours/"), days_of(family, *slots))

    assert answer.status_code == 409
    assert "Ce créneau est complet." in words(answer)
    assert [taken(slot) for slot in slots] == [0, 3, 0]
    assert Draft.objects.count() == 0


def test_nothing_twice_a_day_or_too_many_days_are_to_be_mended():
    family, slots = monday_family()
    same_day = SlotFactory(wing=family.wing, starts_at=slots[0].starts_at + timedelta(hours=1))
    more = [SlotFactory(wing=family.wing, starts_at=slots[2].starts_at + timedelta(days=n)) for n in (1, 2)]
    expected = {
        "Choisissez une heure pour chaque jour": [],
        "Choisissez une seule heure par jour.": [slots[0], same_day],
        "Choisissez 4 jours au plus.": [*slots, *more],
    }

    for sentence, chosen in expected.items():
        answer = family.browser.post(new(family, "plusieurs-jours/"), days_of(family, *chosen))
        assert answer.status_code == 400
        assert sentence in words(answer)
        assert words(answer).count(" checked") == len(chosen)
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("last", "queries"), [("", 7), ("qui-vient/", 7), ("verifier/", 8), ("plusieurs-jours/", 7)])
def test_a_step_costs_the_same_however_many_days_are_held(rows, last, queries, django_assert_num_queries):
    family, slots = monday_family()
    family.browser.post(new(family, "plusieurs-jours/"), days_of(family, *slots[:rows]))

    with django_assert_num_queries(queries):
        answer = family.browser.get(new(family, last))

    assert answer.status_code == 200
    assert len(answer.content) < 30_000


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/espace/", 11), ("/espace/rendez-vous/", 5)])
def test_the_space_costs_the_same_however_many_bookings_are_begun(
    family, rows, address, queries, django_assert_num_queries
):
    for turn in range(rows):
        other = Family(slot=SlotFactory(wing=family.wing, starts_at=at_two(10 + turn)))
        RegistrationFactory(account=family.account, permit=other.permit, holding="adult")
        other.account = family.account
        other.hold(now=timezone.now())

    with django_assert_num_queries(queries):
        answer = family.browser.get(address)

    assert words(answer).count("Vous avez commencé un rendez-vous") == rows
