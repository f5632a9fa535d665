"""What a message is, how long it is tried, and how often an address may be asked for. No Django here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

LINK_LIFETIME = timedelta(days=30)
"""How long the link that confirms an address can be used."""

ASK_AGAIN_AFTER = timedelta(minutes=5)
"""How long a person waits before the same address is written to again at their request."""

ASKED_PER_HOUR = 5
"""How many addresses one account may have us write to in an hour: nobody's mailbox is filled through us."""

ASKED_PER_MAILBOX_AND_DAY = 10
"""How often one mailbox is asked in a day to confirm itself, by all accounts together."""

WRITTEN_PER_MAILBOX_AND_DAY = 10
"""How many messages about what people did by themselves reach one mailbox in a day, while nobody has confirmed it."""

STALLED_AFTER = timedelta(seconds=20)
"""A worker silent for so long is dead and its jobs are taken back; it says that it lives every few seconds."""

FIRST_WAITS = (5, 10, 20, 40)
"""Seconds before the second, third, fourth and fifth tries: a mail server that restarts is back by then."""

PATIENT_TRIES = 60
"""Up to this try the server is asked every minute; after that, an outage of hours, every ten."""

TRIES_OF_A_FAULT = 10
"""How often a job is tried again whose error is our own: it will not mend itself."""

CODE_LIFETIME = timedelta(minutes=10)
"""How long the code that confirms a telephone can be typed."""

CODE_TRIES = 5
"""How often a code may be typed wrong before another must be asked for."""

CODE_DIGITS = 6

CODE_AGAIN_AFTER = timedelta(minutes=1)
"""How long a person waits before another code is sent to them."""

CODES_PER_HOUR = 3
CODES_PER_DAY = 6
"""How many codes one account may have sent: an SMS costs money."""

CODES_PER_NUMBER_AND_DAY = 4
"""How many codes one telephone receives from all accounts together: nobody is pestered through us."""

CODES_KEPT_FOR = timedelta(days=2)
"""How long a code's row is kept, since it is what the limits count."""


NOTICE_USEFUL = timedelta(days=3)
"""How long it is worth telling somebody that their space was changed."""


class NoticeKind(StrEnum):
    """What an address is told of its space, in case it was somebody else."""

    EMAIL_CHANGED = "email_changed"
    PHONE_CHANGED = "phone_changed"
    SPACE_ERASED = "space_erased"
    NEW_DEVICE = "new_device"


class Channel(StrEnum):
    """By what a message travels."""

    EMAIL = "email"
    SMS = "sms"


class Outcome(StrEnum):
    """What became of a message. All but the first are final."""

    PENDING = "pending"
    SENT = "sent"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    TOO_LATE = "too_late"
    NO_BUDGET = "no_budget"


class Receipt(StrEnum):
    """What was heard of a message after it left. Nothing is heard of most."""

    NONE = ""
    RECEIVED = "received"
    RETURNED = "returned"


class TryLater(Exception):
    """The message could not be sent now; nothing says that it will not be later."""


class NotYet(TryLater):
    """The message is not to be sent now, because people sleep: at ``at``."""

    def __init__(self, at: datetime) -> None:
        super().__init__("night")
        self.at = at


class RefusedForGood(Exception):
    """The server will never take this message for this address or number; ``code`` is its answer."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class LinkState(StrEnum):
    """What following a confirmation link leads to."""

    READY = "ready"
    DONE = "done"
    EXPIRED = "expired"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is written to. ``email`` is empty when no address is known."""

    email: str
    confirmed: bool

    @property
    def is_known(self) -> bool:
        """Whether there is an address at all."""
        return bool(self.email)


@dataclass(frozen=True, slots=True)
class Email:
    """A finished message; from ``useful_until`` on it is no longer worth sending.

    ``said`` is what its sender wants to find again of what it says: ids and numbers, never a person's data.
    ``withdraw_url`` is where such messages can be stopped, when they can be.
    """

    subject: str
    text: str
    html: str
    useful_until: datetime
    said: dict[str, object] = field(default_factory=dict)
    withdraw_url: str = ""


@dataclass(frozen=True, slots=True)
class Sms:
    """A finished SMS; ``useful_until`` and ``said`` are those of :class:`Email`."""

    text: str
    useful_until: datetime
    said: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose about their messages, and by what they can be reached.

    ``phone`` is empty until it is confirmed. ``sms_since`` is when they agreed to SMS for all their appointments;
    ``sms_ended`` is when they last withdrew: what was agreed to for one appointment before it no longer counts.
    ``street_in_calendar`` has the place written whole in their calendar, instead of the town alone.
    """

    email_reminder: bool = True
    phone: str = ""
    sms_since: datetime | None = None
    sms_ended: datetime | None = None
    email_is_dead: bool = False
    street_in_calendar: bool = False
    device_notices: bool = True

    def number_for(self, *, agreed_at: datetime | None = None) -> str:
        """Return the number an SMS may go to; empty without consent. ``agreed_at``: consent for this one matter."""
        return self.phone if self.would_text(agreed_at=agreed_at) else ""

    def would_text(self, *, agreed_at: datetime | None = None) -> bool:
        """Tell whether there is consent to an SMS, be there a telephone or not."""
        for_this_one = agreed_at is not None and (self.sms_ended is None or agreed_at > self.sms_ended)
        return self.sms_since is not None or for_this_one


def wait_before_try(tries: int) -> timedelta:
    """Return how long to wait after so many tries that failed: 5, 10, 20, 40, 60, 60… seconds."""
    if tries < len(FIRST_WAITS):
        return timedelta(seconds=FIRST_WAITS[tries])
    return timedelta(minutes=1 if tries < PATIENT_TRIES else 10)
