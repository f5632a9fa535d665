"""Read the people the service knows."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db.models import Q

from parloir.foundation.keys import mark
from parloir.people.likeness import seem_the_same
from parloir.people.models import Account, SignIn
from parloir.people.rules import folded

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from parloir.foundation.keys import Mark
    from parloir.people.rules import Identity

ERASED = "erased"
"""The issuer of accounts that were erased."""

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


def whose_session(key: str) -> int | None:
    """Return the account that a session was opened for, even if it has ended; None when nothing is kept of it."""
    return SignIn.objects.filter(key=key).values_list("account_id", flat=True).first()


def was_closed_elsewhere(key: str) -> bool:
    """Tell whether a session was closed from another browser, so that the provider's own may still be open in this."""
    return SignIn.objects.filter(key=key, revoked_at__isnull=False).exclude(id_token=b"").exists()


def sign_ins_of(account: Account) -> QuerySet[SignIn]:
    """Return the sign-ins of an account that are still kept, the latest first."""
    # Those of a space that was erased and begun anew are another's.
    kept = SignIn.objects.filter(account=account, created_at__gte=account.created_at)
    return kept.order_by("-created_at", "-pk")


def device_mark(*, account_id: int, token: str) -> str:
    """Return the mark of a device for one account: what its cookie holds is too long to be guessed."""
    return sha256(f"{account_id}:{token}".encode()).hexdigest()


def mark_of(*, issuer: str, sub: str) -> Mark:
    """Return the mark by which the same identity finds an erased account again: keyed, it cannot be read back."""
    return mark("parloir.people.erased", f"{issuer}\n{sub}")


def sought(birth_name: str) -> str:
    """Return a birth name as accounts are sought by it."""
    return folded(birth_name)[:100]


def has_namesake(identity: Identity) -> bool:
    """Tell whether another account of the same provider seems to be this person's, by one difference at most."""
    if not (identity.birth_name and identity.birth_date):
        return False
    near = Account.objects.filter(issuer=identity.issuer, erased_at=None).exclude(sub=identity.sub)
    near = near.filter(Q(folded_name=sought(identity.birth_name)) | Q(birth_date=identity.birth_date))
    return any(seem_the_same(identity, account) for account in near.only("birth_name", "first_names", "birth_date"))
