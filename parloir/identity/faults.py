"""Everything that can go wrong between FranceConnect and us, as codes: what is logged, and what a page is chosen by."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why a sign-in did not come about."""

    # FranceConnect cannot be spoken with.
    UNREACHABLE = "unreachable"
    BAD_DISCOVERY = "bad_discovery"
    INSECURE_ADDRESS = "insecure_address"
    OTHER_ISSUER_DISCOVERED = "other_issuer_discovered"
    # FranceConnect says no.
    CODE_REFUSED = "code_refused"
    CLIENT_REFUSED = "client_refused"
    USERINFO_REFUSED = "userinfo_refused"
    # What came is not what FranceConnect signs for us.
    BAD_ANSWER = "bad_answer"
    UNREADABLE = "unreadable"
    BAD_SIGNATURE = "bad_signature"
    WRONG_ALGORITHM = "wrong_algorithm"
    UNKNOWN_KEY = "unknown_key"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    WRONG_NONCE = "wrong_nonce"
    WRONG_LEVEL = "wrong_level"
    WRONG_SUBJECT = "wrong_subject"
    EXPIRED = "expired"
    FROM_THE_FUTURE = "from_the_future"


class SignInFailed(Exception):
    """A sign-in did not come about; ``fault`` says why, without any token or personal data."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class ProviderUnavailable(SignInFailed):
    """The provider cannot be reached or does not answer as one: try later."""


class SignInRefused(SignInFailed):
    """The provider refused what we handed it, such as a code that has served or has expired: start again."""


class TokenRejected(SignInFailed):
    """A token came that must not be trusted."""
