"""Open, own and close what waits for a human; always inside the operation that causes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from parloir.journal.operations import SERVICE, Act, record
from parloir.people.operations import answer_reconciliation
from parloir.people.rules import Reconciliation
from parloir.review.models import Entry
from parloir.review.rules import Cause, Closing, Subject, Told, deadline_for

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from parloir.journal.operations import Actor


def open_review(
    *, cause: Cause, subject: Subject, establishment_id: int | None, deadline: datetime, told: Told, now: datetime
) -> int | None:
    """Open an entry and return its id; None when one is open already for the same cause and subject."""
    entry, is_new = Entry.objects.get_or_create(
        cause=cause,
        subject_kind=subject.kind,
        subject_id=subject.id,
        closed_at=None,
        defaults={"establishment_id": establishment_id, "opened_at": now, "deadline": deadline, "told": told},
    )
    if is_new:
        record(actor=SERVICE, acts=[Act("review.opened", subject.kind, subject.id, {"cause": cause})], at=now)
    return entry.pk if is_new else None


@transaction.atomic
def ask_reconciliation(*, account_id: int, now: datetime) -> None:
    """Have a human look whether a person has another space; asked already, nothing happens.

    The entry names the new account alone and goes to the national administrators: no prison is concerned.
    """
    if answer_reconciliation(account_id=account_id, answer=Reconciliation.ASKED, now=now):
        open_review(
            cause=Cause.RECONCILIATION,
            subject=Subject("account", account_id),
            establishment_id=None,
            deadline=deadline_for(now=now),
            told=Told.NOTHING,
            now=now,
        )


@transaction.atomic
def decline_reconciliation(*, account_id: int, now: datetime) -> None:
    """Note that a person never had another space."""
    answer_reconciliation(account_id=account_id, answer=Reconciliation.DECLINED, now=now)


def clear_reviews(*, subjects: Collection[Subject], causes: Collection[Cause], now: datetime) -> list[Subject]:
    """Close by themselves the open entries of these subjects whose cause has disappeared; returns the subjects."""
    return _close(subjects, causes, closing=Closing.BY_ITSELF, actor=SERVICE, now=now)


def clear_entries(entry_ids: Collection[int], *, now: datetime) -> None:
    """Close by themselves open entries whose cause has disappeared, in the order of locks, whatever they are about."""
    _close_those(Q(pk__in=entry_ids), closing=Closing.BY_ITSELF, actor=SERVICE, now=now)


def decide_reviews(*, subjects: Collection[Subject], actor: Actor, now: datetime) -> list[Subject]:
    """Close every open entry of these subjects because somebody has decided; returns those that had any."""
    return _close(subjects, list(Cause), closing=Closing.DECIDED, actor=actor, now=now)


def close_overdue(*, subject: Subject, now: datetime) -> list[Subject]:
    """Close every open entry of a subject because nobody decided in time."""
    return _close([subject], list(Cause), closing=Closing.TOO_LATE, actor=SERVICE, now=now)


def move_reviews(*, subject: Subject, establishment_id: int) -> None:
    """Hand the open entries of a subject over to the agents of another establishment; nobody there owns them yet."""
    elsewhere = Q(subject_kind=subject.kind, subject_id=subject.id) & ~Q(establishment_id=establishment_id)
    ids = [entry.pk for entry in _in_turn(elsewhere)]
    Entry.objects.filter(pk__in=ids).update(establishment_id=establishment_id, owner_kind="", owner_id=None)


def forget_reviews(*, subjects: Collection[Subject]) -> None:
    """Delete what was decided about subjects that are nobody's any more, in the caller's transaction."""
    for kind in {subject.kind for subject in subjects}:
        ids = [subject.id for subject in subjects if subject.kind == kind]
        Entry.objects.filter(subject_kind=kind, subject_id__in=ids).delete()


def own_review(*, entry_id: int, owner: Actor, now: datetime) -> None:
    """Say who takes care of an entry.

    :raises Entry.DoesNotExist: when it is closed.
    """
    entry = Entry.objects.select_for_update(no_key=True).get(pk=entry_id, closed_at__isnull=True)
    entry.owner_kind, entry.owner_id = owner.kind, owner.id
    entry.save(update_fields=["owner_kind", "owner_id"])
    record(actor=owner, acts=[Act("review.owned", entry.subject_kind, entry.subject_id)], at=now)


def _close(
    subjects: Collection[Subject], causes: Collection[Cause], *, closing: Closing, actor: Actor, now: datetime
) -> list[Subject]:
    if not subjects or not causes:
        return []
    return _close_those(_about(subjects) & Q(cause__in=causes), closing=closing, actor=actor, now=now)


def _about(subjects: Collection[Subject]) -> Q:
    about = Q()
    for kind in {subject.kind for subject in subjects}:
        about |= Q(subject_kind=kind, subject_id__in=[s.id for s in subjects if s.kind == kind])
    return about


def _in_turn(those: Q) -> list[Entry]:
    """Lock open entries in the order of their ids."""
    return list(Entry.objects.select_for_update(no_key=True).filter(those, closed_at__isnull=True).order_by("pk"))


def _close_those(those: Q, *, closing: Closing, actor: Actor, now: datetime) -> list[Subject]:
    entries = _in_turn(those)
    Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(closed_at=now, closing=closing)
    acts = [
        Act("review.closed", entry.subject_kind, entry.subject_id, {"cause": entry.cause, "closing": closing})
        for entry in entries
    ]
    record(actor=actor, acts=acts, at=now)
    return list(dict.fromkeys(Subject(entry.subject_kind, entry.subject_id) for entry in entries))
