"""What families are written when a visit changes: against what each was last told; and a trip, told at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.establishments.rules import Channel
from parloir.notifications.models import Delivery
from parloir.visits import tasks
from parloir.visits.operations import Change, cancel_visit, change_visit, withdraw_myself, withdraw_people
from tests.factories import NOW, AccountFactory, ContactFactory, RegistrationFactory
from tests.mailbox import visible
from tests.visits.families import Family, slot_in
from tests.visits.test_messages import letters_by_address, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

ADULT = date(1960, 1, 1)


class Household(Family):
    """Sophie books; her child may come, and Amina, whose own permit is in her own account too."""

    def __init__(self, *, language="fr", confirmed=True, wing=None) -> None:
        super().__init__(wing=wing)
        confirmed_at = NOW if confirmed else None
        self.child = self.add()
        self.mother = self.add(holding="adult", born=ADULT)
        self.mother.visitor.first_names = ["Amina"]
        self.mother.visitor.save()
        self.amina = AccountFactory(language=language)
        RegistrationFactory(account=self.amina, permit=self.mother)
        self.account.language = language
        self.account.save()
        ContactFactory(account=self.account, email="sophie@example.org", email_confirmed_at=confirmed_at)
        ContactFactory(account=self.amina, email="amina@example.org", email_confirmed_at=confirmed_at)
        self.later = slot_in(self.wing, days=1, hours=1)

    def change(self, visit, *permits, slot=None):
        wanted = Change(slot_id=(slot or self.slot).pk, permit_ids=frozenset(p.pk for p in permits))
        change_visit(booker=self.account, visit_id=visit.pk, change=wanted, channel=Channel.ONLINE, now=NOW)


def send(*, but=()):
    """Do what the worker would: the jobs in order, those named left out as if they had not come to their turn."""
    for job in ProcrastinateJob.objects.order_by("id"):
        if job.task_name not in but:
            getattr(tasks, job.task_name.removeprefix("visits."))(**job.args)
            ProcrastinateJob.objects.filter(pk=job.pk).delete()


def forget_letters(mailbox):
    mailbox.letters.clear()


def both_bodies(letter):
    return written(letter.text), visible(letter.html)


def test_the_booker_reads_what_was_and_what_is(mailbox):
    family = Household()
    visit = family.book()
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, family.child, slot=family.later)
    send()

    (letter,) = mailbox.letters
    assert letter.subject == "Votre rendez-vous est maintenant le jeudi 12 novembre"
    for body in both_bodies(letter):
        assert "Avant : mercredi 11 novembre 2026 à 14 h 00" in body
        assert "Maintenant :" in body
        assert "eudi 12 novembre 2026" in body
        assert "15 h 00" in body
        assert "Arrivez à 14 h 30, 30 minutes avant." in body
        assert "Sophie DURAND (enfant)" in body
        assert visit.reference in body
    assert "<s>mercredi 11 novembre 2026 à 14 h 00</s>" in " ".join(letter.html.split())


def test_when_others_come_the_hour_is_said_to_be_the_same(mailbox):
    family = Household()
    visit = family.book()
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, family.child)
    send()

    (letter,) = mailbox.letters
    assert letter.subject == "Votre rendez-vous du mercredi 11 novembre change"
    for body in both_bodies(letter):
        assert "Le jour et l’heure restent les mêmes." in body
        assert "Avant :" not in body


def test_each_account_whose_own_permit_attends_reads_the_change(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, family.mother, slot=family.later)
    send()

    letter = letters_by_address(mailbox)["amina@example.org"]
    for body in both_bodies(letter):
        assert "Avant : mercredi 11 novembre 2026 à 14 h 00" in body
        assert "Amina" in body
        assert "Sophie" not in body
        assert "annuler jusqu’au début" not in body


def test_somebody_added_reads_a_confirmation(mailbox):
    family = Household()
    visit = family.book()
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, family.mother)
    send()

    letters = letters_by_address(mailbox)
    assert letters["amina@example.org"].subject == "Votre rendez-vous du mercredi 11 novembre est confirmé"
    assert letters["sophie@example.org"].subject == "Votre rendez-vous du mercredi 11 novembre change"


def test_somebody_taken_out_reads_that_they_are_not_expected_and_never_by_whom(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    forget_letters(mailbox)

    withdraw_people(booker=family.account, visit_id=visit.pk, permit_ids=[family.mother.pk], now=NOW)
    send()

    letter = letters_by_address(mailbox)["amina@example.org"]
    assert letter.subject == "Rendez-vous du mercredi 11 novembre : vous n’avez plus de place"
    for body in both_bodies(letter):
        told = "Vous n’avez plus de place au rendez-vous du mercredi 11 novembre 2026 à 14 h 00 : ne vous déplacez pas."
        assert told in body
        for unsaid in ("Sophie", "Amina", "Paul", "annulé", "essai", "permis", "autre personne"):
            assert unsaid not in body, unsaid


def test_after_a_withdrawal_the_booker_reads_who_still_comes(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    forget_letters(mailbox)

    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    send()

    letters = letters_by_address(mailbox)
    assert "Amina" not in letters["sophie@example.org"].text
    assert "vous n’avez plus de place" in letters["amina@example.org"].subject


# One message for several changes, and the right “before” -------------------------------------


def test_a_later_change_speaks_for_all_against_what_was_last_told(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, slot=family.later)
    family.change(visit, family.permit, slot=slot_in(family.wing, days=2))
    send()

    letters = letters_by_address(mailbox)
    assert len(mailbox.letters) == 2
    body = written(letters["sophie@example.org"].text)
    assert "Avant : mercredi 11 novembre 2026 à 14 h 00 Maintenant : vendredi 13 novembre 2026 à 14 h 00" in body
    assert "12 novembre" not in body
    assert "rendez-vous du mercredi 11 novembre 2026 à 14 h 00" in written(letters["amina@example.org"].text)


def test_somebody_added_and_taken_out_before_anything_was_told_reads_nothing(mailbox):
    family = Household()
    visit = family.book()
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, family.mother)
    family.change(visit, family.permit)
    send()

    assert [letter.to for letter in mailbox.letters] == ["sophie@example.org"]


def test_a_booking_told_after_its_change_has_told_it(mailbox):
    family = Household()
    visit = family.book()

    family.change(visit, family.permit, slot=family.later)
    send()

    assert [letter.subject for letter in mailbox.letters] == ["Votre rendez-vous du jeudi 12 novembre est confirmé"]


def test_one_full_mailbox_reads_later_what_it_missed(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    forget_letters(mailbox)
    mailbox.answers["sophie@example.org"] = "452 full"
    family.change(visit, family.permit, family.mother, slot=family.later)
    with pytest.raises(Exception, match="452"):
        send()

    mailbox.answers.clear()
    family.change(visit, family.permit, family.mother, slot=slot_in(family.wing, days=2))
    send()

    first, *rest = mailbox.to("amina@example.org")
    assert "Avant : mercredi 11 novembre" in first.text
    assert ["Avant : jeudi 12 novembre" in letter.text for letter in rest] == [True]
    (late,) = mailbox.to("sophie@example.org")
    assert "Avant : mercredi 11 novembre" in late.text


def test_a_change_told_twice_is_told_once(mailbox):
    family = Household()
    visit = family.book()
    send()
    family.change(visit, family.permit, slot=family.later)
    (args,) = ProcrastinateJob.objects.values_list("args", flat=True)
    forget_letters(mailbox)

    tasks.tell_changed(**args)
    tasks.tell_changed(**args)

    assert len(mailbox.letters) == 1
    assert Delivery.objects.filter(dedup_key=f"visit-{visit.pk}-changed-1-{family.account.pk}").count() == 1


def test_a_booking_told_before_these_notes_were_kept_still_has_its_before(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    Delivery.objects.update(said={})
    forget_letters(mailbox)

    family.change(visit, family.permit, slot=family.later)
    send()

    letters = letters_by_address(mailbox)
    assert "Avant : mercredi 11 novembre 2026" in letters["sophie@example.org"].text
    assert "du mercredi 11 novembre 2026" in letters["amina@example.org"].text


# Cancelled ----------------------------------------------------------------------------------


def test_a_change_cancelled_before_it_was_told_is_told_as_a_cancellation_of_what_was_known(mailbox):
    family = Household()
    visit = family.book()
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, slot=family.later)
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    assert [letter.subject for letter in mailbox.letters] == ["Votre rendez-vous du mercredi 11 novembre est annulé"]


def test_somebody_told_that_they_are_not_expected_reads_nothing_of_the_cancellation(mailbox):
    family = Household()
    visit = family.book(family.permit, family.mother)
    send()
    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    send()
    forget_letters(mailbox)

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    assert [letter.to for letter in mailbox.letters] == ["sophie@example.org"]


# An address that is not confirmed, and no longer than useful ---------------------------------


def test_an_unconfirmed_address_reads_the_new_hour_and_nothing_else(mailbox):
    family = Household(confirmed=False)
    visit = family.book(family.permit, family.mother)
    send()
    forget_letters(mailbox)

    family.change(visit, family.permit, slot=family.later)
    send()

    letters = letters_by_address(mailbox)
    for body in both_bodies(letters["sophie@example.org"]):
        assert "Votre rendez-vous a changé." in body
        assert "Date : jeudi 12 novembre 2026" in body
        assert "Heure : 15 h 00" in body
    for body in both_bodies(letters["amina@example.org"]):
        assert "Vous n’avez plus de place à ce rendez-vous." in body
        assert "Date : mercredi 11 novembre 2026" in body
    for letter in mailbox.letters:
        for body in both_bodies(letter):
            for unsaid in ("Sophie", "Amina", "essai", "DIJON", "mercredi 11" if letter.to[0] == "s" else "jeudi 12"):
                assert unsaid not in body, unsaid


def test_the_confirmation_says_until_when_one_can_change_online(mailbox):
    family = Household()
    family.book()
    send()

    (letter,) = mailbox.letters
    for body in both_bodies(letter):
        told = "Vous pouvez changer le jour, l’heure ou les personnes en ligne, jusqu’à 24 heures avant."
        assert told in body
        assert "annulez puis" not in body


def test_after_the_visit_has_begun_no_change_is_told_any_more(mailbox):
    import time_machine

    family = Household()
    visit = family.book()
    send()
    forget_letters(mailbox)
    family.change(visit, family.permit, family.child)

    with time_machine.travel(family.slot.starts_at + timedelta(minutes=1), tick=False):
        send()

    assert mailbox.letters == []
