"""Everything that can go wrong between FranceConnect and us, as codes: what is logged, and what a page is chosen by."""

from __future__ import annotations

from enum import StrEnum

LATER = 60
"""Seconds after which a provider that fails may be tried again."""


class Fault(StrEnum):
    """Why a sign-in did not come about."""

    # What the browser brings back answers nothing that it asked for.
    UNKNOWN_STATE = "unknown_state"
    OTHER_ISSUER = "other_issuer"
    NO_CODE = "no_code"
    # FranceConnect cannot be spoken with.
    NOT_NOW = "not_now"
    TOO_LATE = "too_late"
    UNREACHABLE = "unreachable"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNEXPECTED_STATUS = "unexpected_status"
    TOO_LARGE = "too_large"
    BAD_DISCOVERY = "bad_discovery"
    BAD_KEYS = "bad_keys"
    INSECURE_ADDRESS = "insecure_address"
    OTHER_ISSUER_DISCOVERED = "other_issuer_discovered"
    # FranceConnect says no.
    REPORTED = "reported"
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


PASSING = {
    Fault.UNKNOWN_STATE,
    Fault.OTHER_ISSUER,
    Fault.NO_CODE,
    Fault.NOT_NOW,
    Fault.TOO_LATE,
    Fault.UNREACHABLE,
    Fault.TOO_MANY_REQUESTS,
    Fault.UNEXPECTED_STATUS,
    Fault.REPORTED,
    Fault.CODE_REFUSED,
    Fault.USERINFO_REFUSED,
}
"""What passes by itself or is the browser's; for anything else somebody must look at our settings or their service."""

OAUTH_ERRORS = {
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
}
"""The error codes of RFC 6749, RFC 6750 and OpenID Connect Core: any other text of a provider stays out of the log."""

ABOUT_US = {
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
}
"""Those by which a provider refuses this service rather than a person or a moment."""


def known_error(error: object) -> str:
    """Return a provider's error code as it may be logged."""
    return error if isinstance(error, str) and error in OAUTH_ERRORS else "other"


class SignInFailed(Exception):
    """A sign-in did not come about; ``fault`` says why, without any token or personal data.

    :ivar status: the HTTP status that the provider answered, where one did.
    :ivar error: the OAuth error code it gave, where it gave one.
    :ivar retry_after: seconds until another try makes sense.
    """

    def __init__(self, fault: Fault, *, status: int | None = None, error: str = "", retry_after: int = LATER) -> None:
        super().__init__(fault.value)
        self.fault, self.status, self.error, self.retry_after = fault, status, error, retry_after

    @property
    def is_grave(self) -> bool:
        """Whether it does not pass by itself."""
        return self.fault not in PASSING or self.error in ABOUT_US


class ProviderUnavailable(SignInFailed):
    """The provider cannot be reached or does not answer as one: try later."""


class NothingAsked(ProviderUnavailable):
    """The provider was not even asked, for want of a place or while it is given a pause: nothing has been used up."""


class SignInRefused(SignInFailed):
    """The provider refused what we handed it, such as a code that has served or has expired: start again."""


class TokenRejected(SignInFailed):
    """A token came that must not be trusted."""
