"""Empty an account at its owner's wish, and end what is left of it once its last messages have left.

Both run inside the transaction of ``visits.operations``, which lets go of everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parloir.journal.operations import SERVICE, Act, Actor, forget_links, record
from parloir.people.models import Account, Device, SignIn
from parloir.people.queries import ERASED, mark_of

if TYPE_CHECKING:
    from datetime import datetime


def erase_civil_status(*, account: Account, now: datetime) -> None:
    """Forget who an account is and close all its sessions; its row lives on, empty, until the erasure ends.

    So do the sealed id_tokens, each until its browser has closed the identity provider's session with it.
    The journal keeps what was done, no longer by whom.
    """
    SignIn.objects.filter(account=account, id_token=b"").delete()
    SignIn.objects.filter(account=account, revoked_at=None).update(revoked_at=now)
    Device.objects.filter(account=account).delete()
    Account.objects.filter(pk=account.pk, erased_at__isnull=True).update(
        issuer=ERASED,
        sub=mark_of(issuer=account.issuer, sub=account.sub).written,
        birth_name="",
        folded_name="",
        use_name="",
        first_names=[],
        birth_date="",
        reconciliation="",
        suiting_weekdays=[],
        suiting_part="",
        erased_at=now,
    )
    forget_links({"account": [account.pk]})
    record(actor=Actor("account"), acts=[Act("account.erased", "account", None)], at=now)


def end_erasure(*, account_id: int, keep_mark: bool, now: datetime) -> None:
    """Delete an erased account; with ``keep_mark`` only its mark stays, to which what it may not do is attached."""
    erased = Account.objects.filter(pk=account_id, erased_at__isnull=False)
    if keep_mark:
        erased.update(erased_at=None, language="fr")
    else:
        erased.delete()
    forget_links({"account": [account_id]})
    record(actor=SERVICE, acts=[Act("account.forgotten", "account", None, {"mark": int(keep_mark)})], at=now)
