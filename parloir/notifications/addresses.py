"""Addresses that a message may be written to. No Django here."""

from __future__ import annotations

import unicodedata

_LOCAL = frozenset(
    {
        "localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp", "arpa", "onion",
        "test", "invalid",
    }
)  # fmt: skip
"""Last parts of names that exist inside one network, or nowhere (RFC 2606, 6761, 6762, 8375, 7686)."""

_UNSEEN = ("C", "Z")
"""Categories of signs that nobody sees: two addresses that look alike would be two mailboxes."""


def can_be_written_to(address: str) -> bool:
    """Tell whether an address leads to a mailbox of the public network, and is seen whole.

    Its form is judged elsewhere. An address literal (``me@[10.0.0.1]``) or a name of a local network would have our
    mail server speak to machines that are nobody's business.
    """
    domain = address.rpartition("@")[2].lower().rstrip(".")
    if "[" in domain or "." not in domain or domain.rpartition(".")[2] in _LOCAL:
        return False
    return not any(unicodedata.category(sign).startswith(_UNSEEN) for sign in address)
