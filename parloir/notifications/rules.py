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

STALLED_AFTER = timedelta(seconds=20)
"""A worker silent for so long is dead and its jobs are taken back; it says that it lives every few seconds."""

FIRST_WAITS = (5, 10, 20, 40)
"""Seconds before the second, third, fourth and fifth tries: a mail server that restarts is back by then."""

PATIENT_TRIES = 60
"""Up to this try the server is asked every minute; after that, an outage of hours, every ten."""

TRIES_OF_A_FAULT = 10
"""How often a job is tried again whose error is our own: it will not mend itself."""


class Channel(StrEnum):
    """By what a message travels."""

    EMAIL = "email"


class Outcome(StrEnum):
    """What became of a message. All but the first are final."""

    PENDING = "pending"
    SENT = "sent"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    TOO_LATE = "too_late"


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
    """

    subject: str
    text: str
    html: str
    useful_until: datetime
    said: dict[str, object] = field(default_factory=dict)


def wait_before_try(tries: int) -> timedelta:
    """Return how long to wait after so many tries that failed: 5, 10, 20, 40, 60, 60… seconds."""
    if tries < len(FIRST_WAITS):
        return timedelta(seconds=FIRST_WAITS[tries])
    return timedelta(minutes=1 if tries < PATIENT_TRIES else 10)
