"""What a person wants to be told, how they stop it, and what is heard of messages that left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from parloir.journal.models import Entry
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import (
    NoTelephone,
    choose_messages,
    confirm_address,
    note_receipt,
    note_returned_address,
    set_address,
    withdraw,
)
from parloir.notifications.queries import (
    address_of,
    all_choices_of,
    choices_of,
    confirmation_url,
    read_withdrawal,
    was_refused_lately,
    withdraw_url,
)
from parloir.notifications.rules import Channel, Choices, Receipt
from tests.factories import NOW, AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
NUMBER = "+33612345678"


def reachable(**more):
    return ContactFactory(phone=NUMBER, phone_confirmed_at=NOW, **more)


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def choose(contact, *, email_reminder=True, sms=False, now=NOW):
    choose_messages(account_id=contact.account_id, email_reminder=email_reminder, sms=sms, now=now)


def test_by_default_a_person_is_reminded_by_email_and_never_by_sms():
    contact = reachable()

    assert choices_of(contact.account_id) == Choices(email_reminder=True, phone=NUMBER)
    assert choices_of(contact.account_id).number_for() == ""
    assert choices_of(AccountFactory().pk) == Choices()


def test_consent_to_sms_is_dated_and_ticking_again_keeps_its_date():
    contact = reachable()

    choose(contact, sms=True)
    choose(contact, sms=True, now=LATER)

    assert choices_of(contact.account_id).sms_since == NOW
    assert choices_of(contact.account_id).number_for() == NUMBER
    assert verbs() == ["sms.agreed"]


def test_unticking_withdraws_and_says_when():
    contact = reachable()
    choose(contact, sms=True)

    choose(contact, email_reminder=False, now=LATER)

    assert choices_of(contact.account_id) == Choices(email_reminder=False, phone=NUMBER, sms_ended=LATER)
    assert verbs() == ["sms.agreed", "reminders.stopped", "sms.withdrawn"]


def test_sms_without_a_confirmed_telephone_are_refused_and_nothing_changes():
    contact = ContactFactory()

    with pytest.raises(NoTelephone):
        choose(contact, email_reminder=False, sms=True)

    assert choices_of(contact.account_id) == Choices()
    assert verbs() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(sms_since=NOW)


def test_consent_for_one_appointment_counts_until_a_later_withdrawal():
    contact = reachable()

    assert choices_of(contact.account_id).number_for(agreed_at=NOW) == NUMBER
    withdraw(account_id=contact.account_id, channel=Channel.SMS, now=LATER)

    assert choices_of(contact.account_id).number_for(agreed_at=NOW) == ""
    assert choices_of(contact.account_id).number_for(agreed_at=LATER + timedelta(seconds=1)) == NUMBER


def test_the_choices_of_several_accounts_take_two_statements(django_assert_num_queries):
    ids = [reachable().account_id, ContactFactory().account_id, AccountFactory().pk]

    with django_assert_num_queries(2):
        found = all_choices_of(ids)

    assert found == {ids[0]: Choices(phone=NUMBER), ids[1]: Choices(), ids[2]: Choices()}


# Withdrawing -----------------------------------------------------------------------------


@pytest.mark.parametrize("channel", list(Channel))
def test_a_link_stops_its_own_channel_alone_and_twice_is_once(channel):
    contact = reachable(sms_since=NOW)
    asked = read_withdrawal(withdraw_url(contact.account_id, channel).rstrip("/").rpartition("/")[2])

    assert (asked.account_id, asked.channel) == (contact.account_id, channel)
    withdraw(account_id=asked.account_id, channel=asked.channel, now=LATER)
    withdraw(account_id=asked.account_id, channel=asked.channel, now=LATER)

    kept = choices_of(contact.account_id)
    assert (kept.email_reminder, kept.sms_since is not None) == (channel == Channel.SMS, channel == Channel.EMAIL)


def test_a_link_is_short_and_names_nobody(settings):
    url = withdraw_url(9_999_999, Channel.SMS)

    assert url.startswith(f"{settings.LINK_URL}/m/")
    assert len(url) - len(settings.LINK_URL) <= 23


def test_a_forged_link_stops_nothing():
    real = withdraw_url(12, Channel.SMS).rstrip("/").rpartition("/")[2]
    other_account = real.replace("sc-", "sd-")
    other_channel = f"e{real[1:]}"

    assert read_withdrawal(real).account_id == 12
    for token in (other_account, other_channel, real[:-1], real + "A", real.upper(), "", "s", "é", "s0-" + "A" * 12):
        assert read_withdrawal(token) is None, token


# What is heard ---------------------------------------------------------------------------


def sent(contact, *, key="k", channel="sms", **more):
    return Delivery.objects.create(
        account=contact.account, dedup_key=key, channel=channel, outcome="sent", created_at=NOW, sent_at=NOW, **more
    )


def test_a_receipt_is_noted_by_token_or_by_the_providers_own_number():
    contact = ContactFactory()
    sent(contact, key="a", token="t1"), sent(contact, key="b", provider_id="77")

    known = [
        note_receipt(token="t1", receipt=Receipt.RECEIVED, now=LATER),
        note_receipt(provider_id="77", receipt=Receipt.RETURNED, now=LATER),
        note_receipt(token="t2", receipt=Receipt.RECEIVED, now=LATER),
        note_receipt(provider_id="", receipt=Receipt.RECEIVED, now=LATER),
    ]

    assert known == [True, True, False, False]
    assert list(Delivery.objects.order_by("pk").values_list("receipt", "receipt_at")) == [
        ("received", LATER),
        ("returned", LATER),
    ]


def test_what_was_received_has_not_come_back():
    sent(ContactFactory(), token="t1")

    for said in (Receipt.RETURNED, Receipt.RECEIVED, Receipt.RETURNED):
        note_receipt(token="t1", receipt=said, now=LATER)

    assert Delivery.objects.get().receipt == "received"


def test_a_returned_address_is_dead_in_every_account_that_gave_it_and_no_longer_confirmed():
    one, two, other = (ContactFactory(email=e) for e in ("a@example.org", "A@Example.org", "b@example.org"))

    counts = [note_returned_address(email=email, now=NOW) for email in ("a@EXAMPLE.org", "a@example.org", "", "x@y.fr")]

    assert counts == [2, 0, 0, 0]
    assert [was_refused_lately(c.account_id) for c in (one, two, other)] == [True, True, False]
    assert [address_of(c.account_id).confirmed for c in (one, two, other)] == [False, False, True]
    assert verbs() == ["address.returned", "address.returned"]


@pytest.mark.parametrize("mended_by", ["another address", "the same, confirmed again"])
def test_an_address_mended_is_no_longer_dead(mended_by):
    contact = ContactFactory(email="a@example.org")
    note_returned_address(email="a@example.org", now=NOW)

    if mended_by == "another address":
        set_address(account_id=contact.account_id, email="b@example.org", now=LATER)
    else:
        url = confirmation_url(account_id=contact.account_id, email="a@example.org", now=NOW)
        confirm_address(token=url.rstrip("/").rpartition("/")[2], now=LATER)

    assert not was_refused_lately(contact.account_id)


def test_an_sms_says_nothing_of_the_address():
    contact = ContactFactory()
    sent(contact, key="a", channel="email")
    Delivery.objects.create(account=contact.account, dedup_key="b", channel="sms", outcome="refused", created_at=NOW)

    assert not was_refused_lately(contact.account_id)
