"""A trip is told in one message, then each of its visits as any other; and what a lock screen shows of all that."""

from __future__ import annotations

import pytest
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.notifications.models import Delivery
from parloir.visits.models import Visit
from parloir.visits.operations import cancel_visit
from tests.factories import NOW
from tests.visits.families import broken, jobs, slot_in
from tests.visits.test_messages import assert_lock_screen_tells_nothing, written
from tests.visits.test_messages_changed import Household, both_bodies, forget_letters, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

# A trip -------------------------------------------------------------------------------------


def book_trip(family, days=3):
    slots = [family.slot, *(slot_in(family.wing, days=n) for n in range(1, days))]
    family.hold(*slots)
    family.choose(family.permit, family.mother)
    family.confirm(*slots)
    return list(Visit.objects.order_by("during"))


def test_a_trip_is_told_in_one_message_with_all_its_visits(mailbox):
    family = Household()
    visits = book_trip(family)
    send()

    assert sorted(letter.to for letter in mailbox.letters) == ["amina@example.org", "sophie@example.org"]
    keys = set(Delivery.objects.values_list("dedup_key", flat=True))
    assert keys == {f"visit-{visits[0].pk}-booked-{pk}" for pk in (family.account.pk, family.amina.pk)}
    for letter in mailbox.letters:
        assert letter.subject == "Vos 3 rendez-vous sont confirmés"
        assert letter.links == [letter.links[0]]
        assert letter.links[0].endswith("/espace/rendez-vous/")
        for body in both_bodies(letter):
            assert [visit.reference in body for visit in visits] == [True] * 3
            assert ["ercredi 11" in body, "eudi 12" in body, "endredi 13" in body] == [True] * 3
            assert "Arrivez 30 minutes avant l’heure de chaque rendez-vous." in body
    assert broken() == set()


def test_one_visit_of_a_trip_changes_and_is_cancelled_as_any_after_the_trip_was_told(mailbox):
    family = Household()
    visits = book_trip(family)
    family.change(visits[1], family.permit, family.mother, slot=family.later)
    cancel_visit(booker=family.account, visit_id=visits[0].pk, now=NOW)
    locks = set(ProcrastinateJob.objects.values_list("lock", flat=True))

    send(but=["visits.tell_changed", "visits.tell_cancelled"])
    told = [letter.subject for letter in mailbox.to("sophie@example.org")]
    forget_letters(mailbox)
    send()

    assert locks == {f"visit-{visits[0].pk}"}
    assert told == ["Vos 2 rendez-vous sont confirmés"]
    assert [letter.subject for letter in mailbox.to("sophie@example.org")] == [
        "Votre rendez-vous du mercredi 11 novembre est annulé"
    ]
    forget_letters(mailbox)
    family.change(visits[2], family.permit, slot=slot_in(family.wing, days=2, hours=1))
    assert jobs() == ["visits.tell_changed"]
    send()
    assert "Avant : vendredi 13 novembre 2026 à 14 h 00" in mailbox.to("sophie@example.org")[0].text
    assert "du vendredi 13 novembre 2026 à 14 h 00" in written(mailbox.to("amina@example.org")[0].text)


# What a lock screen shows -------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("what", ["moved", "people", "gone", "trip"])
def test_a_lock_screen_never_tells_what_a_change_is_about(mailbox, language, confirmed, what):
    family = Household(language=language, confirmed=confirmed)
    if what == "trip":
        book_trip(family)
    else:
        visit = family.book(family.permit, family.mother)
        send()
        forget_letters(mailbox)
        people = [family.permit] if what == "gone" else [family.permit, family.mother]
        people += [family.child] if what == "people" else []
        family.change(visit, *people, slot=family.later if what == "moved" else family.slot)
    send()

    # An address that is not confirmed was never told who comes: it is not told that others do.
    untold = {"gone": {"sophie@example.org"}, "people": {"sophie@example.org", "amina@example.org"}}
    told = {"sophie@example.org", "amina@example.org"} - (set() if confirmed else untold.get(what, set()))
    assert {letter.to for letter in mailbox.letters} == told
    for letter in mailbox.letters:
        assert_lock_screen_tells_nothing(letter)
        assert f'lang="{language}"' in letter.html
        if language == "en":
            with translation.override("fr"):
                assert "rendez-vous" not in letter.text.replace("/rendez-vous/", "")
