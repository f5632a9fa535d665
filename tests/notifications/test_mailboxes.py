"""Nobody's mailbox is filled through us, and nothing is written to what is no mailbox of the public network."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parloir.notifications.addresses import can_be_written_to
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import AskedTooOften, ask_confirmation, note_address, set_address
from parloir.portal.forms.contact import EmailForm
from tests.factories import NOW, AccountFactory

NO_MAILBOX = [
    "me@[127.0.0.1]", "me@[IPv6:::1]", "me@localhost", "me@localhost.localdomain", "me@printer.local", "me@intranet",
    "me@mail.internal", "me@box.lan", "me@router.home.arpa", "me@host.test", "me@a.invalid", "me@a.onion",
    "me@A.LOCAL.", "m\u200be@example.org", "me@exam\u00adple.org", "me\u202e@example.org", "\ufeffme@example.org",
    "me@example.org\u2060", "me@exam\u00a0ple.org",
]  # fmt: skip


@pytest.mark.parametrize("address", NO_MAILBOX)
def test_what_is_no_mailbox_of_the_public_network_or_not_seen_whole_is_refused(address):
    assert not can_be_written_to(address)
    assert not EmailForm({"courriel": address}).is_valid()


@pytest.mark.parametrize("address", ["me@example.org", "Me+x@sub.example.com", "élise@exämple.fr", "me@local.fr"])
def test_ordinary_addresses_are_written_to(address):
    assert can_be_written_to(address)


@pytest.mark.django_db
@pytest.mark.parametrize("address", NO_MAILBOX)
def test_an_address_of_the_sign_in_that_is_no_mailbox_is_left_out(address):
    account = AccountFactory()

    note_address(account_id=account.pk, email=address, now=NOW)

    assert (Contact.objects.get().email, Delivery.objects.count()) == ("", 0)


@pytest.mark.django_db
def test_a_mailbox_is_asked_ten_times_a_day_by_all_accounts_together_however_it_is_written():
    for n in range(10):
        note_address(account_id=AccountFactory().pk, email=("Me@Example.org", "ME@example.ORG")[n % 2], now=NOW)
    last, noted = AccountFactory(), AccountFactory()

    with pytest.raises(AskedTooOften) as refused:
        set_address(account_id=last.pk, email="me@EXAMPLE.org", now=NOW + timedelta(hours=1))
    note_address(account_id=noted.pk, email="me@example.org", now=NOW + timedelta(hours=1))
    with pytest.raises(AskedTooOften):
        ask_confirmation(account_id=noted.pk, now=NOW + timedelta(hours=2))

    assert refused.value.until == NOW + timedelta(days=1)
    assert Contact.objects.get(account=noted).email == "me@example.org"
    assert not Contact.objects.filter(account=last, email__gt="").exists()
    assert Delivery.objects.count() == 10
    set_address(account_id=last.pk, email="other@example.org", now=NOW + timedelta(hours=1))
    set_address(account_id=last.pk, email="me@example.org", now=NOW + timedelta(days=1, seconds=1))
    assert Delivery.objects.count() == 12
