"""Whoever was never told of a thing is not told of its change; whoever may read it at last is told all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.notifications.models import Contact
from parloir.notifications.operations import confirm_address
from parloir.notifications.queries import confirmation_url
from parloir.people.models import Detainee
from parloir.permits.models import Registration
from parloir.permits.queries import changed_permit
from parloir.permits.rules import PermitStatus
from parloir.visits.models import Attendance
from parloir.visits.operations import cancel_visit, judge_again, keep_reviewed_visit, withdraw_myself
from tests.factories import NOW, ContactFactory, PermitFactory, PolicyFactory, RegistrationFactory
from tests.visits.families import broken
from tests.visits.test_messages import letters_by_address, written
from tests.visits.test_messages_changed import Household, both_bodies, forget_letters, send
from tests.visits.test_messages_trip import book_trip
from tests.visits.test_order_of_messages import AGENT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

NUMBER = "+33612345678"


def confirm(account, *, now=NOW):
    email = Contact.objects.get(account=account).email
    token = confirmation_url(account_id=account.pk, email=email, now=now).rstrip("/").rpartition("/")[2]
    confirm_address(token=token, now=now)


def subjects(mailbox, who="sophie"):
    return [letter.subject for letter in mailbox.to(f"{who}@example.org")]


def told(family, mailbox, *permits, **how):
    """Book, have everybody told, and look at what comes after."""
    visit = family.book(*permits, **how)
    send()
    forget_letters(mailbox)
    return visit


# An address that is not confirmed --------------------------------------------------------


def test_an_unconfirmed_address_is_not_told_that_others_come(mailbox):
    family = Household(confirmed=False)
    visit = told(family, mailbox)

    family.change(visit, family.permit, family.child)
    send()

    assert mailbox.letters == []


def test_an_unconfirmed_address_is_told_of_a_new_hour_and_then_of_the_next_against_it(mailbox):
    family = Household(confirmed=False)
    visit = told(family, mailbox)

    family.change(visit, family.permit, family.child)
    family.change(visit, family.permit, family.child, slot=family.later)
    send()

    assert subjects(mailbox) == ["Votre rendez-vous est maintenant le jeudi 12 novembre"]


def test_an_address_that_came_back_was_told_who_comes_and_is_told_that_it_changes_by_sms(mailbox, telephone):
    family = Household()
    visit = told(family, mailbox)
    Contact.objects.filter(account=family.account).update(
        phone=NUMBER, phone_confirmed_at=NOW, sms_since=NOW, email_returned_at=NOW, email_confirmed_at=None
    )

    family.change(visit, family.permit, family.child)
    send()

    (text,) = telephone.texts(NUMBER)
    assert text.startswith("Du nouveau pour votre rendez-vous mercredi 11 novembre à 14 h 00.")


def test_a_booker_whom_nothing_reached_reads_what_is_booked_and_not_that_it_changes(mailbox):
    family = Household(confirmed=False)
    mailbox.answers["sophie@example.org"] = "550 no such mailbox"
    visit = told(family, mailbox)
    Contact.objects.filter(account=family.account).update(email="new@example.org")

    family.change(visit, family.permit, family.child)
    send()

    assert subjects(mailbox, "new") == ["Votre rendez-vous du mercredi 11 novembre est confirmé"]


def book_and_cancel(family, *, times):
    for n in range(times):
        visit = family.book(key=f"again-{n}")
        send()
        cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
        send()


def test_booking_and_cancelling_again_and_again_fills_nobodys_mailbox(mailbox):
    family, other = Household(confirmed=False), Household(confirmed=False)
    Contact.objects.filter(account=other.account).update(email="SOPHIE@Example.org")

    book_and_cancel(family, times=6)
    book_and_cancel(other, times=1)

    assert [letter.to.casefold() for letter in mailbox.letters] == ["sophie@example.org"] * 10


def test_what_the_prison_does_is_told_however_much_a_mailbox_was_written(mailbox):
    family = Household(confirmed=False)
    book_and_cancel(family, times=5)
    visit = family.book()
    send()
    assert len(mailbox.letters) == 10

    cancel_visit(booker=None, visit_id=visit.pk, now=NOW, agent=AGENT)
    send()

    assert len(mailbox.letters) == 11
    assert "annulé" in mailbox.letters[-1].subject


def test_a_mailbox_that_was_written_too_much_reads_all_of_the_visit_once_it_is_confirmed(mailbox):
    family = Household(confirmed=False)
    book_and_cancel(family, times=5)
    family.book()
    send()
    forget_letters(mailbox)

    confirm(family.account)
    send()
    send()

    assert subjects(mailbox) == ["Votre rendez-vous du mercredi 11 novembre est confirmé"]


def test_a_confirmed_mailbox_is_told_of_everything(mailbox):
    family = Household()

    book_and_cancel(family, times=6)

    assert len(subjects(mailbox)) == 12


def test_once_an_address_is_confirmed_it_reads_who_comes_and_where_once(mailbox):
    family = Household(confirmed=False)
    told(family, mailbox, family.permit, family.child)

    confirm(family.account)
    send()
    send()
    first = subjects(mailbox)
    confirm(family.account)
    send()

    assert (first, subjects(mailbox)) == (["Votre rendez-vous du mercredi 11 novembre est confirmé"],) * 2
    for body in both_bodies(mailbox.letters[0]):
        assert "Sophie DURAND (enfant)" in body
        assert "DIJON" in body


def test_once_an_address_is_confirmed_a_trip_is_one_message_and_a_cancelled_visit_is_none_of_it(mailbox):
    family = Household(confirmed=False)
    visits = book_trip(family)
    cancel_visit(booker=family.account, visit_id=visits[0].pk, now=NOW)
    send()
    forget_letters(mailbox)

    confirm(family.account)
    confirm(family.amina)
    send()
    send()

    assert sorted(letter.to for letter in mailbox.letters) == ["amina@example.org", "sophie@example.org"]
    for letter in mailbox.letters:
        assert letter.subject == "Vos 2 rendez-vous sont confirmés"
        assert visits[0].reference not in letter.text
        assert visits[2].reference in letter.text
    assert "Amina" in letters_by_address(mailbox)["amina@example.org"].text


def test_what_was_told_in_full_is_not_told_again_when_another_address_is_confirmed(mailbox):
    family = Household()
    told(family, mailbox)
    Contact.objects.filter(account=family.account).update(email="new@example.org", email_confirmed_at=None)

    confirm(family.account)
    send()
    send()

    assert mailbox.letters == []


def test_a_visit_to_be_confirmed_is_told_in_full_as_such_and_as_kept_afterwards(mailbox):
    family = Household(confirmed=False, wing=PolicyFactory(on_hospital="review").wing)
    visit = family.book()
    Detainee.objects.filter(pk=family.detainee.pk).update(presence="hospital", movement_at=NOW)
    mailbox.answers["sophie@example.org"] = "550 no such mailbox"
    judge_again(detainee_ids=[family.detainee.pk], now=NOW)
    send()
    mailbox.answers.clear()
    forget_letters(mailbox)

    confirm(family.account)
    send()
    send()
    assert subjects(mailbox) == ["Votre rendez-vous du mercredi 11 novembre n’est pas encore confirmé"]
    assert "Maison d'arrêt d'essai" in mailbox.letters[0].text

    keep_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)
    send()
    assert subjects(mailbox)[1:] == ["C’est confirmé : votre rendez-vous du mercredi 11 novembre"]


def test_a_visit_that_has_begun_is_not_told_again(mailbox):
    family = Household(confirmed=False)
    told(family, mailbox)

    confirm(family.account, now=family.slot.starts_at + timedelta(minutes=1))
    send(but=["visits.tell_in_full"])

    assert mailbox.letters == []


# Somebody who left by themselves ---------------------------------------------------------


def test_whoever_left_by_themselves_is_not_told_later_that_it_is_cancelled_even_if_no_message_reached_them(mailbox):
    family = Household()
    visit = told(family, mailbox, family.permit, family.mother)
    mailbox.answers["amina@example.org"] = "550 full for good"
    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    send()
    mailbox.answers.clear()
    forget_letters(mailbox)

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    assert subjects(mailbox) == ["Votre rendez-vous du mercredi 11 novembre est annulé"]
    assert all("annulé" not in subject for subject in subjects(mailbox, "amina"))


def test_whoever_left_reads_that_they_are_not_expected_even_when_the_visit_is_cancelled_before_they_are_told(mailbox):
    family = Household()
    visit = told(family, mailbox, family.permit, family.mother)

    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    assert subjects(mailbox) == ["Votre rendez-vous du mercredi 11 novembre est annulé"]
    assert subjects(mailbox, "amina") == ["Rendez-vous du mercredi 11 novembre : vous n’avez plus de place"]


def test_whoever_leaves_children_behind_is_not_told_that_the_visit_is_cancelled(mailbox):
    family = Household()
    visit = told(family, mailbox, family.child, family.mother)

    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    send()

    assert subjects(mailbox) == ["Votre rendez-vous du mercredi 11 novembre est annulé"]
    assert subjects(mailbox, "amina") == ["Rendez-vous du mercredi 11 novembre : vous n’avez plus de place"]


def test_whoever_left_and_was_added_again_is_told_that_it_is_cancelled(mailbox):
    family = Household()
    visit = told(family, mailbox, family.permit, family.mother)
    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    assert Attendance.objects.get(permit=family.mother).left_by_themselves
    family.change(visit, family.permit, family.mother)
    send()
    forget_letters(mailbox)

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    assert subjects(mailbox, "amina") == ["Votre rendez-vous du mercredi 11 novembre est annulé"]
    assert broken() == set()


# What to do next -------------------------------------------------------------------------


@pytest.mark.parametrize("confirmed", [True, False])
def test_whoever_does_not_come_any_more_reads_not_to_travel_and_what_next(mailbox, settings, confirmed):
    family = Household(confirmed=confirmed)
    visit = told(family, mailbox, family.permit, family.mother)

    withdraw_myself(account=family.amina, visit_id=visit.pk, now=NOW)
    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    assert len(mailbox.letters) == 2
    for letter in mailbox.letters:
        for body in both_bodies(letter):
            assert "e vous déplacez pas" in body
            assert "Et maintenant" in body
        assert f"{settings.LINK_URL}/espace/" in letter.links


def test_an_sms_says_not_to_travel_and_its_link_leads_to_the_space(mailbox, telephone, client, settings):
    family = Household()
    visit = told(family, mailbox, family.permit)
    Contact.objects.filter(account=family.account).update(
        phone=NUMBER, phone_confirmed_at=NOW, sms_since=NOW, email_returned_at=NOW
    )

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    (text,) = telephone.texts(NUMBER)
    assert text.startswith("Ne venez pas mercredi 11 novembre à 14 h 00 : rendez-vous annulé.")
    assert "Suite/stop : " in text
    page = client.get(text.rpartition("Suite/stop : ")[2].removeprefix(settings.LINK_URL))
    assert 'href="/espace/"' in written(page.content.decode())


def test_a_space_being_erased_is_not_sent_to_a_space(mailbox):
    family = Household(confirmed=False)
    visit = told(family, mailbox, family.permit)
    family.account.erased_at = NOW
    family.account.save()

    cancel_visit(booker=family.account, visit_id=visit.pk, now=NOW)
    send()

    (letter,) = mailbox.letters
    assert "Ne vous déplacez pas." in letter.text
    assert (letter.links, "Et maintenant" in letter.text) == ([], False)


# Permits ---------------------------------------------------------------------------------


def test_whoever_registers_a_permit_after_it_changed_is_not_told_of_the_change():
    permit = PermitFactory(status="suspended")
    before = RegistrationFactory(permit=permit, registered_at=NOW - timedelta(minutes=1))
    RegistrationFactory(permit=permit, registered_at=NOW + timedelta(minutes=1), holding="adult")
    ContactFactory(account=before.account)

    found = changed_permit(permit.pk, status=PermitStatus.SUSPENDED, suspended_until=None, since=NOW)

    assert [to.account_id for to in found] == [before.account_id]
    assert Registration.objects.count() == 2
