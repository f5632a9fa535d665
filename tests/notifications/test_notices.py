"""An address is told of what was done in its space, in case it was somebody else; and of a strange device, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.notifications.models import Contact, Delivery, Notice, PhoneCode
from parloir.notifications.operations import (
    ask_phone,
    choose_messages,
    confirm_phone,
    forget_old_notices,
    note_address,
    receive,
    remove_phone,
    set_address,
)
from parloir.notifications.queries import address_of, choices_of, code_of, telephone_of, was_refused_lately
from parloir.notifications.rules import Address, NoticeKind
from parloir.notifications.tasks import send_notice
from parloir.people.models import Account, Device
from parloir.people.operations import choose_language, forget_old_devices
from parloir.people.rules import DEVICE_KEPT_FOR, MOST_DEVICES
from parloir.visits.operations import erase_account
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import NOW, AccountFactory, ContactFactory
from tests.people.test_signing_in import identity

pytestmark = pytest.mark.django_db

PHONE = "+33612345678"
TELEPHONE, COMPUTER = "t" * 43, "c" * 43
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _on_that_day():
    with time_machine.travel(NOW, tick=True):
        yield


def notices():
    return list(Notice.objects.order_by("pk").values_list("kind", "email"))


def send_all():
    for notice_id in Notice.objects.order_by("pk").values_list("pk", flat=True):
        send_notice(notice_id=notice_id)


def come(*, device=TELEPHONE, now=NOW, **about):
    return receive(identity=identity(**about), id_token="a.b.c", language="fr", device=device, now=now)


def give_phone(account, phone, *, now=NOW):
    ask_phone(account_id=account.pk, phone=phone, now=now)
    confirm_phone(account_id=account.pk, typed=code_of(PhoneCode.objects.latest("pk")), now=now)


def test_a_changed_address_is_told_at_the_old_one_alone():
    contact = ContactFactory(email="ancienne@example.org")

    set_address(account_id=contact.account_id, email="nouvelle@example.org", now=NOW)

    assert notices() == [(NoticeKind.EMAIL_CHANGED, "ancienne@example.org")]
    job = ProcrastinateJob.objects.get(task_name="notifications.send_notice")
    assert job.args == {"notice_id": Notice.objects.get().pk}


def test_a_first_address_an_unchanged_one_and_a_dead_one_are_told_nothing():
    for known, given in (("", "a@example.org"), ("a@example.org", "a@example.org")):
        contact = ContactFactory(email=known)
        set_address(account_id=contact.account_id, email=given, now=NOW)
    dead = ContactFactory(email="morte@example.org", email_returned_at=NOW)
    set_address(account_id=dead.account_id, email="nouvelle@example.org", now=NOW)

    assert notices() == []


def test_a_changed_or_removed_telephone_is_told_by_e_mail_a_first_one_is_not():
    contact = ContactFactory(email="sophie@example.org")
    give_phone(contact.account, PHONE)
    assert notices() == []

    give_phone(contact.account, "+33698765432", now=NOW + DAY)
    remove_phone(account_id=contact.account_id, now=NOW + DAY)

    assert notices() == [(NoticeKind.PHONE_CHANGED, "sophie@example.org")] * 2


def test_an_erased_space_is_told(mailbox):
    contact = ContactFactory(email="sophie@example.org")

    erase_account(account=contact.account, now=NOW)
    send_all()

    [letter] = mailbox.letters
    assert (letter.to, letter.subject) == ("sophie@example.org", "Votre espace est effacé")


def test_a_notice_leaves_once_to_the_address_of_its_moment_and_is_forgotten(mailbox):
    contact = ContactFactory(email="ancienne@example.org")
    set_address(account_id=contact.account_id, email="nouvelle@example.org", now=NOW)
    notice = Notice.objects.get()

    send_notice(notice_id=notice.pk)
    send_notice(notice_id=notice.pk)

    [letter] = mailbox.letters
    assert (letter.to, letter.subject) == ("ancienne@example.org", "Votre adresse e-mail a changé")
    assert "10 h 00 (heure de Paris)" in letter.text
    assert "nouvelle@example.org" not in letter.text + letter.html
    assert not Notice.objects.exists()


def test_an_old_address_that_refuses_says_nothing_of_the_new_one(mailbox):
    contact = ContactFactory(email="ancienne@example.org")
    set_address(account_id=contact.account_id, email="nouvelle@example.org", now=NOW)
    mailbox.answers["ancienne@example.org"] = "550 no such user"

    send_all()

    assert Delivery.objects.filter(outcome="refused").exists()
    assert was_refused_lately(contact.account_id) is False
    assert not Notice.objects.exists()


def test_a_notice_that_could_not_leave_is_forgotten_after_three_days():
    contact = ContactFactory()
    set_address(account_id=contact.account_id, email="nouvelle@example.org", now=NOW)

    assert (forget_old_notices(now=NOW + 3 * DAY), forget_old_notices(now=NOW + 4 * DAY)) == (0, 1)


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("kind", list(NoticeKind))
def test_no_lock_screen_says_what_a_notice_is_about(mailbox, kind, language, settings):
    account = AccountFactory(language=language)
    notice = Notice.objects.create(account=account, kind=kind, email="a@example.org", at=NOW)

    send_notice(notice_id=notice.pk)

    [letter] = mailbox.letters
    seen = told_by_lock_screen(
        sender=str(letter.message["From"]), subject=letter.subject, text=letter.text, html=letter.html, title=""
    )
    assert_discreet(seen, account.short_name)
    assert all(link.startswith(settings.LINK_URL) for link in letter.links)


def test_the_first_device_is_not_strange_another_is_told_once():
    account = come().account
    note_address(account_id=account.pk, email="sophie@example.org", now=NOW)
    come(now=NOW + DAY)
    assert notices() == []

    come(device=COMPUTER, now=NOW + DAY)
    come(device=COMPUTER, now=NOW + 2 * DAY)
    come(now=NOW + 2 * DAY)

    assert notices() == [(NoticeKind.NEW_DEVICE, "sophie@example.org")]


def test_whoever_does_not_want_to_know_of_strange_devices_is_not_told():
    account = come().account
    note_address(account_id=account.pk, email="sophie@example.org", now=NOW)
    choose_messages(account_id=account.pk, email_reminder=True, sms=False, device_notices=False, now=NOW)

    come(device=COMPUTER)

    assert notices() == []
    assert Device.objects.count() == 2


def test_two_people_of_one_device_cannot_be_found_by_it():
    one, other = come().account, come(sub="b" * 64 + "v1").account

    assert Device.objects.get(account=one).mark != Device.objects.get(account=other).mark
    assert TELEPHONE not in str(list(Device.objects.values()))


def test_a_device_is_known_for_thirteen_months_and_the_latest_twenty():
    for number in range(MOST_DEVICES + 3):
        come(device=f"{number:043d}", now=NOW + timedelta(minutes=number))
    kept = Device.objects.count()

    forgotten = forget_old_devices(now=NOW + DEVICE_KEPT_FOR + timedelta(minutes=10))

    assert (kept, forgotten, Device.objects.count()) == (MOST_DEVICES, 7, 13)


def test_coming_back_within_a_day_of_an_erasure_finds_nothing_of_the_former_space():
    account = come().account
    note_address(account_id=account.pk, email="ancienne@example.org", now=NOW)
    give_phone(account, PHONE)
    choose_messages(account_id=account.pk, email_reminder=False, sms=True, now=NOW)
    choose_language(account_id=account.pk, language="en", now=NOW)
    ask_phone(account_id=account.pk, phone="+33698765432", now=NOW + timedelta(minutes=2))
    erase_account(account=Account.objects.get(), now=NOW + timedelta(minutes=3))

    back = come(device=COMPUTER, now=NOW + timedelta(minutes=4)).account

    now = NOW + timedelta(minutes=4)
    assert (back.pk, back.language) == (account.pk, "fr")
    assert address_of(back.pk) == Address("", confirmed=False)
    assert (telephone_of(back.pk, now=now).number, telephone_of(back.pk, now=now).asked) == ("", "")
    assert choices_of(back.pk) == choices_of(AccountFactory().pk)
    assert not Contact.objects.exists()
    # The old address is still told, and a device is strange to nobody.
    assert notices()[-1] == (NoticeKind.SPACE_ERASED, "ancienne@example.org")
    # What limits count stays: erasing is no way around them.
    assert PhoneCode.objects.filter(account=back).count() == 2
