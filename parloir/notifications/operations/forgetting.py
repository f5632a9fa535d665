"""Forget where somebody was written to, and what was sent about what is over."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection

from parloir.notifications.models import Contact, Delivery, Notice, PhoneCode

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


def forget_person(*, account_id: int) -> None:
    """Delete the address and telephone of an account and the trace of every message to it.

    Runs in the caller's transaction.
    """
    PhoneCode.objects.filter(account=account_id).delete()
    Notice.objects.filter(account=account_id).delete()
    Contact.objects.filter(account=account_id).delete()
    Delivery.objects.filter(account=account_id).delete()


def forget_messages_about(*, prefixes: Collection[str]) -> None:
    """Delete the trace of the messages whose key begins with one of these words and a dash.

    A range of the index for each, where a pattern that comes from a row could use none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [sorted(prefixes)])


def rename_message(former: str, new: str) -> None:
    """Let the traces of messages whose key is a word and what follows its dash go by another word."""
    with connection.cursor() as cursor:
        cursor.execute(_RENAME, {"former": former, "new": new})


def forget_old_deliveries(*, days: int, now: datetime) -> int:
    """Delete the trace of messages of so many days ago, some thousands at once; return how many.

    The last e-mail that an account's server refused stays as long as it is the last: it says that the address is
    dead, and the space asks for another.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_OLD, {"before": now - timedelta(days=days), "at_most": _AT_ONCE})
        return int(cursor.rowcount)


_AT_ONCE = 5_000

_FORGET_OLD = """
DELETE FROM notifications_delivery WHERE id IN (
    SELECT d.id FROM notifications_delivery d
    WHERE d.created_at < %(before)s
    AND NOT (d.channel = 'email' AND d.outcome = 'refused' AND NOT EXISTS (
        SELECT FROM notifications_delivery later WHERE later.account_id = d.account_id AND later.id > d.id
        AND later.channel = 'email' AND left(later.dedup_key, 7) <> 'notice-' AND later.outcome IN ('sent', 'refused')))
    ORDER BY d.id LIMIT %(at_most)s)
"""

_RENAME = """
UPDATE notifications_delivery d SET dedup_key = %(new)s::text || substr(d.dedup_key, length(%(former)s::text) + 1)
WHERE d.dedup_key ~>=~ (%(former)s::text || '-') AND d.dedup_key ~<~ (%(former)s::text || '.')
AND NOT EXISTS (SELECT FROM notifications_delivery o
    WHERE o.dedup_key = %(new)s::text || substr(d.dedup_key, length(%(former)s::text) + 1))
"""

_FORGET = """
DELETE FROM notifications_delivery d USING unnest(%s::text[]) AS about
WHERE d.dedup_key ~>=~ (about || '-') AND d.dedup_key ~<~ (about || '.')
"""
