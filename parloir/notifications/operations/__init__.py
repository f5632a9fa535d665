"""What can be done with an address and with a message."""

from parloir.notifications.operations.choosing import (
    NoTelephone,
    choose_calendar,
    choose_messages,
    note_receipt,
    note_returned_address,
    withdraw,
)
from parloir.notifications.operations.contacts import (
    AskedTooOften,
    LinkRefused,
    ask_confirmation,
    confirm_address,
    note_address,
    set_address,
)
from parloir.notifications.operations.delivering import deliver, deliver_email, deliver_sms
from parloir.notifications.operations.forgetting import (
    forget_messages_about,
    forget_old_deliveries,
    forget_person,
    rename_message,
)
from parloir.notifications.operations.noticing import end_notice, forget_old_notices, give_notice
from parloir.notifications.operations.phones import (
    CodeRefused,
    ask_phone,
    confirm_phone,
    forget_old_codes,
    remove_phone,
)
from parloir.notifications.operations.receiving import receive
from parloir.notifications.operations.spending import forget_old_counts
from parloir.notifications.rules import Address, Email, Sms, TryLater

__all__ = [
    "Address",
    "AskedTooOften",
    "CodeRefused",
    "Email",
    "LinkRefused",
    "NoTelephone",
    "Sms",
    "TryLater",
    "ask_confirmation",
    "ask_phone",
    "choose_calendar",
    "choose_messages",
    "confirm_address",
    "confirm_phone",
    "deliver",
    "deliver_email",
    "deliver_sms",
    "end_notice",
    "forget_messages_about",
    "forget_old_codes",
    "forget_old_counts",
    "forget_old_deliveries",
    "forget_old_notices",
    "forget_person",
    "give_notice",
    "note_address",
    "note_receipt",
    "note_returned_address",
    "receive",
    "remove_phone",
    "rename_message",
    "set_address",
    "withdraw",
]
