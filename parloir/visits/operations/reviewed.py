"""Open and clear what waits for a human about visits, inside the operation that causes it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Max
from procrastinate.contrib.django import app

from parloir.people.models import Restriction
from parloir.review.operations import clear_entries, clear_reviews, decide_reviews, open_review
from parloir.review.queries import decisions_on, what_waits
from parloir.review.rules import Cause, Subject, Told
from parloir.visits.models import Visit
from parloir.visits.operations.telling import tell
from parloir.visits.rules import REVIEWED, CancelledBy, VisitStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from parloir.journal.operations import Actor
    from parloir.people.models import Detainee
    from parloir.visits.rules import Fate

CAUSES = frozenset(REVIEWED.values())
"""The causes for which a visit itself waits."""


def subject_of(visit: Visit) -> Subject:
    """Return a visit as review and the journal name it."""
    return Subject("visit", visit.pk)


def decisions_that_stand(visits: Sequence[Visit], detainees: Mapping[int, Detainee]) -> dict[int, set[Cause]]:
    """Return, by visit, the causes despite which somebody has kept it.

    A decision stands until the register tells of another movement, or of another restriction.
    """
    decided = decisions_on(subject_kind="visit", subject_ids=[visit.pk for visit in visits], causes=CAUSES)
    if not decided:
        return {}
    restricted = Restriction.objects.filter(detainee__in=detainees).values_list("detainee").annotate(Max("line_at"))
    told = dict(restricted)
    stand: dict[int, set[Cause]] = defaultdict(set)
    owners = {visit.pk: detainees[visit.visited_id] for visit in visits}
    for (visit_id, cause), at in decided.items():
        owner = owners[visit_id]
        since = told.get(owner.pk) if cause is Cause.RESTRICTED else owner.movement_at
        if since is None or since <= at:
            stand[visit_id].add(cause)
    return stand


def follow_fates(fates: Mapping[Visit, Fate], *, ended: Collection[Visit], now: datetime) -> None:
    """Open and clear entries so that each of these locked visits waits for what its fate says, and nothing else.

    Its family is told once when a visit begins to wait, and once when it no longer does. Those that have ``ended``
    wait for nothing any more; what is cleared is locked in one statement.
    """
    waiting: dict[int, dict[Cause, int]] = defaultdict(dict)
    visit_ids = [visit.pk for visit in (*fates, *ended)]
    for entry in what_waits(subject_kind="visit", subject_ids=visit_ids, causes=CAUSES):
        waiting[entry.subject_id][entry.cause] = entry.entry_id
    over = {visit: waiting[visit.pk].keys() - fate.causes for visit, fate in fates.items()}
    over |= {visit: set(waiting[visit.pk]) for visit in ended}
    cleared = [waiting[visit.pk][cause] for visit, causes in over.items() for cause in causes]
    if cleared:
        clear_entries(cleared, now=now)
    for visit, fate in fates.items():
        before = waiting[visit.pk]
        new = [pk for cause in sorted(fate.causes - before.keys()) if (pk := _open(visit, cause, fate, now))]
        if new and not before:
            tell("visits.tell_to_confirm", visit, entry_id=min(new))
        elif over[visit] and not fate.causes:
            tell_kept(visit)


def tell_kept(visit: Visit) -> None:
    """Have those who read that a visit was to be confirmed told that it is."""
    tell("visits.tell_kept", visit)


def close_with_visits(visits: Collection[Visit], *, by: CancelledBy, actor: Actor, now: datetime) -> None:
    """Close what waits about visits that are cancelled: an agent has decided, else its cause is gone."""
    subjects = [subject_of(visit) for visit in visits]
    if by is not CancelledBy.STAFF:
        clear_reviews(subjects=subjects, causes=CAUSES, now=now)
        return
    decide_reviews(subjects=subjects, actor=actor, now=now)


def judge_again_beside(detainee_weeks: Collection[tuple[int, date]], *, but: Collection[int] = ()) -> None:
    """Have visits judged again that waited because their week exceeded its maximum, now that it has one less.

    A job does it: it takes the detained person's lock, which comes before that of the visit just freed.
    """
    beside = Visit.objects.filter(
        detainee__in={detainee_id for detainee_id, _ in detainee_weeks},
        week__in={week for _, week in detainee_weeks},
        status=VisitStatus.BOOKED,
    ).exclude(pk__in=but)
    ids = dict(beside.values_list("pk", "detainee_id"))
    waits = what_waits(subject_kind="visit", subject_ids=ids, causes=[Cause.DISCIPLINARY]) if ids else []
    for detainee_id in sorted({ids[entry.subject_id] for entry in waits}):
        app.configure_task("visits.judge_again", lock=f"detainee-{detainee_id}").defer(detainee_id=detainee_id)


def _open(visit: Visit, cause: Cause, fate: Fate, now: datetime) -> int | None:
    return open_review(
        cause=cause,
        subject=subject_of(visit),
        establishment_id=visit.slot.wing.establishment_id,
        deadline=fate.deadline or now,
        told=Told.TO_BE_CONFIRMED,
        now=now,
    )
