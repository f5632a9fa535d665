"""A provider that hangs takes half of a process's threads, and the other half goes on: real processes and sockets."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.look_alike import parts
from tests.outside import answers, outside
from tests.serving import served

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")
PATIENT = {"OUTBOUND_CALL_SECONDS": "30", "OUTBOUND_VISIT_SECONDS": "60"}


@pytest.fixture
def leave():
    event = threading.Event()
    yield event
    event.set()


def come_back(site, issuer):
    """Start a sign-in in a browser of its own and come back with a code."""
    with httpx.Client(trust_env=False, timeout=60) as browser:
        asked = parts(browser.get(f"{site}/connexion/franceconnect/").headers["Location"])
        back = {"code": "a-code", "state": asked["state"], "iss": issuer}
        return browser.get(f"{site}/connexion/franceconnect/retour/", params=back)


def test_two_of_four_threads_wait_for_a_provider_that_hangs_and_the_others_answer(transactional_db, leave):
    def hang_until_told(line):
        leave.wait()
        answers(b"{}")(line)

    with outside(hang_until_told) as tokens, outside(answers()) as published, ThreadPoolExecutor(2) as crowd:
        issuer = published.address.rstrip("/")
        discovered = {"issuer": issuer, **dict.fromkeys(ENDPOINTS, tokens.address)}
        published.manner = answers(json.dumps(discovered).encode())
        with served(workers=1, threads=4, FRANCECONNECT_ISSUER=issuer, **PATIENT) as site:
            waiting = [crowd.submit(come_back, site, issuer) for _ in range(2)]
            tokens.wait_for(2, seconds=30)

            third = come_back(site, issuer)
            assert (third.status_code, third.headers["Retry-After"]) == (503, "2")
            assert third.headers["Refresh"].startswith("2; url=/connexion/franceconnect/retour/?")
            assert tokens.arrived == 2
            for path in ("/", "/connexion/", "/sante/pret", "/sante/vivant"):
                assert httpx.get(f"{site}{path}", trust_env=False).status_code == 200

            leave.set()
            assert {answer.result().status_code for answer in waiting} == {503}
            assert tokens.arrived == 2
