"""Values that only the site can make, and that stay good when its keys change.

Two families of keys. ``MARKS_KEYS`` are long-lived and have versions: what must still be recognised years later (a
bar, an erased identity, a count) is written under the first and read under all. ``SECRET_KEY`` is short-lived: links
and codes are made with it, and read under it and ``SECRET_KEY_FALLBACKS``.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.utils.crypto import salted_hmac


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in the database in place of a value: it can be compared and counted, not read back.

    :ivar written: as it is written now, ``version:digest``.
    :ivar known: every way in which it may have been written, the present one first.
    """

    written: str
    known: tuple[str, ...]


def mark(purpose: str, value: str) -> Mark:
    """Return the mark of a value; ``purpose`` keeps marks of different things apart."""
    text = f"{purpose}\n{value}".encode()
    known = tuple(f"{version}:{_digest(key, text)}" for version, key in settings.MARKS_KEYS)
    return Mark(written=known[0], known=known)


def signatures(purpose: str, value: str) -> list[bytes]:
    """Return the digests of a value under ``SECRET_KEY``, which comes first, and the keys that it replaced."""
    return [salted_hmac(purpose, value, secret=key, algorithm="sha256").digest() for key in secrets_in_turn()]


def secrets_in_turn() -> list[str]:
    """Return ``SECRET_KEY`` and the keys that it replaced, the latest first."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _digest(key: bytes, text: bytes) -> str:
    return urlsafe_b64encode(hmac.digest(key, text, sha256)).decode().rstrip("=")
