"""Forget where somebody was written to, and what was sent about what is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from parloir.notifications.models import Contact, Delivery, PhoneCode

if TYPE_CHECKING:
    from collections.abc import Collection


def forget_person(*, account_id: int) -> None:
    """Delete the address and telephone of an account and the trace of every message to it.

    Runs in the caller's transaction.
    """
    PhoneCode.objects.filter(account=account_id).delete()
    Contact.objects.filter(account=account_id).delete()
    Delivery.objects.filter(account=account_id).delete()


def forget_messages_about(*, prefixes: Collection[str]) -> None:
    """Delete the trace of the messages whose key begins with one of these words and a dash.

    A range of the index for each, where a pattern that comes from a row could use none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [sorted(prefixes)])


_FORGET = """
DELETE FROM notifications_delivery d USING unnest(%s::text[]) AS about
WHERE d.dedup_key ~>=~ (about || '-') AND d.dedup_key ~<~ (about || '.')
"""
