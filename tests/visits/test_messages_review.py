"""What families are written about a visit that waits, and when nobody can be written to."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from procrastinate.contrib.django import app

from parloir.notifications.models import Contact, Delivery
from parloir.people.models import Detainee
from parloir.review.models import Entry
from parloir.timetable.models import Slot
from parloir.visits.models import Visit
from parloir.visits.tasks import (
    tell_cancelled,
    tell_kept,
    tell_permits_may_change,
    tell_to_confirm,
)
from tests.factories import NOW, EstablishmentFactory, PolicyFactory, WingFactory
from tests.mailbox import visible
from tests.visits.test_messages import Story, assert_lock_screen_tells_nothing, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

BEFORE = "avant le mercredi 4 novembre 2026 à 10 h 00. Ne vous déplacez pas avant."


def review(story, cause="hospital", **about):
    values = {
        "cause": cause,
        "subject_kind": "visit",
        "subject_id": story.visit.pk,
        "establishment_id": story.prison.pk,
        "opened_at": NOW,
        "deadline": NOW + timedelta(hours=48),
    }
    return Entry.objects.create(**(values | about))


def close(entry):
    Entry.objects.filter(pk=entry.pk).update(closed_at=NOW, closing="by_itself")


def bodies(mailbox):
    return [body for letter in mailbox.letters for body in (written(letter.text), visible(letter.html))]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Noumea"])
def test_a_lock_screen_never_tells_what_it_is_about(mailbox, language, confirmed, zone):
    story = Story(language=language, confirmed=confirmed, zone=zone)
    entry = review(story)
    warning = review(story, "category_changed", subject_kind="detainee", subject_id=story.visit.detainee_id)

    tell_to_confirm(visit_id=story.visit.pk, entry_id=entry.pk)
    close(entry)
    tell_kept(visit_id=story.visit.pk)
    tell_permits_may_change(detainee_id=story.visit.detainee_id, entry_id=warning.pk)

    assert len(mailbox.letters) == 6
    for letter in mailbox.letters:
        assert_lock_screen_tells_nothing(letter)


@pytest.mark.parametrize("cause", ["hospital", "disciplinary", "restricted"])
def test_the_family_reads_before_when_it_is_confirmed_and_never_why(mailbox, cause):
    story = Story()
    entry = review(story, cause)

    tell_to_confirm(visit_id=story.visit.pk, entry_id=entry.pk)
    tell_to_confirm(visit_id=story.visit.pk, entry_id=entry.pk)

    assert {letter.to for letter in mailbox.letters} == {"sophie@example.org", "amina@example.org"}
    assert len(mailbox.letters) == 2
    for body in bodies(mailbox):
        assert "Votre rendez-vous du mercredi 11 novembre 2026 à 14 h 00 n’est pas encore confirmé." in body
        assert BEFORE in body
        for unsaid in ("hôpital", "hospital", "disciplin", "interdi", "Paul", "Léo", "Amina"):
            assert unsaid not in body, unsaid


def test_an_unconfirmed_address_reads_the_same_date(mailbox):
    story = Story(confirmed=False)

    tell_to_confirm(visit_id=story.visit.pk, entry_id=review(story).pk)

    for body in bodies(mailbox):
        assert f"Votre rendez-vous n’est pas encore confirmé. Vous recevrez une réponse {BEFORE}" in body


def test_what_was_decided_before_it_could_be_told_is_not_told(mailbox):
    story = Story()
    entry = review(story)
    close(entry)

    tell_to_confirm(visit_id=story.visit.pk, entry_id=entry.pk)
    tell_kept(visit_id=story.visit.pk)

    assert mailbox.letters == []


def test_those_who_read_that_it_waited_read_once_that_it_is_confirmed(mailbox):
    story = Story()
    Contact.objects.filter(account=story.amina).update(email="")
    entry = review(story)
    tell_to_confirm(visit_id=story.visit.pk, entry_id=entry.pk)
    close(entry)
    Contact.objects.filter(account=story.amina).update(email="amina@example.org")

    tell_kept(visit_id=story.visit.pk)
    tell_kept(visit_id=story.visit.pk)

    assert [letter.to for letter in mailbox.letters] == ["sophie@example.org"] * 2
    assert mailbox.letters[-1].subject == "C’est confirmé : votre rendez-vous du mercredi 11 novembre"
    assert "a bien lieu." in written(mailbox.letters[-1].text)


def test_a_visit_that_waits_twice_is_told_twice(mailbox):
    story = Story(amina="adult")
    for _ in range(2):
        entry = review(story)
        tell_to_confirm(visit_id=story.visit.pk, entry_id=entry.pk)
        close(entry)
        tell_kept(visit_id=story.visit.pk)

    assert len(mailbox.letters) == 4
    assert Delivery.objects.count() == 4


def test_each_account_that_registered_a_permit_is_warned_once(mailbox):
    story = Story()
    person = story.visit.detainee_id
    entry = review(story, "category_changed", subject_kind="detainee", subject_id=person)

    tell_permits_may_change(detainee_id=person, entry_id=entry.pk)
    tell_permits_may_change(detainee_id=person, entry_id=entry.pk)

    assert {letter.to for letter in mailbox.letters} == {"sophie@example.org", "amina@example.org"}
    assert len(mailbox.letters) == 2
    for body in bodies(mailbox):
        assert "est encore valable" in body
        for unsaid in ("condamn", "prévenu", "pénal", "Paul", "Sophie"):
            assert unsaid not in body, unsaid


def test_what_the_prison_has_decided_already_is_not_warned_of(mailbox):
    story = Story()
    entry = review(story, "category_changed", subject_kind="detainee", subject_id=story.visit.detainee_id)
    close(entry)

    tell_permits_may_change(detainee_id=story.visit.detainee_id, entry_id=entry.pk)

    assert mailbox.letters == []


@pytest.mark.parametrize("cause", ["closed", "full"])
def test_a_closed_session_leads_to_other_days(mailbox, cause):
    story = Story()
    story.cancel(by="staff", cause=cause)

    tell_cancelled(visit_id=story.visit.pk)

    for letter in mailbox.letters:
        assert "Choisissez un autre jour ici." in written(letter.text)
        assert any(link.endswith("/espace/rendez-vous/nouveau/") for link in letter.links)
        assert "/espace/rendez-vous/nouveau/" in letter.html


def move(story, **person):
    wing = WingFactory(establishment=EstablishmentFactory(name="Centre de Lointain", city="Lointain"))
    PolicyFactory(wing=wing)
    Detainee.objects.update(wing=wing, **person)
    story.cancel(by="register", cause="moved")


def test_after_a_transfer_that_may_be_known_one_tap_leads_to_booking_again(mailbox):
    story = Story()
    move(story)

    tell_cancelled(visit_id=story.visit.pk)

    for letter in mailbox.letters:
        assert "Vous pouvez réserver de nouveau dès maintenant" in written(letter.text)
        assert any(link.endswith("/espace/rendez-vous/nouveau/") for link in letter.links)
        assert "Lointain" not in letter.text + letter.html


@pytest.mark.parametrize("person", [{"disclose_from": NOW.date() + timedelta(days=9)}, {"presence": "hospital"}])
def test_as_long_as_it_may_not_be_known_or_nothing_can_be_booked_the_general_sentence_is_read(mailbox, person):
    story = Story()
    move(story, **person)

    tell_cancelled(visit_id=story.visit.pk)

    for letter in mailbox.letters:
        assert "Les visites ne sont pas possibles à ce moment-là." in written(letter.text)
        assert "Lointain" not in letter.text + letter.html
        assert not any(link.endswith("/nouveau/") for link in letter.links)


def test_a_cancellation_that_no_address_can_receive_asks_the_prison_to_call_once(mailbox):
    story = Story()
    Contact.objects.update(email="")
    story.cancel(by="register", cause="hospital")

    tell_cancelled(visit_id=story.visit.pk)
    tell_cancelled(visit_id=story.visit.pk)

    entry = Entry.objects.get()
    assert (entry.cause, entry.subject_id, entry.establishment_id) == ("nobody_told", story.visit.pk, story.prison.pk)
    assert mailbox.letters == []


def test_a_cancellation_for_a_family_without_an_account_asks_the_prison_to_call(mailbox):
    story = Story()
    Visit.objects.update(booker=None)
    story.visit.attendances.all().delete()
    story.cancel(by="staff", cause="closed")

    tell_cancelled(visit_id=story.visit.pk)

    assert Entry.objects.get().cause == "nobody_told"


def test_addresses_that_refuse_are_nobody_told(mailbox):
    story = Story(amina="adult")
    mailbox.answers["sophie@example.org"] = "550 no such person"
    story.cancel(by="register", cause="hospital")

    tell_cancelled(visit_id=story.visit.pk)

    assert Entry.objects.get().cause == "nobody_told"


def test_one_who_was_told_is_enough_and_who_cancelled_knows(mailbox):
    story = Story()
    Contact.objects.filter(account=story.amina).update(email="")
    story.cancel(by="register", cause="hospital")
    tell_cancelled(visit_id=story.visit.pk)
    Contact.objects.update(email="")
    story.cancel(by="family")
    Delivery.objects.all().delete()
    tell_cancelled(visit_id=story.visit.pk)

    assert not Entry.objects.exists()


def test_a_deadline_is_swept_every_minute(mailbox):
    story = Story()
    review(story)
    Detainee.objects.update(presence="hospital")
    Slot.objects.update(taken=1)
    PolicyFactory._meta.model.objects.update(on_hospital="review")

    with time_machine.travel(NOW + timedelta(hours=48), tick=False):
        app.tasks["visits.decide_overdue_reviews"].func(timestamp=0)

    assert Visit.objects.get().cancelled_by == "service"
