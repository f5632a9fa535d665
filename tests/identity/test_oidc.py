"""Every check of the protocol, each shown to fail when what it guards against happens."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs

import pytest

from parloir.identity.faults import Fault, ProviderUnavailable, SignInFailed, SignInRefused, TokenRejected
from tests.identity.source import (
    BACK,
    CLIENT_ID,
    EC,
    NEXT,
    NONCE,
    RSA,
    SECRET,
    SHARED,
    STRANGER,
    Source,
    fault_of,
    now,
    provider_of,
    redeem,
    signed,
    unsigned,
)


def test_a_proper_answer_is_believed(source):
    proof = redeem(source)

    assert proof.claims["family_name"] == "DURAND"
    assert proof.id_token.count(".") == 2
    assert source.asked == ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"]


def test_the_secret_travels_in_the_form_and_never_as_basic(source):
    redeem(source)

    assert {name: values[0] for name, values in parse_qs(source.form).items()} == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": BACK,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
    }
    assert source.authorization == "Bearer at"


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"iss": "https://elsewhere.example"}, Fault.WRONG_ISSUER),
        ({"iss": None}, Fault.WRONG_ISSUER),
        ({"aud": "another-service"}, Fault.WRONG_AUDIENCE),
        ({"aud": [CLIENT_ID, "another-service"]}, Fault.WRONG_AUDIENCE),
        ({"aud": None}, Fault.WRONG_AUDIENCE),
        ({"exp": time.time() - 3600}, Fault.EXPIRED),
        ({"exp": None}, Fault.UNREADABLE),
        ({"exp": "tomorrow"}, Fault.UNREADABLE),
        ({"exp": True}, Fault.UNREADABLE),
        ({"sub": None}, Fault.WRONG_SUBJECT),
        ({"sub": ""}, Fault.WRONG_SUBJECT),
        ({"sub": "x" * 256}, Fault.WRONG_SUBJECT),
    ],
)
@pytest.mark.parametrize("token", ["id_token", "userinfo"])
def test_a_token_for_another_or_out_of_time_is_refused(source, token, claims, fault):
    getattr(source, token).update(claims)

    assert fault_of(source) is fault


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"nonce": "m" * 43}, Fault.WRONG_NONCE),
        ({"nonce": None}, Fault.WRONG_NONCE),
        ({"acr": "eidas2"}, Fault.WRONG_LEVEL),
        ({"acr": None}, Fault.WRONG_LEVEL),
        ({"iat": time.time() + 3600}, Fault.FROM_THE_FUTURE),
        ({"iat": None}, Fault.UNREADABLE),
    ],
)
def test_an_id_token_that_does_not_answer_our_request_is_refused(source, claims, fault):
    source.id_token.update(claims)

    assert fault_of(source) is fault


def test_an_identity_of_somebody_else_is_refused(source):
    source.userinfo["sub"] = "b" * 64 + "v1"

    assert fault_of(source) is Fault.WRONG_SUBJECT


@pytest.mark.parametrize("token", ["sign_id_token", "sign_userinfo"])
@pytest.mark.parametrize(
    ("sign", "fault"),
    [
        (partial(signed, key=STRANGER), Fault.BAD_SIGNATURE),
        (partial(signed, key=RSA, alg="RS256"), Fault.WRONG_ALGORITHM),
        (partial(signed, key=SHARED, alg="HS256"), Fault.WRONG_ALGORITHM),
        (unsigned, Fault.WRONG_ALGORITHM),
        (partial(signed, kid="never-published"), Fault.UNKNOWN_KEY),
        (partial(signed, kid="rsa-1"), Fault.UNKNOWN_KEY),
        (lambda _claims: "not.a.token", Fault.UNREADABLE),
        (lambda _claims: "", Fault.UNREADABLE),
        (lambda _claims: "é" * 20_000, Fault.UNREADABLE),
        (lambda claims: signed(claims)[:-8] + "AAAAAAAA", Fault.BAD_SIGNATURE),
    ],
)
def test_a_token_not_signed_as_declared_is_refused(source, token, sign, fault):
    setattr(source, token, sign)

    assert fault_of(source) is fault


def test_the_algorithm_declared_is_the_only_one_accepted(source):
    assert fault_of(source, alg="RS256") is Fault.WRONG_ALGORITHM

    source.sign_id_token = source.sign_userinfo = partial(signed, key=RSA, alg="RS256")
    assert redeem(source, provider_of(source, alg="RS256")).claims["family_name"] == "DURAND"


def late(seconds):
    return now() + timedelta(seconds=60 + seconds)


def early(seconds):
    return now() - timedelta(seconds=seconds)


@pytest.mark.parametrize("clock", [late, early])
def test_clocks_may_differ_by_less_than_half_a_minute(source, clock):
    assert redeem(source, at=clock(28)).claims["family_name"] == "DURAND"


@pytest.mark.parametrize(("clock", "fault"), [(late, Fault.EXPIRED), (early, Fault.FROM_THE_FUTURE)])
def test_clocks_may_not_differ_by_more(source, clock, fault):
    with pytest.raises(TokenRejected) as caught:
        redeem(source, at=clock(32))

    assert caught.value.fault is fault


def test_a_new_key_is_fetched_once_when_a_token_names_it(source):
    source.published = [[EC, RSA], [NEXT, EC, RSA]]
    provider = provider_of(source)
    redeem(source, provider)
    source.sign_id_token = partial(signed, key=NEXT)

    redeem(source, provider)

    assert source.asked.count("/jwks") == 2


def test_an_unknown_key_is_looked_for_once_and_not_for_ever(source):
    source.sign_id_token = partial(signed, kid="never-published")

    assert fault_of(source) is Fault.UNKNOWN_KEY
    assert source.asked.count("/jwks") == 2


def test_addresses_and_keys_are_read_again_after_ten_minutes(source):
    provider = provider_of(source)
    redeem(source, provider)
    redeem(source, provider)
    assert source.asked.count("/.well-known/openid-configuration") == 1
    assert source.asked.count("/jwks") == 1

    provider.authorization_url(redirect_uri=BACK, state="s", nonce=NONCE, now=now() + timedelta(minutes=10))

    assert source.asked.count("/.well-known/openid-configuration") == 2


@pytest.mark.parametrize("other", ["https://elsewhere.example", None, ""])
def test_addresses_published_under_another_issuer_are_not_used(source, other):
    source.discovery["issuer"] = other

    assert fault_of(source, ProviderUnavailable) is Fault.OTHER_ISSUER_DISCOVERED
    assert "/token" not in source.asked


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "end_session_endpoint"])
def test_an_address_in_the_clear_elsewhere_is_not_used(source, name):
    source.discovery[name] = "http://elsewhere.example/token"

    assert fault_of(source, ProviderUnavailable) is Fault.INSECURE_ADDRESS
    assert "/token" not in source.asked


@pytest.mark.parametrize("name", ["token_endpoint", "userinfo_endpoint", "end_session_endpoint"])
def test_a_missing_address_is_a_provider_that_does_not_answer(source, name):
    source.discovery[name] = None

    assert fault_of(source, ProviderUnavailable) is Fault.BAD_DISCOVERY


def test_outside_development_an_issuer_in_the_clear_is_refused_even_on_this_machine(source):
    assert fault_of(source, ProviderUnavailable, loopback_http=False) is Fault.INSECURE_ADDRESS
    assert source.asked == []


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"])
def test_a_provider_that_breaks_down_is_unavailable(source, path):
    source.statuses[path] = 502

    assert fault_of(source, ProviderUnavailable) is Fault.UNREACHABLE


def test_a_provider_that_is_away_is_unavailable():
    away = Source(issuer="http://127.0.0.1:9")

    assert fault_of(away, ProviderUnavailable) is Fault.UNREACHABLE


@pytest.mark.parametrize(
    ("error", "fault"), [("invalid_grant", Fault.CODE_REFUSED), ("invalid_client", Fault.CLIENT_REFUSED)]
)
def test_a_refused_code_is_told_from_a_refused_service(source, error, fault):
    source.statuses["/token"] = 400
    source.token_answer["error"] = error

    assert fault_of(source, SignInRefused) is fault


def test_a_refused_identity_is_a_refusal(source):
    source.statuses["/userinfo"] = 401

    assert fault_of(source, SignInRefused) is Fault.USERINFO_REFUSED


def test_an_identity_that_is_not_signed_is_refused(source):
    source.userinfo_type = "application/json"

    assert fault_of(source) is Fault.BAD_ANSWER


@pytest.mark.parametrize("answer", [{"id_token": None}, {"access_token": None}, {"token_type": "mac"}, {"id_token": 3}])
def test_an_answer_without_tokens_is_refused(source, answer):
    source.token_answer.update(answer)

    assert fault_of(source) is Fault.BAD_ANSWER


def test_what_goes_wrong_never_quotes_a_token(source):
    source.id_token["nonce"] = "a-secret-nonce"

    with pytest.raises(SignInFailed) as caught:
        redeem(source)

    assert str(caught.value) == "wrong_nonce"
