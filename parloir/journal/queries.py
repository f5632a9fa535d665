"""Read the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max, OuterRef, QuerySet, Subquery

from parloir.journal.models import Entry, Link

if TYPE_CHECKING:
    from datetime import datetime


def entries() -> QuerySet[Entry]:
    """Return the journal, each entry with its ``actor_id`` and ``subject_id``; None once they are forgotten."""
    return Entry.objects.annotate(actor_id=_target(Link.Role.ACTOR), subject_id=_target(Link.Role.SUBJECT))


def lines_of_account(account_id: int, *, since: datetime, limit: int) -> list[Entry]:
    """Return what an account did, or had done to it, since an instant; the latest first."""
    own = Link.objects.filter(kind="account", target_id=account_id, at__gte=since, role__in=["actor", "subject"])
    latest = list(own.order_by("-at", "-entry_id").values_list("entry_id", flat=True)[: 2 * limit])
    return list(Entry.objects.filter(pk__in=latest).order_by("-at", "-pk")[:limit])


def last_acts(verb: str) -> dict[int | None, datetime]:
    """Return when something was last done to each thing, by its id; under None, to none in particular."""
    done = Entry.objects.filter(verb=verb).annotate(subject_id=_target(Link.Role.SUBJECT))
    return dict(done.values_list("subject_id").annotate(last=Max("at")).order_by("subject_id"))


def _target(role: Link.Role) -> Subquery:
    return Subquery(Link.objects.filter(entry=OuterRef("pk"), role=role).values("target_id")[:1])
