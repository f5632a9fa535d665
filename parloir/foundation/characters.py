"""The characters of what people type or paste: digits of any script, and marks that nobody sees. No Django here."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cf", "Cc", "Co", "Cn", "Cs"}


def plain(text: str) -> str:
    """Return a text as a keyboard with our digits would have typed it.

    Marks of direction, joiners, soft hyphens and all that comes unseen with what is pasted go; digits of every
    script are ours; spaces around it go.
    """
    seen = (char for char in text if unicodedata.category(char) not in _UNSEEN or char in "\t\n")
    return "".join(_our_digit(char) for char in unicodedata.normalize("NFC", "".join(seen))).strip()


def _our_digit(char: str) -> str:
    return str(unicodedata.decimal(char)) if char.isdecimal() else char
