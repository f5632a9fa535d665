"""Count attempts at registering a permit, before anything is read about any."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction
from django.db.models import F
from psycopg import errors

from parloir.foundation.keys import mark
from parloir.journal.operations import Act, Actor, record
from parloir.permits.claims import (
    COUNTED_FOR,
    FAILURES_AT_A_PERMIT,
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ADDRESS,
    FAILURES_PER_NETWORK,
    PERMIT_COUNTED_FOR,
    retry_at,
)
from parloir.permits.models import Attempt
from parloir.permits.queries import failures

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.foundation.keys import Mark
    from parloir.people.models import Account
    from parloir.permits.claims import PermitClaim

_FORGOTTEN_AFTER = timedelta(days=1)
_CROWD = timedelta(minutes=1)


class TooManyAttempts(Exception):
    """Too many attempts have failed; ``retry_at`` is when the next is heard, to the minute."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(retry_at.isoformat())
        self.retry_at = retry_at


def begin_attempt(
    *, account: Account, address: Mark, network: Mark | None = None, claim: PermitClaim, now: datetime
) -> Attempt:
    """Count an attempt as failed, for good, unless it is later told to have succeeded.

    It is committed before the claim is judged, so that nothing which happens to the judgement takes the
    count back; one at a time for an account, an address and a network, so that no crowd of attempts passes
    between the count and its writing.

    :raises TooManyAttempts: when it is not heard.
    """
    pair = mark("parloir.permits.attempt", f"{account.issuer}\n{account.sub}\n{claim.numbers[-1]}")
    try:
        with transaction.atomic(durable=True):
            _alone("account", str(account.pk))
            # The oldest key, so that sites in the middle of a change of keys take turns too.
            _alone("address", address.known[-1])
            if network is not None:
                _alone("network", network.known[-1])
            wait_until = _wait_until(account, address, network, pair, now=now)
            if wait_until is None:
                Attempt.objects.filter(account=account, at__lt=now - _FORGOTTEN_AFTER).delete()
                return Attempt.objects.create(
                    account=account,
                    address=address.written,
                    network=network.written if network else "",
                    pair=pair.written,
                    at=now,
                )
            _note_unheard(account, claim, now=now)
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.LockNotAvailable):
            raise
        wait_until = now + _CROWD
    raise TooManyAttempts(wait_until)


def _wait_until(account: Account, address: Mark, network: Mark | None, pair: Mark, *, now: datetime) -> datetime | None:
    since = now - COUNTED_FOR
    return retry_at(
        account=failures(account=account, since=since, limit=FAILURES_PER_ACCOUNT),
        address=failures(addresses=address.known, since=since, limit=FAILURES_PER_ADDRESS),
        network=failures(networks=network.known, since=since, limit=FAILURES_PER_NETWORK) if network else (),
        permit=failures(pairs=pair.known, since=now - PERMIT_COUNTED_FOR, limit=FAILURES_AT_A_PERMIT),
    )


def _note_unheard(account: Account, claim: PermitClaim, *, now: datetime) -> None:
    """Count a try that was not heard; the journal is told of the first, the tenth, the hundredth…, no more.

    They are counted on the account's last try that was heard, on a row of its own where it has none yet.
    """
    last = Attempt.objects.filter(account=account).order_by("-at", "-pk").first()
    if last is None:
        last = Attempt.objects.create(account=account, address="", at=now, failed=False)
    Attempt.objects.filter(pk=last.pk).update(unheard=F("unheard") + 1)
    times = last.unheard + 1
    if str(times).strip("0") == "1":
        detail: dict[str, str | int | None] = {"establishment": claim.establishment_id, "times": times}
        act = Act("permit.registration_limited", "account", account.pk, detail)
        record(actor=Actor("account", account.pk), acts=[act], at=now)


def _alone(kind: str, whose: str) -> None:
    """Wait for one's turn among the attempts of an account, an address or a network, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))", [f"attempts-{kind}-{whose}"])
