"""Read the people the service knows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from parloir.people.models import SignIn

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_SESSION = timedelta(hours=12)


def signed_in(*, key: str, idle: timedelta, now: datetime) -> SignIn | None:
    """Return the open session of a key with its account, in one query; None when it is closed or has expired.

    A session expires when nothing was asked of it for ``idle``, and in any case after twelve hours.
    """
    return (
        SignIn.objects.select_related("account")
        .filter(key=key, revoked_at=None, last_seen_at__gt=now - idle, created_at__gt=now - LONGEST_SESSION)
        .first()
    )
