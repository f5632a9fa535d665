"""SMS cost money: so many a day in all, so many to a country abroad, and whoever watches is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from parloir.notifications.models import Delivery, PhoneCode, SmsCount
from parloir.notifications.operations import (
    AskedTooOften,
    Sms,
    TryLater,
    ask_phone,
    deliver_sms,
    forget_old_counts,
)
from parloir.notifications.rules import Outcome
from tests.factories import NOW, AccountFactory

pytestmark = pytest.mark.django_db

HOME, BELGIAN, MOROCCAN = "+33612345678", "+32470123456", "+212612345678"
SMS = Sms(text="Rappel", useful_until=NOW + timedelta(days=9))


@pytest.fixture
def account():
    return AccountFactory()


def send(account, number, *, now=NOW):
    key = f"k{Delivery.objects.count()}"
    return deliver_sms(account_id=account.pk, dedup_key=key, number=number, sms=SMS, now=now)


def test_a_country_abroad_has_its_budget_of_a_day_and_home_has_none_of_its_own(telephone, settings, account):
    settings.SMS_COUNTRY_BUDGET = 2

    outcomes = [send(account, number) for number in (BELGIAN, BELGIAN, BELGIAN, MOROCCAN, HOME, HOME, HOME)]
    tomorrow = send(account, BELGIAN, now=NOW + timedelta(days=1))

    assert outcomes == [Outcome.SENT, Outcome.SENT, Outcome.NO_BUDGET, *[Outcome.SENT] * 4]
    assert (tomorrow, len(telephone.texts(BELGIAN))) == (Outcome.SENT, 3)


def test_beyond_the_budget_of_a_day_nothing_leaves_to_anybody(telephone, settings, account):
    settings.SMS_DAILY_BUDGET = 2

    assert [send(account, n) for n in (HOME, BELGIAN, HOME)] == [Outcome.SENT, Outcome.SENT, Outcome.NO_BUDGET]
    assert len(telephone.taken) == 2


def test_whoever_watches_is_told_once_when_it_is_nearly_and_when_it_is_wholly_spent(telephone, settings, account):
    settings.SMS_COUNTRY_BUDGET = 5

    with capture_logs() as lines:
        for _ in range(7):
            send(account, BELGIAN)

    told = [line for line in lines if line["event"].startswith("sms.budget")]
    assert told == [
        {"event": "sms.budget_nearly_spent", "log_level": "warning", "country": "BE", "sent": 4},
        {"event": "sms.budget_spent", "log_level": "error", "country": "BE", "sent": 5},
    ]


def test_what_a_provider_has_not_taken_costs_nothing(telephone, account):
    telephone.answers.append((503, {}))

    with pytest.raises(TryLater):
        send(account, BELGIAN)

    assert SmsCount.objects.count() == 0


@pytest.mark.parametrize("number", ["+870773111632", "+8816123456789", "+12025550123"])
def test_a_number_kept_from_before_of_a_country_that_is_not_served_is_not_texted(telephone, account, number):
    assert (send(account, number), telephone.requests) == (Outcome.NO_ADDRESS, 0)


def test_no_code_is_promised_that_would_not_leave(telephone, settings, account):
    settings.SMS_COUNTRY_BUDGET = 1
    send(account, BELGIAN)

    with pytest.raises(AskedTooOften) as refused:
        ask_phone(account_id=account.pk, phone=BELGIAN, now=NOW)

    assert refused.value.until == NOW.replace(hour=0) + timedelta(days=1)
    assert PhoneCode.objects.count() == 0
    ask_phone(account_id=account.pk, phone=HOME, now=NOW)


def test_counts_are_kept_ninety_days():
    for days in (0, 90, 91):
        SmsCount.objects.create(day=NOW.date() - timedelta(days=days), sent=1)

    assert (forget_old_counts(now=NOW), SmsCount.objects.count()) == (1, 2)
