"""What the real FranceConnect v2 demands of a request, applied without mercy. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPES = ("openid", "identite_pivot", "preferred_username", "email")
REQUIRED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "acr_values")
OPTIONAL = ("prompt", "idp_hint", "claims")
SECRET_LENGTH = 43
CODE_SECONDS = 30
TOKEN_SECONDS = 60
SESSION_SECONDS = 30 * 60


@dataclass(frozen=True)
class Declared:
    """The service as it was declared: whatever is not this is refused."""

    issuer: str
    client_id: str
    client_secret: str
    alg: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """An authorization request that passed every check."""

    redirect_uri: str
    scope: tuple[str, ...]
    state: str
    nonce: str
    acr: str
    login_again: bool
    idp_hint: str


class RequestRefused(Exception):
    """An authorization or sign-out request that FranceConnect answers with a page 400."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


def read_authorization(given: Mapping[str, list[str]], declared: Declared) -> Asked:
    """Read an authorization request.

    :raises RequestRefused: for any missing, repeated, unknown, empty or wrong parameter.
    """
    _check_shape(given)
    one = {name: values[0] for name, values in given.items()}
    if one["client_id"] != declared.client_id:
        raise RequestRefused("Y030106", "client_id is not known")
    if one["redirect_uri"] not in declared.redirect_uris:
        raise RequestRefused("Y030106", "redirect_uri is not declared")
    if one["response_type"] != "code":
        raise RequestRefused("Y030007", "response_type must be code")
    if one["acr_values"] != "eidas1":
        raise RequestRefused("Y030007", "acr_values must be eidas1")
    scope = tuple(one["scope"].split(" "))
    if "openid" not in scope or set(scope) - set(SCOPES):
        raise RequestRefused("Y030007", "scope holds what is not declared, or lacks openid")
    for name in ("state", "nonce"):
        if len(one[name]) < SECRET_LENGTH:
            raise RequestRefused("Y030007", f"{name} is shorter than {SECRET_LENGTH} characters")
    prompt = one.get("prompt", "").split()
    if set(prompt) - {"login", "consent"}:
        raise RequestRefused("Y030007", "prompt must be login or consent")
    return Asked(
        redirect_uri=one["redirect_uri"],
        scope=scope,
        state=one["state"],
        nonce=one["nonce"],
        acr=one["acr_values"],
        login_again="login" in prompt,
        idp_hint=one.get("idp_hint", ""),
    )


def _check_shape(given: Mapping[str, list[str]]) -> None:
    for name in given:
        if name not in REQUIRED and name not in OPTIONAL:
            raise RequestRefused("Y030007", f"property {name} should not exist")
    for name in REQUIRED:
        if not given.get(name) or not given[name][0]:
            raise RequestRefused("Y030007", f"{name} should not be empty")
    for name, values in given.items():
        if len(values) != 1:
            raise RequestRefused("Y030007", f"{name} is given more than once")


def read_sign_out(given: Mapping[str, list[str]], declared: Declared) -> tuple[str, str]:
    """Read a sign-out request, and return its id_token and the address to go back to.

    :raises RequestRefused: for a missing parameter or an undeclared address.
    """
    one = {name: values[0] for name, values in given.items() if len(values) == 1}
    for name in ("id_token_hint", "state", "post_logout_redirect_uri"):
        if not one.get(name):
            raise RequestRefused("Y030007", f"{name} should not be empty")
    if one["post_logout_redirect_uri"] not in declared.post_logout_redirect_uris:
        raise RequestRefused("Y030106", "post_logout_redirect_uri is not declared")
    back = f"{one['post_logout_redirect_uri']}?{urlencode({'state': one['state']})}"
    return one["id_token_hint"], back
