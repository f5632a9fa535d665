"""Keep a secret in the database so that the database alone does not give it away."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parloir.foundation.keys import secrets_in_turn


def seal(text: str) -> bytes:
    """Encrypt a text with a key derived from ``SECRET_KEY``."""
    return _all_keys().encrypt(text.encode())


def unseal(sealed: bytes | memoryview) -> str | None:
    """Return the text again, sealed under ``SECRET_KEY`` or one that it replaced; None under any other, or altered."""
    try:
        return _all_keys().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        return None


def _all_keys() -> MultiFernet:
    return MultiFernet([_fernet(secret) for secret in secrets_in_turn()])


@lru_cache(maxsize=8)
def _fernet(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"parloir.people.sealing").derive(secret.encode())
    return Fernet(urlsafe_b64encode(derived))
