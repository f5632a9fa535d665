"""What must not be read over a shoulder, on a lock screen or in a history: that somebody visits a prison. No Django."""

from __future__ import annotations

import unicodedata

_TELLING = (
    "parloir", "prison", "detenu", "detention", "penitenti", "justice", "maison d'arret", "maison centrale",
    "centrale", "semi-liberte", "gendarmerie",
)  # fmt: skip
"""Without accents: words that say what the service is about, or stand in the addresses of prisons alone."""


def is_telling(text: str) -> bool:
    """Tell whether a text says that it is about a prison."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return any(word in bare.replace("’", "'").casefold() for word in _TELLING)
