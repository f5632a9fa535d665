"""What a lock screen may show of a message: never what it is about, never a name."""

from __future__ import annotations

import re
import unicodedata

from tests.mailbox import visible

FORBIDDEN = (
    # domain.md's list, in both languages
    "parloir", "prison", "detenu", "detention", "penitenti", "justice", "maison d'arret", "maison centrale",
    "centre de", "inmate", "detain", "jail", "custody", "remand", "visiting room", "convict",
)  # fmt: skip
"""Beginnings of words, without accents."""

FORBIDDEN_IN_ARABIC = ("سجن", "سجين", "سجون", "معتقل", "محتجز", "احتجاز", "عدال", "قاعة الزيار")
"""Parts of words, which Arabic joins to others: prison, prisoner, detained, detention, justice, visiting room."""

LOCK_SCREEN = 200
"""How many visible characters of the text a lock screen or a list of messages can show."""


def folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", bare.replace("’", "'")).casefold()


def told_by_lock_screen(*, sender: str, subject: str, text: str, html: str, title: str) -> dict[str, str]:
    """Return what can be seen without opening the message, by where."""
    return {
        "sender": sender,
        "subject": subject,
        "title": title,
        "text": " ".join(text.split())[:LOCK_SCREEN],
        "html": visible(html)[:LOCK_SCREEN],
    }


def assert_discreet(seen: dict[str, str], *names: str) -> None:
    for where, shown in seen.items():
        for word in FORBIDDEN:
            assert not re.search(rf"\b{re.escape(word)}", folded(shown)), (where, word, shown)
        for word in FORBIDDEN_IN_ARABIC:
            assert word not in folded(shown), (where, word, shown)
        for name in names:
            for part in name.split():
                assert not re.search(rf"\b{re.escape(folded(part))}\b", folded(shown)), (where, part, shown)
