"""Tell an address of what was just done in a space, in case it was not its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procrastinate.contrib.django import app

from parloir.notifications.models import Contact, Notice
from parloir.notifications.rules import NOTICE_USEFUL

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.notifications.rules import NoticeKind


def give_notice(*, account_id: int, kind: NoticeKind, now: datetime) -> None:
    """Have the present address told, whatever becomes of it next, in the caller's transaction.

    Called before the change, where it is the address that changes. Nothing is said where there is none, or where
    nothing arrives.
    """
    contact = Contact.objects.filter(account=account_id, email_returned_at=None).exclude(email="").first()
    if contact is not None:
        notice = Notice.objects.create(account_id=account_id, kind=kind, email=contact.email, at=now)
        app.configure_task("notifications.send_notice").defer(notice_id=notice.pk)


def end_notice(*, notice_id: int) -> None:
    """Forget a notice, and the address with it: it was told, or never will be."""
    Notice.objects.filter(pk=notice_id).delete()


def forget_old_notices(*, now: datetime) -> int:
    """Delete the notices that are no longer worth sending; return how many."""
    deleted, _each = Notice.objects.filter(at__lt=now - NOTICE_USEFUL).delete()
    return deleted
