"""References of visits: short, random, easy to dictate (no vowels, no look-alikes)."""

from __future__ import annotations

import re
import secrets

ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_TYPED = re.compile(rf"PAR([{ALPHABET}]{{4}})([{ALPHABET}]{{2}})")


def new_reference() -> str:
    """Draw a reference ``PAR-XXXX-XX``."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"PAR-{drawn[:4]}-{drawn[4:]}"


def as_reference(typed: str) -> str | None:
    """Read a reference typed without case, spaces or dashes; None when it is not one."""
    match = _TYPED.fullmatch(re.sub(r"[\s\-‐‑–.]", "", typed).upper())
    return f"PAR-{match[1]}-{match[2]}" if match else None
