"""What may be done to the people the service knows."""

from parloir.people.operations.signing_in import choose_language, revoke_sign_ins, sign_in, sign_out, touch

__all__ = ["choose_language", "revoke_sign_ins", "sign_in", "sign_out", "touch"]
