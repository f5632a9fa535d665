"""What can be done with an address and with a message."""

from parloir.notifications.operations.contacts import (
    AskedTooOften,
    LinkRefused,
    ask_confirmation,
    confirm_address,
    note_address,
    set_address,
)
from parloir.notifications.operations.delivering import deliver_email
from parloir.notifications.operations.forgetting import forget_messages_about, forget_person
from parloir.notifications.operations.smtp import TryLater
from parloir.notifications.rules import Address, Email

__all__ = [
    "Address",
    "AskedTooOften",
    "Email",
    "LinkRefused",
    "TryLater",
    "ask_confirmation",
    "confirm_address",
    "deliver_email",
    "forget_messages_about",
    "forget_person",
    "note_address",
    "set_address",
]
