"""What may be done with a permit in a personal space. What the register tells of permits is in ``feed``."""

from parloir.permits.operations.asking_help import ask_for_help
from parloir.permits.operations.attempts import TooManyAttempts
from parloir.permits.operations.barring import bar_account
from parloir.permits.operations.registering import RegistrationRefused, register_known_permit, register_permit
from parloir.permits.operations.removing import (
    agree_to_registration,
    remove_every_registration,
    remove_registration,
    take_back_permit,
)
from parloir.permits.operations.telling import tell_of_change, warn_of_endings

__all__ = [
    "RegistrationRefused",
    "TooManyAttempts",
    "agree_to_registration",
    "ask_for_help",
    "bar_account",
    "register_known_permit",
    "register_permit",
    "remove_every_registration",
    "remove_registration",
    "take_back_permit",
    "tell_of_change",
    "warn_of_endings",
]
