"""What families are written when a visit is cancelled; and each message once, in order, no longer than useful."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from parloir.notifications.models import Delivery
from parloir.visits.models import Visit
from parloir.visits.tasks import tell_booked, tell_cancelled
from tests.mailbox import visible
from tests.visits.test_messages import (
    CAUSES,
    Story,
    written,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]


# Cancelled --------------------------------------------------------------------------------


def test_a_visit_cancelled_by_the_family_is_told_plainly_and_not_by_whom(mailbox):
    story = Story()
    story.cancel(by="family")

    tell_cancelled(visit_id=story.visit.pk)

    assert len(mailbox.letters) == 2
    for letter in mailbox.letters:
        assert letter.subject == "Votre rendez-vous du mercredi 11 novembre est annulé"
        for body in (written(letter.text), visible(letter.html)):
            assert "mercredi 11 novembre 2026 à 14 h 00 est annulé : ne vous déplacez pas." in body
            assert "réservez de nouveau dans votre espace" in body
            for unsaid in ("Sophie", "Léo", "Amina", "Paul", "pas possibles", "Ville-Neuve"):
                assert unsaid not in body, unsaid


@pytest.mark.parametrize("by", ["staff", "register"])
@pytest.mark.parametrize("cause", CAUSES)
def test_a_cause_that_is_not_the_familys_is_never_told(mailbox, by, cause):
    story = Story()
    story.cancel(by=by, cause=cause)

    tell_cancelled(visit_id=story.visit.pk)

    texts = {letter.text for letter in mailbox.letters}
    assert len(texts) == 1
    for letter in mailbox.letters:
        for body in (written(letter.text), visible(letter.html)):
            assert "Les visites ne sont pas possibles à ce moment-là." in body
            assert "contactez l’établissement : Maison d'arrêt de Ville-Neuve" in body
            assert "03 80 66 47 32" in body
            for unsaid in (
                *("hôpital", "hospital", "disciplin", "transf", "libér", "interdi", "suspend", "juge", "permis"),
                *("Sophie", "Léo", "Amina", "Paul"),
            ):
                assert unsaid not in body, unsaid


def test_all_causes_read_the_same_to_the_letter(mailbox):
    story = Story()
    for cause in CAUSES:
        story.cancel(by="register", cause=cause)
        Delivery.objects.all().delete()
        tell_cancelled(visit_id=story.visit.pk)

    assert len({(letter.subject, letter.text, letter.html) for letter in mailbox.to("sophie@example.org")}) == 1
    assert len(mailbox.to("sophie@example.org")) == len(CAUSES)


# Once each, in order, and no longer than useful -------------------------------------------


def test_a_job_that_runs_twice_tells_once(mailbox):
    story = Story()

    tell_booked(visit_id=story.visit.pk)
    tell_booked(visit_id=story.visit.pk)

    assert len(mailbox.letters) == 2
    keys = set(Delivery.objects.values_list("dedup_key", flat=True))
    assert keys == {f"visit-{story.visit.pk}-booked-{account.pk}" for account in (story.sophie, story.amina)}


def test_a_booking_cancelled_before_it_was_told_is_told_as_cancelled_alone(mailbox):
    story = Story()
    story.cancel()

    tell_booked(visit_id=story.visit.pk)
    tell_cancelled(visit_id=story.visit.pk)

    assert {letter.subject for letter in mailbox.letters} == {"Votre rendez-vous du mercredi 11 novembre est annulé"}
    assert len(mailbox.letters) == 2


def test_a_visit_that_was_not_cancelled_is_never_told_as_cancelled(mailbox):
    story = Story()

    tell_cancelled(visit_id=story.visit.pk)

    assert mailbox.letters == []


def test_one_full_mailbox_does_not_hold_up_the_others(mailbox):
    story = Story()
    mailbox.answers["sophie@example.org"] = "452 full"

    with pytest.raises(Exception, match="452"):
        tell_booked(visit_id=story.visit.pk)
    mailbox.answers.clear()
    after_first = [letter.to for letter in mailbox.letters]
    tell_booked(visit_id=story.visit.pk)

    assert after_first == ["amina@example.org"]
    assert [letter.to for letter in mailbox.letters] == ["amina@example.org", "sophie@example.org"]


def test_once_the_visit_has_begun_nothing_is_sent_any_more(mailbox):
    story = Story()
    with time_machine.travel(story.visit.slot.starts_at, tick=False):
        tell_booked(visit_id=story.visit.pk)
        story.cancel(by="register")
        tell_cancelled(visit_id=story.visit.pk)
    with time_machine.travel(story.visit.slot.starts_at - timedelta(seconds=1), tick=False):
        Delivery.objects.all().delete()
        tell_cancelled(visit_id=story.visit.pk)

    assert {letter.subject for letter in mailbox.letters} == {"Votre rendez-vous du mercredi 11 novembre est annulé"}
    assert len(mailbox.letters) == 2


def test_an_erased_visit_or_account_stops_nothing(mailbox):
    story = Story()
    Visit.objects.update(booker=None)

    tell_booked(visit_id=story.visit.pk)
    tell_booked(visit_id=story.visit.pk + 1)

    assert {letter.to for letter in mailbox.letters} == {"sophie@example.org", "amina@example.org"}


def test_telling_takes_a_fixed_number_of_reads(mailbox, django_assert_num_queries):
    from parloir.visits.queries.messages import visit_to_tell

    story = Story()
    with django_assert_num_queries(5):
        told = visit_to_tell(story.visit.pk)
        assert told is not None
        assert [recipient.is_booker for recipient in told.recipients] == [True, False]
