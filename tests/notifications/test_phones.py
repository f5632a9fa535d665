"""A telephone is confirmed by a code; tries and sends are bounded, and the code is kept nowhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.journal.models import Entry
from parloir.notifications.models import Contact, PhoneCode
from parloir.notifications.operations import (
    AskedTooOften,
    CodeRefused,
    ask_phone,
    choose_messages,
    confirm_phone,
    forget_old_codes,
    remove_phone,
)
from parloir.notifications.queries import choices_of, code_of, telephone_of
from parloir.notifications.rules import Choices
from parloir.notifications.tasks import send_code
from parloir.notifications.texts import sms_needed
from tests.discretion import assert_discreet
from tests.factories import NOW, AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NUMBER, OTHER = "+33612345678", "+33687654321"


def ask(account, *, number=NUMBER, now=NOW):
    ask_phone(account_id=account.pk, phone=number, now=now)
    return code_of(PhoneCode.objects.latest("pk"))


def confirm(account, code, *, now=NOW):
    confirm_phone(account_id=account.pk, typed=code, now=now)


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def test_the_right_code_confirms_the_telephone_once():
    account = AccountFactory()
    code = ask(account)

    before = choices_of(account.pk).phone, telephone_of(account.pk, now=NOW).asked
    confirm(account, code)

    assert re.fullmatch(r"\d{6}", code)
    assert before == ("", NUMBER)
    assert choices_of(account.pk).phone == NUMBER
    assert telephone_of(account.pk, now=NOW).asked == ""
    assert verbs() == ["phone.asked", "phone.confirmed"]
    with pytest.raises(CodeRefused):
        confirm(account, code)


def test_a_code_is_good_for_ten_minutes():
    account = AccountFactory()
    code = ask(account)

    with pytest.raises(CodeRefused) as refused:
        confirm(account, code, now=NOW + 10 * MINUTE)

    assert refused.value.tries_left == 0
    assert choices_of(account.pk).phone == ""
    confirm(account, ask(account, now=NOW + 11 * MINUTE), now=NOW + 20 * MINUTE)
    assert choices_of(account.pk).phone == NUMBER


def test_after_five_wrong_tries_even_the_right_code_confirms_nothing():
    account = AccountFactory()
    code, left = ask(account), []

    for _ in range(5):
        with pytest.raises(CodeRefused) as refused:
            confirm(account, wrong(code))
        left.append(refused.value.tries_left)
    with pytest.raises(CodeRefused) as refused:
        confirm(account, code)

    assert left == [4, 3, 2, 1, 0]
    assert refused.value.tries_left == 0
    assert choices_of(account.pk).phone == ""


def test_another_code_replaces_the_first():
    account = AccountFactory()
    first = ask(account)
    second = ask(account, now=NOW + MINUTE)

    if first != second:
        with pytest.raises(CodeRefused):
            confirm(account, first, now=NOW + MINUTE)
    confirm(account, second, now=NOW + MINUTE)

    assert choices_of(account.pk).phone == NUMBER


def test_somebody_elses_code_confirms_nothing():
    sophie, amina = AccountFactory(), AccountFactory()
    code = ask(sophie)

    with pytest.raises(CodeRefused):
        confirm(amina, code)

    assert choices_of(amina.pk).phone == ""


def test_an_account_is_sent_one_code_a_minute_three_an_hour_six_a_day():
    account = AccountFactory()
    ask(account)

    def refused_until(now, number=NUMBER):
        with pytest.raises(AskedTooOften) as refused:
            ask(account, number=number, now=now)
        return refused.value.until

    assert refused_until(NOW + timedelta(seconds=59)) == NOW + MINUTE
    ask(account, now=NOW + MINUTE)
    ask(account, now=NOW + 2 * MINUTE)
    assert refused_until(NOW + 4 * MINUTE) == NOW + HOUR
    for hours in (2, 3, 4):
        ask(account, number=OTHER, now=NOW + hours * HOUR)
    assert refused_until(NOW + 6 * HOUR, "+33611111111") == NOW + 24 * HOUR
    assert PhoneCode.objects.count() == 6


def test_one_telephone_is_sent_four_codes_a_day_by_all_accounts_together():
    for n in range(4):
        ask(AccountFactory(), now=NOW + n * HOUR)

    with pytest.raises(AskedTooOften) as refused:
        ask(AccountFactory(), now=NOW + 5 * HOUR)

    assert refused.value.until == NOW + 24 * HOUR
    ask(AccountFactory(), number=OTHER, now=NOW + 5 * HOUR)


def test_the_code_is_in_no_table_and_no_job():
    code = ask(AccountFactory())

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM notifications_phonecode c")
        (row,) = cursor.fetchone()
    (args,) = ProcrastinateJob.objects.filter(task_name="notifications.send_code").values_list("args", flat=True)
    assert code not in row
    assert args == {"code_id": PhoneCode.objects.get().pk}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_code_is_sent_to_its_telephone_once_in_one_discreet_sms(telephone, language):
    account = AccountFactory(language=language)
    with time_machine.travel(NOW, tick=False):
        code = ask(account)
        send_code(code_id=PhoneCode.objects.get().pk)
        send_code(code_id=PhoneCode.objects.get().pk)

    (sms,) = telephone.taken
    assert sms["to"] == NUMBER
    assert code in sms["text"]
    assert "emonstration" in sms["text"].replace("é", "e")
    assert sms_needed(sms["text"]) == 1
    assert_discreet({"sms": sms["text"], "sender": sms["sender"]}, "Sophie DURAND")


def test_a_code_replaced_or_too_old_is_not_sent(telephone):
    account = AccountFactory()
    ask(account)
    ask(account, now=NOW + MINUTE)
    first, second = PhoneCode.objects.order_by("pk")

    with time_machine.travel(NOW + 2 * MINUTE, tick=False):
        send_code(code_id=first.pk)
    with time_machine.travel(NOW + 12 * MINUTE, tick=False):
        send_code(code_id=second.pk)

    assert telephone.taken == []


def test_changing_the_telephone_keeps_the_old_one_until_the_new_is_confirmed_and_keeps_consent():
    account = ContactFactory(phone=OTHER, phone_confirmed_at=NOW, sms_since=NOW).account
    code = ask(account)

    assert choices_of(account.pk).phone == OTHER
    confirm(account, code)

    assert (choices_of(account.pk).phone, choices_of(account.pk).sms_since) == (NUMBER, NOW)


def test_removing_the_telephone_ends_consent_and_codes():
    account = ContactFactory(phone=OTHER, phone_confirmed_at=NOW).account
    choose_messages(account_id=account.pk, email_reminder=True, sms=True, now=NOW)
    code = ask(account)

    remove_phone(account_id=account.pk, now=NOW + MINUTE)
    remove_phone(account_id=account.pk, now=NOW + 2 * MINUTE)

    assert choices_of(account.pk) == Choices(sms_ended=NOW + MINUTE)
    assert Contact.objects.get().phone == ""
    with pytest.raises(CodeRefused):
        confirm(account, code, now=NOW + MINUTE)
    assert verbs() == ["sms.agreed", "phone.asked", "phone.removed"]


def test_codes_are_forgotten_after_two_days():
    ask(AccountFactory())

    assert [forget_old_codes(now=NOW + 48 * HOUR), forget_old_codes(now=NOW + 48 * HOUR + MINUTE)] == [0, 1]
