"""The message to a permit's holder: discreet, once, and only while there is something to tell."""

from __future__ import annotations

import pytest
import time_machine

from parloir.notifications.models import Contact
from parloir.people.models import Account
from parloir.permits.models import Registration
from parloir.permits.tasks import tell_holder
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import NOW, AccountFactory, ContactFactory, PermitFactory, RegistrationFactory

pytestmark = pytest.mark.django_db

NAMES = ("Sophie DURAND", "Marc LEROY", "Paul MARTIN")


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shared():
    """A permit in its holder's space, and just registered by another adult."""
    permit = PermitFactory()
    holder = RegistrationFactory(permit=permit).account
    ContactFactory(account=holder, email="sophie@example.org")
    other = AccountFactory(birth_name="LEROY", first_names=["Marc"])
    return RegistrationFactory(permit=permit, account=other, holding="adult")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("confirmed", [True, False])
def test_the_holder_is_told_without_a_word_that_a_lock_screen_may_not_show(
    mailbox, settings, shared, language, confirmed
):
    Account.objects.update(language=language)
    if not confirmed:
        Contact.objects.update(email_confirmed_at=None)

    tell_holder(registration_id=shared.pk)

    (letter,) = mailbox.letters
    assert letter.to == "sophie@example.org"
    assert letter.links[0] == f"{settings.LINK_URL}/espace/permis/"
    assert len(letter.links) == (1 if confirmed else 2)
    seen = told_by_lock_screen(
        sender=letter.message["From"], subject=letter.subject, text=letter.text, html=letter.html, title=letter.subject
    )
    assert_discreet(seen, *NAMES)
    assert not any(name in letter.text + letter.html for name in (*NAMES, "LEROY", "DURAND", shared.permit.number))


def test_running_twice_sends_once(mailbox, shared):
    tell_holder(registration_id=shared.pk)
    tell_holder(registration_id=shared.pk)

    assert len(mailbox.letters) == 1


def test_a_permit_taken_out_meanwhile_is_not_told(mailbox, shared):
    Registration.objects.filter(pk=shared.pk).delete()

    tell_holder(registration_id=shared.pk)

    assert mailbox.letters == []


def test_a_holder_unknown_to_the_service_is_not_written_to(mailbox):
    registration = RegistrationFactory(holding="adult")
    ContactFactory(account=registration.account)

    tell_holder(registration_id=registration.pk)

    assert mailbox.letters == []
