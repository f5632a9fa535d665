"""An SMS is sent once, to the telephone of the moment; a dead address is not the end of a message."""

from __future__ import annotations

import threading
import time
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connections

from parloir.notifications.models import Contact, Delivery
from parloir.notifications.operations import Email, Sms, TryLater, deliver, deliver_sms, delivering, withdraw
from parloir.notifications.rules import Channel, Outcome
from tests.factories import NOW, ContactFactory

NUMBER = "+33612345678"
UNTIL = NOW + timedelta(days=1)
SMS = Sms(text="Rappel", useful_until=UNTIL, said={"7": {"version": 0}})
EMAIL = Email(subject="Rappel", text="Bonjour\n", html="<p>Bonjour</p>", useful_until=UNTIL)


def reachable(**more):
    return ContactFactory(phone=NUMBER, phone_confirmed_at=NOW, sms_since=NOW, **more)


def text(contact, *, key="k", number=NUMBER, now=NOW):
    return deliver_sms(account_id=contact.account_id, dedup_key=key, number=number, sms=SMS, now=now)


def tell(contact, *, key="k"):
    return deliver(account_id=contact.account_id, dedup_key=key, email=EMAIL, sms=SMS, now=NOW)


def rows():
    return list(Delivery.objects.order_by("pk").values_list("dedup_key", "channel", "outcome", "tries"))


@pytest.mark.django_db
def test_the_same_key_is_sent_once_and_notes_what_it_said(telephone):
    contact = reachable()

    outcomes = [text(contact), text(contact, now=NOW + timedelta(minutes=1)), text(contact, key="other")]

    assert outcomes == [Outcome.SENT] * 3
    assert telephone.texts(NUMBER) == ["Rappel", "Rappel"]
    delivery = Delivery.objects.get(dedup_key="k")
    assert (delivery.sent_at, delivery.provider_id, delivery.said) == (NOW, "p1", {"7": {"version": 0}})
    assert telephone.taken[0]["id"] == delivery.token
    assert len(delivery.token) == 32
    assert rows() == [("k", "sms", "sent", 1), ("other", "sms", "sent", 1)]


@pytest.mark.django_db
def test_a_provider_that_stumbles_is_given_the_same_token_at_each_try(telephone):
    contact = reachable()
    telephone.answers.append((503, {}))

    with pytest.raises(TryLater):
        text(contact)
    token = Delivery.objects.get().token
    outcome = text(contact)

    assert outcome == Outcome.SENT
    assert [sms["id"] for sms in telephone.taken] == [token]
    assert rows() == [("k", "sms", "sent", 2)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "now", "outcome"), [("", NOW, Outcome.NO_ADDRESS), (NUMBER, UNTIL, Outcome.TOO_LATE)]
)
def test_nothing_is_sent_without_a_number_or_too_late(telephone, number, now, outcome):
    assert text(reachable(), number=number, now=now) == outcome

    assert telephone.requests == 0


@pytest.mark.django_db
def test_a_refused_number_is_recorded_and_not_tried_again(telephone):
    contact = reachable()
    telephone.answers.append((422, {}))

    assert [text(contact), text(contact)] == [Outcome.REFUSED, Outcome.REFUSED]

    assert telephone.requests == 1


def two_workers_at_once(telephone, contact):
    """Have a second worker send the message while the provider thinks about the first one's."""
    telephone.thinks_for = 1
    ended: list[str] = []

    def work() -> None:
        try:
            ended.append(str(text(contact)))
        except TryLater:
            ended.append("later")
        finally:
            connections.close_all()

    first, second = threading.Thread(target=work), threading.Thread(target=work)
    first.start()
    time.sleep(0.4)
    second.start()
    second.join()
    first.join()
    return sorted(ended)


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_sms_send_it_once(telephone):
    assert two_workers_at_once(telephone, reachable()) == ["later", "sent"]

    assert len(telephone.taken) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_workers_send_it_twice(telephone, monkeypatch):
    monkeypatch.setattr(delivering, "_alone", lambda _key: nullcontext())
    monkeypatch.setattr(delivering, "_handing_over_sms", nullcontext())

    assert two_workers_at_once(telephone, reachable()) == ["sent", "sent"]

    assert len(telephone.taken) == 2


# Where e-mail does not arrive ------------------------------------------------------------


@pytest.mark.django_db
def test_a_message_that_arrives_by_email_is_no_sms(mailbox, telephone):
    assert tell(reachable()) == Outcome.SENT

    assert (len(mailbox.letters), telephone.taken) == (1, [])


@pytest.mark.django_db
def test_a_refused_address_is_told_by_sms_once(mailbox, telephone):
    contact = reachable(email="dead@example.org")
    mailbox.answers["dead@example.org"] = "550 no such user"

    outcomes = [tell(contact), tell(contact)]

    assert outcomes == [Outcome.SENT, Outcome.SENT]
    assert telephone.texts(NUMBER) == ["Rappel"]
    assert rows() == [("k", "email", "refused", 1), ("k-sms", "sms", "sent", 1)]


@pytest.mark.django_db
def test_an_address_from_which_messages_came_back_is_still_written_to_and_told_by_sms(mailbox, telephone):
    contact = reachable()
    Contact.objects.update(email_returned_at=NOW, email_confirmed_at=None)

    tell(contact)

    assert (len(mailbox.letters), telephone.texts(NUMBER)) == (1, ["Rappel"])


@pytest.mark.django_db
def test_without_an_address_the_sms_is_what_arrives(mailbox, telephone):
    tell(reachable(email="", email_confirmed_at=None))

    assert telephone.texts(NUMBER) == ["Rappel"]


@pytest.mark.django_db
def test_nobody_is_texted_without_consent_even_when_email_fails(mailbox, telephone):
    contact = reachable(email="dead@example.org")
    mailbox.answers["dead@example.org"] = "550 no such user"
    withdraw(account_id=contact.account_id, channel=Channel.SMS, now=NOW)

    tell(contact)

    assert telephone.requests == 0
    assert rows() == [("k", "email", "refused", 1)]


@pytest.mark.django_db
def test_no_number_and_no_text_is_kept_or_logged(telephone, capfd, caplog):
    telephone.answers.append((422, {"error": f"no such number {NUMBER}"}))

    text(reachable())

    captured = capfd.readouterr()
    assert NUMBER[1:] not in captured.out + captured.err + caplog.text
    assert "Rappel" not in str(Delivery.objects.values().get())
