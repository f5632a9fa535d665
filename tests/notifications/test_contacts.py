"""An address is noted, given, confirmed; nobody's mailbox is filled through us."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.signing import Signer
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.journal.models import Entry
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import (
    AskedTooOften,
    LinkRefused,
    ask_confirmation,
    confirm_address,
    note_address,
    set_address,
)
from parloir.notifications.queries import address_of, confirmation_url, state_of_link, was_refused_lately
from parloir.notifications.rules import Address, LinkState
from tests.factories import NOW, AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def jobs():
    return ProcrastinateJob.objects.filter(task_name="notifications.ask_confirmation").count()


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def link_to(account, email, *, now=NOW):
    return confirmation_url(account_id=account.pk, email=email, now=now).rstrip("/").rpartition("/")[2]


def test_the_first_sign_in_notes_the_address_and_asks_to_confirm_it_once():
    account = AccountFactory()

    note_address(account_id=account.pk, email="sophie@example.org", now=NOW)
    note_address(account_id=account.pk, email="sophie@example.org", now=NOW + MINUTE)

    assert address_of(account.pk) == Address("sophie@example.org", confirmed=False)
    assert jobs() == 1
    assert verbs() == ["address.noted"]


def test_a_later_sign_in_never_replaces_an_address():
    contact = ContactFactory(email="chosen@example.org")

    note_address(account_id=contact.account_id, email="other@example.org", now=NOW)

    assert address_of(contact.account_id) == Address("chosen@example.org", confirmed=True)
    assert jobs() == 0


@pytest.mark.parametrize("email", ["", "not an address", "a@b\r\nBcc: c@d.fr"])
def test_what_is_not_an_address_is_left_out(email):
    account = AccountFactory()

    note_address(account_id=account.pk, email=email, now=NOW)

    assert address_of(account.pk) == Address("", confirmed=False)
    assert jobs() == 0
    assert verbs() == []


def test_a_given_address_replaces_the_old_one_and_must_be_confirmed_again():
    contact = ContactFactory(email="old@example.org")

    set_address(account_id=contact.account_id, email="new@example.org", now=NOW)

    assert address_of(contact.account_id) == Address("new@example.org", confirmed=False)
    assert jobs() == 1
    assert verbs() == ["address.set"]


def test_giving_the_same_address_again_changes_nothing():
    contact = ContactFactory(email="same@example.org")

    set_address(account_id=contact.account_id, email="same@example.org", now=NOW)

    assert address_of(contact.account_id) == Address("same@example.org", confirmed=True)
    assert jobs() == 0


def test_five_addresses_an_hour_may_be_given_and_no_more():
    account = AccountFactory()
    for n in range(5):
        set_address(account_id=account.pk, email=f"a{n}@example.org", now=NOW + n * MINUTE)

    with pytest.raises(AskedTooOften) as refused:
        set_address(account_id=account.pk, email="a5@example.org", now=NOW + 6 * MINUTE)

    assert refused.value.until == NOW + timedelta(hours=1)
    assert address_of(account.pk).email == "a4@example.org"
    assert jobs() == 5
    set_address(account_id=account.pk, email="a5@example.org", now=refused.value.until)
    assert address_of(account.pk).email == "a5@example.org"


def test_the_link_is_sent_again_after_five_minutes_not_before():
    account = AccountFactory()
    note_address(account_id=account.pk, email="sophie@example.org", now=NOW)

    with pytest.raises(AskedTooOften) as refused:
        ask_confirmation(account_id=account.pk, now=NOW + 4 * MINUTE)
    after_the_refusal = jobs(), verbs()
    ask_confirmation(account_id=account.pk, now=NOW + 5 * MINUTE)

    assert refused.value.until == NOW + 5 * MINUTE
    assert after_the_refusal == (1, ["address.noted"])
    assert jobs() == 2


@pytest.mark.parametrize("email", ["", "sophie@example.org"])
def test_nothing_is_sent_again_when_nothing_is_to_be_confirmed(email):
    contact = ContactFactory(email=email)

    ask_confirmation(account_id=contact.account_id, now=NOW)

    assert jobs() == 0
    assert Delivery.objects.count() == 0


def test_the_link_confirms_the_address_once_and_looking_at_it_does_not():
    contact = ContactFactory(email="sophie@example.org", email_confirmed_at=None)
    token = link_to(contact.account, "sophie@example.org")

    before = state_of_link(token=token, now=NOW), address_of(contact.account_id).confirmed
    confirm_address(token=token, now=NOW)
    confirm_address(token=token, now=NOW + MINUTE)

    assert before == (LinkState.READY, False)
    assert Contact.objects.get().email_confirmed_at == NOW
    assert state_of_link(token=token, now=NOW) == LinkState.DONE
    assert verbs() == ["address.confirmed"]


def test_the_link_is_good_for_thirty_days():
    contact = ContactFactory(email="sophie@example.org", email_confirmed_at=None)
    token = link_to(contact.account, "sophie@example.org")
    end = NOW + timedelta(days=30)

    assert state_of_link(token=token, now=end - MINUTE) == LinkState.READY
    with pytest.raises(LinkRefused) as refused:
        confirm_address(token=token, now=end)

    assert refused.value.state == LinkState.EXPIRED
    assert not address_of(contact.account_id).confirmed


def test_the_link_of_an_earlier_address_confirms_nothing():
    contact = ContactFactory(email="old@example.org", email_confirmed_at=None)
    token = link_to(contact.account, "old@example.org")
    set_address(account_id=contact.account_id, email="new@example.org", now=NOW)

    with pytest.raises(LinkRefused) as refused:
        confirm_address(token=token, now=NOW)

    assert refused.value.state == LinkState.UNUSABLE
    assert not address_of(contact.account_id).confirmed


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "a:b",
        Signer(salt="parloir.notifications.confirmation").sign_object([1, "f"]),
        Signer().sign("1"),
    ],
)
def test_a_forged_link_confirms_nothing(token):
    assert state_of_link(token=token, now=NOW) == LinkState.UNUSABLE
    with pytest.raises(LinkRefused):
        confirm_address(token=token, now=NOW)


def test_a_link_does_not_show_the_address_nor_the_name(settings):
    account = AccountFactory()

    url = confirmation_url(account_id=account.pk, email="sophie@example.org", now=NOW)

    assert url.startswith(f"{settings.LINK_URL}/courriel/confirmer/")
    assert "sophie" not in url
    assert "c29waGll" not in url


def test_the_last_refusal_of_a_mail_server_is_known_until_a_message_gets_through():
    account = AccountFactory()

    def ended(outcome, key):
        sent_at = NOW if outcome == "sent" else None
        Delivery.objects.create(
            account=account, dedup_key=key, channel="email", outcome=outcome, created_at=NOW, sent_at=sent_at
        )
        return was_refused_lately(account.pk)

    assert [was_refused_lately(account.pk), ended("refused", "a"), ended("pending", "b"), ended("sent", "c")] == [
        False,
        True,
        True,
        False,
    ]
