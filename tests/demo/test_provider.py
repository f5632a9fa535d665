"""The look-alike refuses what the real FranceConnect refuses."""

from __future__ import annotations

import base64
import re
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from parloir.demo.personas import PERSONAS, persona_of, sub_of
from parloir.demo.provider import state
from parloir.demo.provider.rules import CODE_SECONDS, TOKEN_SECONDS, RequestRefused, read_authorization
from parloir.demo.provider.rules import Declared as Service
from parloir.demo.provider.signing import identity_claims
from tests.look_alike import SITE, Browser

CALLBACK = f"{SITE}/connexion/franceconnect/retour/"
SIGNED_OUT = f"{SITE}/deconnexion/retour/"
PROPER = {
    "client_id": "parloir-demonstration",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid identite_pivot preferred_username email",
    "state": "s" * 43,
    "nonce": "n" * 43,
    "acr_values": "eidas1",
}


def authorize(provider, **changes):
    asked = {name: value for name, value in {**PROPER, **changes}.items() if value is not None}
    return httpx.get(f"{provider}/authorize", params=asked, trust_env=False)


def code_for(provider, persona="prete"):
    back = Browser().choose(str(authorize(provider).request.url), persona)
    return parse_qs(urlsplit(back).query)["code"][0]


def exchange(provider, code, *, headers=None, **changes):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "parloir-demonstration",
        "client_secret": "secret-de-demonstration",
    }
    given = {name: value for name, value in {**form, **changes}.items() if value is not None}
    return httpx.post(f"{provider}/token", data=given, headers=headers, trust_env=False)


def claims_of(provider, token):
    keys = KeySet.import_key_set(httpx.get(f"{provider}/jwks", trust_env=False).json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims


def test_it_announces_all_that_the_real_one_announces(provider):
    found = httpx.get(f"{provider}/.well-known/openid-configuration", trust_env=False).json()

    assert found["issuer"] == provider
    assert found["id_token_signing_alg_values_supported"] == ["ES256", "RS256", "HS256"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    keys = httpx.get(found["jwks_uri"], trust_env=False).json()["keys"]
    assert [key["kty"] for key in keys] == ["EC", "RSA"]
    assert all("d" not in key for key in keys)


def test_a_proper_request_is_received(provider):
    answer = authorize(provider)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/connexion/")


@pytest.mark.parametrize("name", sorted(PROPER))
def test_a_request_without_one_parameter_is_refused_with_a_page(provider, name):
    for value in (None, ""):
        answer = authorize(provider, **{name: value})

        assert answer.status_code == 400
        assert "Y030007" in answer.text


@pytest.mark.parametrize(
    "more",
    [{"code_challenge": "x" * 43, "code_challenge_method": "S256"}, {"display": "page"}, {"ui_locales": "fr"}],
)
def test_a_request_with_one_parameter_more_is_refused_even_pkce(provider, more):
    answer = authorize(provider, **more)

    assert (answer.status_code, "Y030007" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "s" * 42},
        {"nonce": "n" * 42},
        {"scope": "openid profile"},
        {"scope": "identite_pivot"},
        {"acr_values": "eidas2"},
        {"response_type": "token"},
        {"client_id": "another"},
        {"redirect_uri": f"{CALLBACK}?x=1"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"prompt": "none"},
        {"state": ["s" * 43, "t" * 43]},
    ],
)
def test_a_request_with_a_wrong_value_is_refused_and_never_redirected(provider, change):
    answer = authorize(provider, **change)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("optional", [{"prompt": "login"}, {"idp_hint": "ameli"}, {"claims": '{"id_token":{}}'}])
def test_the_optional_parameters_are_accepted(provider, optional):
    assert authorize(provider, **optional).status_code == 302


def test_a_code_gives_tokens_and_a_signed_identity(provider):
    answer = exchange(provider, code_for(provider)).json()

    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 60)
    proven = claims_of(provider, answer["id_token"])
    assert (proven["iss"], proven["aud"], proven["nonce"], proven["acr"]) == (
        provider,
        "parloir-demonstration",
        "n" * 43,
        "eidas1",
    )
    assert proven["exp"] - proven["iat"] == 60
    assert "family_name" not in proven

    identity = userinfo(provider, answer["access_token"])
    assert identity.headers["Content-Type"] == "application/jwt"
    told = claims_of(provider, identity.text)
    persona = persona_of("prete")
    assert told["sub"] == proven["sub"] == sub_of(persona)
    assert re.fullmatch(r"[0-9a-f]{64}v1", told["sub"])
    assert (told["family_name"], told["given_name_array"]) == (persona.birth_name, list(persona.first_names))
    assert "nonce" not in told


def userinfo(provider, access_token, scheme="Bearer"):
    headers = {"Authorization": f"{scheme} {access_token}"}
    return httpx.get(f"{provider}/userinfo", headers=headers, trust_env=False)


def test_a_code_serves_once(provider):
    code = code_for(provider)
    assert exchange(provider, code).status_code == 200

    again = exchange(provider, code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "another"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"redirect_uri": SIGNED_OUT}, 400, "invalid_grant"),
    ],
)
def test_the_wrong_service_gets_no_token(provider, change, status, error):
    answer = exchange(provider, code_for(provider), **change)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_basic_authentication_is_refused(provider):
    basic = base64.b64encode(b"parloir-demonstration:secret-de-demonstration").decode()

    answer = exchange(
        provider, code_for(provider), headers={"Authorization": f"Basic {basic}"}, client_id=None, client_secret=None
    )

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_an_unknown_access_token_gets_no_identity(provider, scheme):
    assert userinfo(provider, "unknown", scheme).status_code == 401


@pytest.mark.parametrize(("drawer", "seconds"), [(state.Drawer(CODE_SECONDS), 30), (state.Drawer(TOKEN_SECONDS), 60)])
def test_codes_live_thirty_seconds_and_tokens_sixty(drawer, seconds):
    key = drawer.put("thing", now=1000.0)

    assert drawer.get(key, now=999.0 + seconds) == "thing"
    assert drawer.get(key, now=1000.0 + seconds) is None
    assert drawer.take(key, now=1000.0 + seconds) is None


def test_a_way_out_is_offered_on_both_pages_and_answers_as_the_real_one(provider):
    for choice, error in (("annuler", "access_denied"), ("panne", "server_error")):
        back = Browser().choose(str(authorize(provider).request.url), choice=choice)

        told = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        assert (told["error"], told["state"], told["iss"]) == (error, "s" * 43, provider)


def test_a_request_that_was_answered_is_over(provider):
    browser = Browser()
    page = browser.theirs.get(str(authorize(provider).request.url), follow_redirects=True)
    browser.choose(str(page.url), choice="annuler")

    assert browser.theirs.get(str(page.url)).status_code == 400


def test_login_is_asked_again_when_the_service_wants_it(provider):
    browser = Browser()
    browser.choose(str(authorize(provider).request.url), "prete")

    page = browser.theirs.get(str(authorize(provider, prompt="login").request.url), follow_redirects=True)

    assert "Choisissez un compte" in page.text


def test_signing_out_elsewhere_or_with_a_token_of_another_is_refused(provider):
    id_token = exchange(provider, code_for(provider)).json()["id_token"]
    proper = {"id_token_hint": id_token, "state": "s" * 43, "post_logout_redirect_uri": SIGNED_OUT}

    for change in (
        {"post_logout_redirect_uri": "https://elsewhere.example/"},
        {"post_logout_redirect_uri": None},
        {"id_token_hint": "not.a.token"},
        {"id_token_hint": None},
        {"state": None},
    ):
        asked = {name: value for name, value in {**proper, **change}.items() if value}
        assert httpx.get(f"{provider}/session/end", params=asked, trust_env=False).status_code == 400
    answer = httpx.get(f"{provider}/session/end", params=proper, trust_env=False)
    assert answer.headers["Location"] == f"{SIGNED_OUT}?state={'s' * 43}"


SERVICE = Service("http://localhost/api/v2", "service", "secret", "ES256", (CALLBACK,), (SIGNED_OUT,))


def told_of(key, scope=("openid", "identite_pivot", "preferred_username", "email")):
    return identity_claims(persona_of(key), declared=SERVICE, scope=scope, seconds=int(time.time()))


def test_somebody_born_abroad_has_no_birthplace():
    told = told_of("nee-a-l-etranger")

    assert told["birthplace"] == ""
    assert told["birthcountry"] != "99100"


def test_a_name_in_use_and_an_address_are_left_out_when_there_is_none():
    for persona in PERSONAS:
        told = told_of(persona.key)
        assert ("preferred_username" in told) is bool(persona.use_name)
        assert ("email" in told) is bool(persona.email)
    assert any(not persona.email for persona in PERSONAS)
    assert any(not persona.use_name for persona in PERSONAS)


def test_only_what_was_asked_for_is_told():
    assert set(told_of("prete", scope=("openid",))) == {"iss", "aud", "sub", "iat", "exp"}


def test_a_refusal_names_the_parameter():
    given = {name: [value] for name, value in PROPER.items()}

    with pytest.raises(RequestRefused, match="property code_challenge should not exist"):
        read_authorization({**given, "code_challenge": ["x"]}, SERVICE)


@pytest.mark.parametrize("address", ["/", "/style.css"])
def test_its_own_pages_load_nothing_from_elsewhere(provider, address):
    answer = httpx.get(f"{provider.removesuffix('/api/v2')}{address}", trust_env=False)

    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
