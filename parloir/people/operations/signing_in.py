"""Open, keep alive and close a relative's session."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, Value, When

from parloir.journal.operations import Act, Actor, record
from parloir.people.models import Account, SignIn
from parloir.people.queries import ERASED, has_namesake, mark_of, sought
from parloir.people.rules import Reconciliation
from parloir.people.sealing import seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from parloir.people.rules import Identity, SuitingTimes

TOUCH_EVERY = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(days=1)


@transaction.atomic
def sign_in(
    *,
    identity: Identity,
    id_token: str,
    language: str,
    now: datetime,
    replaces: str | None = None,
    proven_at: datetime | None = None,
) -> SignIn:
    """Open a session for an identity, creating its account the first time.

    The civil status is refreshed at each sign-in, and messages will follow the language of the last one unless the
    person has chosen theirs.
    ``replaces`` is the key of the session this browser already had: it is closed. ``proven_at`` is when the person
    identified themselves anew, where they were asked to.
    """
    civil = {
        "birth_name": identity.birth_name,
        "folded_name": sought(identity.birth_name),
        "use_name": identity.use_name,
        "first_names": list(identity.first_names),
        "birth_date": identity.birth_date,
    }
    account, created = _account(identity, civil, language=language, now=now)
    if replaces:
        sign_out(key=replaces, now=now)
    account.sign_ins.filter(last_seen_at__lt=now - FORGOTTEN_AFTER).delete()
    opened = SignIn.objects.create(
        key=secrets.token_urlsafe(32),
        account=account,
        id_token=seal(id_token),
        created_at=now,
        last_seen_at=now,
        proven_at=proven_at,
    )
    opening = [Act("open_account", "account", account.pk)] if created else []
    record(actor=Actor("account", account.pk), acts=[*opening, Act("sign_in", "account", account.pk)], at=now)
    return opened


def _account(identity: Identity, civil: Mapping[str, object], *, language: str, now: datetime) -> tuple[Account, bool]:
    """Return the account of an identity with its civil status refreshed, and whether it is a new one.

    One that was erased begins anew in its own row, so that what it was barred from stays barred. A new one
    whose civil status another account has is told so: nothing is ever merged by itself. A language that the
    person has chosen for messages stays, unless they erased their space since.
    """
    mine = Account.objects.filter(issuer=identity.issuer, sub=identity.sub)
    fresh = {"created_at": now, "reconciliation": "", "language_chosen": False}
    is_new = not mine.exists()
    if is_new:
        fresh["reconciliation"] = Reconciliation.PROPOSED if has_namesake(identity) else Reconciliation.NONE
        marks = mark_of(issuer=identity.issuer, sub=identity.sub).known
        erased = Account.objects.filter(issuer=ERASED, sub__in=marks)
        erased.update(issuer=identity.issuer, sub=identity.sub, erased_at=None, **fresh)
    told_in = Case(When(language_chosen=True, then=F("language")), default=Value(language))
    account, _created = Account.objects.update_or_create(
        issuer=identity.issuer,
        sub=identity.sub,
        defaults={**civil, "language": told_in},
        create_defaults={**civil, "language": language, **fresh},
    )
    return account, is_new


@transaction.atomic
def choose_language(*, account_id: int, language: str, now: datetime) -> None:
    """Write to a person in this language from now on, whatever they read the screens in."""
    changed = Account.objects.filter(pk=account_id).exclude(language=language, language_chosen=True)
    if changed.update(language=language, language_chosen=True):
        act = Act("language.chosen", "account", account_id, {"language": language})
        record(actor=Actor("account", account_id), acts=[act], at=now)


def choose_times(*, account_id: int, suiting: SuitingTimes) -> None:
    """Propose these times first from now on."""
    Account.objects.filter(pk=account_id, erased_at=None).update(
        suiting_weekdays=sorted(suiting.weekdays), suiting_part=suiting.part
    )


@transaction.atomic
def sign_out(*, key: str, now: datetime) -> str | None:
    """Close a session, even one that has expired or was closed elsewhere, and forget its id_token: it serves once.

    Returns the id_token, with which the identity provider's own session can be closed: empty when it was sealed
    under a secret that is no more, None when there is none to close: unknown, or closed there already.
    """
    known = SignIn.objects.select_for_update(no_key=True, of=("self",)).select_related("account").filter(key=key)
    row = known.exclude(id_token=b"").first()
    if row is None:
        return None
    id_token = unseal(row.id_token)
    if row.account.erased_at:
        row.delete()
    else:
        SignIn.objects.filter(pk=row.pk).update(id_token=b"", revoked_at=row.revoked_at or now)
    if row.revoked_at is None:
        act = Act("sign_out", "account", row.account_id)
        record(actor=Actor("account", row.account_id), acts=[act], at=now)
    return id_token or ""


@transaction.atomic
def forget_sign_ins(*, now: datetime) -> int:
    """Delete the sessions that have not been used for a day, and their id_tokens with them; return how many."""
    deleted, _each = SignIn.objects.filter(last_seen_at__lt=now - FORGOTTEN_AFTER).delete()
    return deleted


def touch(*, sign_in: SignIn, now: datetime) -> None:
    """Note that a session is in use, at most once a minute: one row write for many pages read."""
    if sign_in.last_seen_at <= now - TOUCH_EVERY:
        SignIn.objects.filter(pk=sign_in.pk, last_seen_at__lt=now).update(last_seen_at=now)
        sign_in.last_seen_at = now


@transaction.atomic
def revoke_sign_ins(*, account_id: int, now: datetime, but: int = 0) -> int:
    """Close every open session of an account, and return how many there were.

    Their id_tokens stay, for the browser that still holds one of these sessions to close it at the identity provider.
    ``but`` is the session from which a person closes the others: it stays open.
    """
    opened = SignIn.objects.filter(account_id=account_id, revoked_at=None).exclude(pk=but)
    closed = opened.update(revoked_at=now)
    if closed:
        act = Act("revoke_sign_ins", "account", account_id, {"count": closed})
        record(actor=Actor("account", account_id) if but else Actor("service"), acts=[act], at=now)
    return closed
