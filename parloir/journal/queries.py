"""Read the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.journal.models import Entry

if TYPE_CHECKING:
    from datetime import datetime


def lines_of_account(account_id: int, *, since: datetime, limit: int) -> list[Entry]:
    """Return what an account did, or had done to it, since an instant; the latest first.

    Two short reads, each by its own index, rather than one that would go through the whole journal.
    """
    did = Entry.objects.filter(actor_kind="account", actor_id=account_id, at__gte=since)
    had_done = Entry.objects.filter(subject_kind="account", subject_id=account_id, at__gte=since)
    lines = {entry.pk: entry for lot in (did, had_done) for entry in lot.order_by("-at", "-pk")[:limit]}
    return sorted(lines.values(), key=lambda entry: (entry.at, entry.pk), reverse=True)[:limit]
