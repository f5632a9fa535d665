"""Whose opinion of an answer is counted: not twice the same, not a machine's hundred, not another site's.

What is remembered for that is a keyed hash of the network address, for an hour, in this process only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from parloir.foundation.network import hashed_address, hashed_network

if TYPE_CHECKING:
    from django.http import HttpRequest

REMEMBERED_SECONDS = 3600
MOST_PER_ADDRESS = 30
"""An address may be a whole waiting room's."""

MOST_WRITTEN_PER_ADDRESS = 10
MOST_ADDRESSES = 4
"""As many addresses' share may come from one IPv6 network, whatever the number of its addresses."""


def counts(request: HttpRequest, *, about: str) -> bool:
    """Tell whether this opinion is one more, and remember that it was given."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return False
    whose = hashed_address(request).written
    if not cache.add(f"opinion:{whose}:{about}", 1, REMEMBERED_SECONDS):
        return False
    return _is_within(request, "opinions", MOST_PER_ADDRESS)


def may_write(request: HttpRequest) -> bool:
    """Tell whether an address may write what it thinks of the site once more, and remember that it did."""
    return _is_within(request, "written", MOST_WRITTEN_PER_ADDRESS)


def _is_within(request: HttpRequest, what: str, most: int) -> bool:
    """Count one more from an address, and from the IPv6 network around it; tell whether neither has had too many."""
    address, network = hashed_address(request), hashed_network(request)
    counted = [(address, most), *([(network, MOST_ADDRESSES * most)] if network else [])]
    within = []
    for whose, limit in counted:
        total = f"{what}:{whose.written}"
        cache.add(total, 0, REMEMBERED_SECONDS)
        within.append(cache.incr(total) <= limit)
    return all(within)
