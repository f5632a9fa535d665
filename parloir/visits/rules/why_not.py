"""The short code by which an agent reads why a family cannot book. No Django here."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from parloir.visits.rules.references import ALPHABET

CODE_GOOD_FOR = timedelta(minutes=10)
"""How long a code can be read: the time of a telephone call."""

CODES_PER_HOUR = 6
"""How many codes one account is given within an hour."""

CODES_COUNTED_FOR = timedelta(hours=1)

_TYPED = re.compile(rf"([{ALPHABET}]{{3}})([{ALPHABET}]{{3}})")


def new_code() -> str:
    """Draw a code ``XXX-XXX``."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"{drawn[:3]}-{drawn[3:]}"


def as_code(typed: str) -> str | None:
    """Read a code typed without case, spaces or dash; None when it is not one."""
    match = _TYPED.fullmatch(re.sub(r"[\s\-‐‑–.]", "", typed).upper())
    return f"{match[1]}-{match[2]}" if match else None
