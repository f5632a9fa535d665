"""Every address that is not public asks who is there, whatever the method, and nothing happens before."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.test_architecture import patterns

FILLED = {
    "<int:detainee_id>": "1",
    "<int:offer_id>": "1",
    "<int:entry_id>": "1",
    "<str:reference>": "PAR-2222-22",
    "<int:registration_id>": "1",
}


def closed_addresses():
    for route, view in patterns(get_resolver()):
        if getattr(view, "login_required", True):
            address = route
            for name, value in FILLED.items():
                address = address.replace(name, value)
            yield f"/{address}"


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted(closed_addresses()))
def test_a_stranger_is_sent_to_sign_in_and_changes_nothing(address, django_assert_num_queries):
    assert "<" not in address, "say in FILLED how to fill this address"
    with django_assert_num_queries(0):
        read = Client().get(address)
        written = Client().post(address, {"anything": "1"})

    assert (read.status_code, read.headers["location"].partition("?")[0]) == (302, "/connexion/")
    assert written.status_code in {401, 403}


@pytest.mark.django_db
@pytest.mark.parametrize("cookie", ["", "forged", "a:b:c"])
def test_a_forged_session_opens_nothing(cookie):
    browser = Client()
    browser.cookies["session"] = cookie

    assert browser.get("/espace/").status_code == 302
