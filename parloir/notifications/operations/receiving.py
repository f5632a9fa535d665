"""Receive a person who comes back from the identity provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from parloir.notifications.models import Contact, PhoneCode
from parloir.notifications.operations.noticing import give_notice
from parloir.notifications.queries import choices_of
from parloir.notifications.rules import NoticeKind
from parloir.people.operations import note_device, sign_in

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import SignIn
    from parloir.people.rules import Identity


@transaction.atomic
def receive(
    *,
    identity: Identity,
    id_token: str,
    language: str,
    device: str,
    now: datetime,
    replaces: str | None = None,
    proven_at: datetime | None = None,
) -> SignIn:
    """Open a session as :func:`~parloir.people.operations.sign_in` does, and see to where the person is written to.

    A space that begins anew after its erasure has nothing of the former one: address, telephone and consent wait for
    their last messages no longer. ``device`` is what the browser holds of itself; a strange one is told once.
    """
    opened = sign_in(
        identity=identity, id_token=id_token, language=language, replaces=replaces, proven_at=proven_at, now=now
    )
    account_id = opened.account.pk
    if opened.account.created_at == now:
        Contact.objects.filter(account=account_id).delete()
        # Their rows stay: they are what limits count.
        PhoneCode.objects.filter(account=account_id).update(ended=True)
    if note_device(account_id=account_id, token=device, now=now) and choices_of(account_id).device_notices:
        give_notice(account_id=account_id, kind=NoticeKind.NEW_DEVICE, now=now)
    return opened
