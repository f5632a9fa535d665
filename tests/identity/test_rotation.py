"""Every key of the site changes: nothing is lifted, nobody is locked out, and no link that was sent dies."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse

from parloir.foundation.keys import mark
from parloir.identity import cookies
from parloir.notifications.models import PhoneCode
from parloir.notifications.operations import confirm_address
from parloir.notifications.queries import (
    address_of,
    code_of,
    confirmation_url,
    is_code,
    is_receipts_secret,
    read_withdrawal,
    receipts_secret,
    withdraw_url,
)
from parloir.notifications.rules import Channel
from parloir.people.operations import sign_in, sign_out
from parloir.people.rules import Identity
from parloir.permits.claims import COUNTED_FOR
from parloir.permits.models import Barred
from parloir.permits.operations import RegistrationRefused, TooManyAttempts, register_permit
from parloir.visits.operations import erase_account, forget_erased_accounts
from tests.factories import NOW, ContactFactory, PermitFactory
from tests.permits.test_operations import claim

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def rotate(settings):
    """Change every key as the runbook says: a new one first, the old ones behind it."""

    def do(version):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        settings.SECRET_KEY = f"secret-{version}"
        settings.MARKS_KEYS = [(version, version.encode() * 32), *settings.MARKS_KEYS]

    return do


def come(now=NOW, sub="s"):
    identity = Identity("https://issuer", sub, "DURAND", "", ("Sophie",), "1992-01-30", "")
    return sign_in(identity=identity, id_token="a.b.c", language="fr", now=now)


def cookie_of(key):
    response = HttpResponse()
    cookies.set_session(response, key)
    return {name: morsel.value for name, morsel in response.cookies.items()}


def key_in(kept):
    request = HttpRequest()
    request.COOKIES = kept
    return cookies.session_key(request)


def test_a_session_goes_on_and_still_closes_the_provider_s_own(rotate):
    opened = come()
    kept = cookie_of(opened.key)

    rotate("2")

    assert key_in(kept) == opened.key
    assert sign_out(key=opened.key, now=NOW) == "a.b.c"


def test_links_and_codes_that_were_sent_stay_good(rotate):
    account = come().account
    ContactFactory(account=account, email="sophie@example.org", email_confirmed_at=None)
    token = confirmation_url(account_id=account.pk, email="sophie@example.org", now=NOW).split("/")[-2]
    stop = withdraw_url(account.pk, Channel.SMS).split("/")[-2]
    told, code = receipts_secret(), PhoneCode(account=account, phone="+33612345678", seed="s", asked_at=NOW)
    digits = code_of(code)

    rotate("2")

    confirm_address(token=token, now=NOW)

    assert address_of(account.pk).confirmed
    assert read_withdrawal(stop).account_id == account.pk
    assert is_receipts_secret(told)
    assert is_code(code, digits)


def test_what_was_made_with_a_key_that_is_gone_is_worth_nothing(rotate, settings):
    opened = come()
    kept, stop = cookie_of(opened.key), withdraw_url(opened.account_id, Channel.SMS).split("/")[-2]

    rotate("2")
    settings.SECRET_KEY_FALLBACKS = []

    assert (key_in(kept), read_withdrawal(stop)) == (None, None)
    assert sign_out(key=opened.key, now=NOW) == ""


def test_failures_of_an_address_are_counted_on(rotate):
    for number in range(6):
        for _ in range(5):
            with pytest.raises(RegistrationRefused):
                register_permit(
                    account=come(sub=str(number)).account, claim=claim("0"), address=mark("t", "a"), now=NOW
                )
        rotate(f"k{number}")

    with pytest.raises(TooManyAttempts) as limited:
        register_permit(account=come(sub="other").account, claim=claim("0"), address=mark("t", "a"), now=NOW)

    assert limited.value.retry_at == NOW + COUNTED_FOR + timedelta(minutes=1)


def test_the_bar_of_an_erased_person_outlives_every_key(rotate):
    permit, account = PermitFactory(), come().account
    Barred.objects.create(account=account, visitor=permit.visitor, at=NOW)
    for times, version in enumerate(("2", "3")):
        erase_account(account=account, now=NOW + times * DAY)
        forget_erased_accounts(now=NOW + (times + 1) * DAY)
        rotate(version)
        account = come(now=NOW + (times + 1) * DAY).account

        with pytest.raises(RegistrationRefused):
            register_permit(account=account, claim=claim(permit.number), address=mark("t", "a"), now=NOW + 2 * DAY)
