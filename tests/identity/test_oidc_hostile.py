"""A provider that answers what no provider should: each time a fault with a code, never a failure of ours."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import partial

import pytest
from joserfc import jws

from parloir.identity.faults import Fault, ProviderUnavailable
from tests.identity.source import BACK, EC, NEXT, NONCE, Source, fault_of, now, provider_of, redeem, signed


@pytest.mark.parametrize(
    "address", ["https://[", "https://a:99999/x", "https://a\r\nX: y/", "https://é.example/", "https:///x"]
)
def test_an_address_that_is_none_is_a_provider_that_does_not_answer(source, address):
    source.discovery["authorization_endpoint"] = address

    assert fault_of(source, ProviderUnavailable) in {Fault.BAD_DISCOVERY, Fault.INSECURE_ADDRESS}


@pytest.mark.parametrize("issuer", ["https://a:99999", "https:///x"])
def test_an_issuer_that_is_no_address_is_a_provider_that_does_not_answer(issuer):
    assert fault_of(Source(issuer=issuer), ProviderUnavailable) in {Fault.BAD_DISCOVERY, Fault.INSECURE_ADDRESS}


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (404, Fault.UNEXPECTED_STATUS),
        (403, Fault.UNEXPECTED_STATUS),
        (302, Fault.UNEXPECTED_STATUS),
        (429, Fault.TOO_MANY_REQUESTS),
    ],
)
def test_an_answer_that_does_not_refuse_us_in_so_many_words_is_an_outage(source, status, fault):
    source.statuses["/token"] = status

    with pytest.raises(ProviderUnavailable) as caught:
        redeem(source)

    assert (caught.value.fault, caught.value.status, caught.value.error) == (fault, status, "")
    assert not caught.value.is_grave


@pytest.mark.parametrize("error", ["Madame DURAND", ["invalid_client"], {}])
def test_a_text_of_the_provider_is_never_repeated(source, error):
    source.statuses["/token"] = 400
    source.token_answer["error"] = error

    with pytest.raises(ProviderUnavailable) as caught:
        redeem(source)

    assert (caught.value.fault, caught.value.status) == (Fault.UNEXPECTED_STATUS, 400)
    assert caught.value.error in {"", "other"}


def test_keys_that_are_refused_are_no_keys(source):
    source.statuses["/jwks"] = 404

    assert fault_of(source, ProviderUnavailable) is Fault.BAD_KEYS


UNREADABLE_KEYS = [
    {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "ec-1"},
    {"crv": "P-256"},
    {"kty": ["EC"]},
    {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "ec-1"},
    {"kty": "RSA", "n": "", "e": "", "kid": "ec-1"},
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "ec-1"},
    {"kty": "oct", "k": "c2VjcmV0", "kid": "ec-1"},
    "a key",
    None,
]


@pytest.mark.parametrize("key", UNREADABLE_KEYS)
def test_a_key_that_cannot_be_read_spoils_no_other(source, key):
    source.beside = [key]

    assert redeem(source).claims["family_name"] == "DURAND"


def test_keys_none_of_which_can_be_read_are_no_keys(source):
    source.published, source.beside = [[]], UNREADABLE_KEYS

    assert fault_of(source, ProviderUnavailable) is Fault.BAD_KEYS


@pytest.mark.parametrize("token", ["id_token", "userinfo"])
@pytest.mark.parametrize(
    ("nbf", "fault"),
    [(9_000_000_000, Fault.FROM_THE_FUTURE), ("now", Fault.UNREADABLE), (float("nan"), Fault.UNREADABLE)],
)
def test_a_token_that_is_not_good_yet_is_refused(source, token, nbf, fault):
    getattr(source, token)["nbf"] = nbf

    assert fault_of(source) is fault


@pytest.mark.parametrize("instant", [float("nan"), float("inf"), 10**400, -1])
def test_an_end_that_is_no_instant_is_no_end(source, instant):
    source.id_token["exp"] = instant

    assert fault_of(source) is Fault.UNREADABLE


@pytest.mark.parametrize("sub", ["a\x00b", "a\ud800b", "é", "a b\n"])
@pytest.mark.parametrize("token", ["id_token", "userinfo"])
def test_an_identifier_that_no_database_keeps_is_refused(source, token, sub):
    getattr(source, token)["sub"] = sub

    assert fault_of(source) is Fault.WRONG_SUBJECT


@pytest.mark.parametrize("access_token", ["é", "a\r\nX: y", "a b", "\ud800", "\x00"])
def test_an_access_token_that_cannot_travel_is_no_token(source, access_token):
    source.token_answer["access_token"] = access_token

    assert fault_of(source) is Fault.BAD_ANSWER


@pytest.mark.parametrize("payload", [b"[]", b'"text"', b"1", b"null", b"", b"{", b"[" * 9_000])
@pytest.mark.parametrize("token", ["sign_id_token", "sign_userinfo"])
def test_a_token_that_holds_no_claims_is_unreadable(source, token, payload):
    setattr(source, token, lambda _claims: jws.serialize_compact({"alg": "ES256", "kid": EC.kid}, payload, EC))

    assert fault_of(source) is Fault.UNREADABLE


def deep(_claims):
    header = urlsafe_b64encode(b'{"alg": "ES256", "kid": "ec-1", "x": ' + b"[" * 9_000).decode().rstrip("=")
    return f"{header}.e30.AAAA"


def test_a_token_nested_without_end_is_unreadable(source):
    source.sign_id_token = deep

    assert fault_of(source) is Fault.UNREADABLE


def test_the_clock_is_read_after_each_answer(source):
    """Our clock is 25 seconds behind and the provider takes ten to answer: its token is not from the future."""
    seconds = iter(range(0, 1000, 5))
    began = now()

    def clock():
        return began - timedelta(seconds=25) + timedelta(seconds=next(seconds))

    source.id_token["iat"] = int(time.time()) + 10
    proof = provider_of(source).redeem(code="the-code", redirect_uri=BACK, nonce=NONCE, clock=clock)

    assert proof.claims["family_name"] == "DURAND"


def test_what_was_discovered_serves_for_a_day_while_the_provider_is_away(source):
    provider = provider_of(source)
    redeem(source, provider)
    source.statuses |= {"/.well-known/openid-configuration": 502, "/jwks": 502}
    source.id_token["exp"] = source.userinfo["exp"] = time.time() + 2 * 24 * 3600

    for hours in (1, 23):
        assert redeem(source, provider, at=now() + timedelta(hours=hours)).claims["family_name"] == "DURAND"
    with pytest.raises(ProviderUnavailable):
        redeem(source, provider, at=now() + timedelta(hours=25))


def test_a_new_key_that_cannot_be_fetched_is_an_outage_and_not_a_forgery(source):
    provider = provider_of(source)
    redeem(source, provider)
    source.statuses["/jwks"] = 502
    source.sign_id_token = partial(signed, key=NEXT)

    with pytest.raises(ProviderUnavailable) as caught:
        redeem(source, provider)
    assert caught.value.fault is Fault.UNREACHABLE
