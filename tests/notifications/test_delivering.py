"""Each message is sent once, to the address of the moment, over real SMTP."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection, connections

from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import Email, TryLater, deliver_email, delivering
from parloir.notifications.rules import Outcome
from tests.factories import NOW, AccountFactory, ContactFactory

EMAIL = Email(
    subject="Votre rendez-vous est confirmé",
    text="Bonjour,\nà bientôt.\n",
    html="<p>Bonjour, à bientôt.</p>",
    useful_until=NOW + timedelta(days=1),
)


def deliver(contact, *, key="k", email=EMAIL, now=NOW):
    return deliver_email(account_id=contact.account_id, dedup_key=key, email=email, now=now)


def rows():
    return list(Delivery.objects.order_by("pk").values_list("dedup_key", "outcome", "sent_at", "tries"))


@pytest.mark.django_db
def test_a_message_arrives_as_it_was_written(mailbox):
    contact = ContactFactory(email="sophie@example.org")

    outcome = deliver(contact)

    assert outcome == Outcome.SENT
    assert rows() == [("k", "sent", NOW, 1)]
    (letter,) = mailbox.letters
    assert letter.to == "sophie@example.org"
    assert letter.sender == "rendez-vous@localhost.localdomain"
    assert letter.subject == EMAIL.subject
    assert letter.message["From"] == "Mes rendez-vous <rendez-vous@localhost.localdomain>"
    assert letter.message["To"] == "sophie@example.org"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.text.strip() == EMAIL.text.strip()
    assert letter.html.strip() == EMAIL.html


@pytest.mark.django_db
def test_the_same_key_is_sent_once_whatever_comes_after(mailbox):
    contact = ContactFactory()

    outcomes = [deliver(contact), deliver(contact, now=NOW + timedelta(minutes=1)), deliver(contact, key="other")]

    assert outcomes == [Outcome.SENT, Outcome.SENT, Outcome.SENT]
    assert len(mailbox.letters) == 2
    assert rows() == [("k", "sent", NOW, 1), ("other", "sent", NOW, 1)]


@pytest.mark.django_db
def test_the_same_message_bears_the_same_name_and_another_one_another(mailbox):
    contact = ContactFactory()

    deliver(contact)
    Delivery.objects.update(outcome=Outcome.PENDING, sent_at=None)
    deliver(contact)
    deliver(contact, key="other")

    first, again, other = (letter.message["Message-ID"] for letter in mailbox.letters)
    assert first == again != other
    assert first.endswith("@localhost.localdomain>")


@pytest.mark.django_db
def test_without_an_address_nothing_is_sent_and_nothing_fails(mailbox):
    account = AccountFactory()
    blank = ContactFactory(email="", email_confirmed_at=None)

    outcomes = [deliver_email(account_id=account.pk, dedup_key="a", email=EMAIL, now=NOW), deliver(blank, key="b")]

    assert outcomes == [Outcome.NO_ADDRESS, Outcome.NO_ADDRESS]
    assert rows() == [("a", "no_address", None, 0), ("b", "no_address", None, 0)]
    assert mailbox.letters == []


@pytest.mark.django_db
def test_a_message_that_has_become_useless_is_not_sent(mailbox):
    contact = ContactFactory()

    outcomes = [
        deliver(contact, key="late", now=EMAIL.useful_until),
        deliver(contact, key="just", now=EMAIL.useful_until - timedelta(seconds=1)),
    ]

    assert outcomes == [Outcome.TOO_LATE, Outcome.SENT]
    assert len(mailbox.letters) == 1


@pytest.mark.django_db
def test_a_refused_recipient_is_recorded_and_not_tried_again(mailbox):
    contact = ContactFactory(email="nobody@example.org")
    mailbox.answers["nobody@example.org"] = "550 5.1.1 no such user"

    outcomes = [deliver(contact)]
    mailbox.answers.clear()
    outcomes.append(deliver(contact))

    assert outcomes == [Outcome.REFUSED, Outcome.REFUSED]
    assert rows() == [("k", "refused", None, 1)]
    assert mailbox.letters == []


@pytest.mark.django_db
def test_a_temporary_refusal_asks_to_be_tried_again_and_then_the_message_goes(mailbox):
    contact = ContactFactory(email="full@example.org")
    mailbox.answers["full@example.org"] = "450 4.2.2 mailbox full"

    with pytest.raises(TryLater):
        deliver(contact)
    mailbox.answers.clear()
    later = NOW + timedelta(seconds=5)
    outcome = deliver(contact, now=later)

    assert outcome == Outcome.SENT
    assert rows() == [("k", "sent", later, 2)]
    assert len(mailbox.letters) == 1


@pytest.mark.django_db
def test_a_server_that_is_away_asks_to_be_tried_again(mailbox):
    contact = ContactFactory()
    mailbox.close()

    with pytest.raises(TryLater):
        deliver(contact)

    assert rows() == [("k", "pending", None, 1)]


@pytest.mark.django_db
def test_a_server_that_never_answers_is_left_after_the_time_out(mailbox):
    contact = ContactFactory()
    mailbox.stalls_for = 4
    began = time.monotonic()

    with pytest.raises(TryLater):
        deliver(contact)

    assert time.monotonic() - began < 6
    assert rows() == [("k", "pending", None, 1)]


@pytest.mark.django_db
def test_no_address_and_no_subject_is_kept_or_logged(mailbox, capfd, caplog):
    contact = ContactFactory(email="sophie.secrete@example.org")
    mailbox.answers["sophie.secrete@example.org"] = "550 no such user sophie.secrete@example.org"

    deliver(contact)

    assert [
        field.name for field in Delivery._meta.get_fields() if "subject" in field.name or "email" in field.name
    ] == []
    captured = capfd.readouterr()
    assert "secrete" not in captured.out + captured.err + caplog.text


def two_workers_at_once(mailbox, contact):
    """Have a second worker send the message while the mail server thinks about the first one's."""
    mailbox.stalls_for = 1
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(str(deliver(contact)))
        except TryLater:
            ended.append("later")
        finally:
            connections.close_all()

    first = threading.Thread(target=work)
    first.start()
    assert mailbox.stalled.wait(5)
    second = threading.Thread(target=work)
    second.start()
    second.join()
    first.join()
    return ended


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_message_send_it_once(mailbox):
    ended = two_workers_at_once(mailbox, ContactFactory())

    assert ended == ["later", "sent"]
    assert len(mailbox.letters) == 1
    assert rows() == [("k", "sent", NOW, 1)]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_workers_send_it_twice(mailbox, monkeypatch):
    monkeypatch.setattr(delivering, "_alone", lambda _key: nullcontext())
    monkeypatch.setattr(delivering, "_handing_over", nullcontext())

    ended = two_workers_at_once(mailbox, ContactFactory())

    assert ended == ["sent", "sent"]
    assert len(mailbox.letters) == 2


@pytest.mark.django_db(transaction=True)
def test_sending_holds_no_transaction_and_lets_the_lock_go(mailbox):
    contact = ContactFactory()
    mailbox.stalls_for = 1

    def work() -> None:
        deliver(contact)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    assert mailbox.stalled.wait(5)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in tr%%'"
        )
        open_transactions = cursor.fetchone()[0]
    worker.join()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        locks = cursor.fetchone()[0]

    assert open_transactions == 0
    assert locks == 0


@pytest.mark.django_db
def test_a_message_goes_to_the_address_of_the_moment_it_is_sent(mailbox):
    contact = ContactFactory(email="old@example.org")
    mailbox.close()
    with pytest.raises(TryLater):
        deliver(contact)
    Contact.objects.update(email="new@example.org")
    mailbox.open()

    deliver(contact)

    assert [letter.to for letter in mailbox.letters] == ["new@example.org"]
