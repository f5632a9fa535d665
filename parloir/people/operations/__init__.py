"""What may be done to the people the service knows."""

from parloir.people.operations.devices import forget_old_devices, note_device
from parloir.people.operations.erasing import end_erasure, erase_civil_status
from parloir.people.operations.reconciling import answer_reconciliation
from parloir.people.operations.signing_in import (
    choose_language,
    choose_times,
    forget_sign_ins,
    revoke_sign_ins,
    sign_in,
    sign_out,
    touch,
)

__all__ = [
    "answer_reconciliation",
    "choose_language",
    "choose_times",
    "end_erasure",
    "erase_civil_status",
    "forget_old_devices",
    "forget_sign_ins",
    "note_device",
    "revoke_sign_ins",
    "sign_in",
    "sign_out",
    "touch",
]
