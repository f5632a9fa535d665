"""Judge visits again when the register's news may no longer allow them: some end, some wait for a human."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from parloir.establishments.rules import Channel
from parloir.journal.operations import REGISTER
from parloir.people.rules import Presence
from parloir.visits.models import Allowance, Visit
from parloir.visits.operations.cancelling import drafts_replacing, write_end
from parloir.visits.operations.exchanging import permits_of_visits
from parloir.visits.operations.holding import take_from_drafts
from parloir.visits.operations.letting_go import drafts_to_let_go, let_go_of_offers, let_waits_follow, waits_in_turn
from parloir.visits.operations.places import move_places
from parloir.visits.operations.reviewed import decisions_that_stand, follow_fates
from parloir.visits.queries.facts import booking_facts, detainees_with_restrictions, slot_facts
from parloir.visits.rules import (
    AllowanceKind,
    CancelledBy,
    Code,
    Fate,
    VisitStatus,
    fate_of,
    latest_beyond,
    maximum_after_change,
    reasons_against_visits_left,
    reasons_to_end,
    weekly_maximum,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from django.db.models import QuerySet

    from parloir.establishments.rules import PenalCategory
    from parloir.people.models import Detainee
    from parloir.review.rules import Cause
    from parloir.visits.rules import BookingFacts, PersonFacts


NO_CHANGE: Mapping[int, PenalCategory] = {}
"""Nobody's penal category changes."""


@transaction.atomic
def judge_again(
    *, detainee_ids: Collection[int], categories_before: Mapping[int, PenalCategory] = NO_CHANGE, now: datetime
) -> int:
    """Cancel, or leave to a human, the visits that what is now known of these detained persons no longer allows.

    Returns how many were cancelled.

    Whoever has another permit that serves comes by that one, and nothing changes for them. What can pass is
    cancelled or reviewed as the wing's policy says; a visit whose hindrance has passed is confirmed again. The
    ordinary weekly maximum is judged only of those whose penal category changes, named with the one they had
    (``categories_before``); that of a disciplinary cell always is (R341-3): the latest beyond it are concerned,
    never those that an agent has allowed. Drafts and offers that can no longer be are let go of, and waits follow a
    transfer.

    Places are freed, limited permits get their visit back, each family is told once. Locks the detained
    persons first, as every writer does.
    """
    by_id = {detainee.pk: detainee for detainee in _locked_detainees(detainee_ids, now)}
    visits = _upcoming_visits(by_id, now)
    causes, fates = _judge(visits, by_id, categories_before, now=now) if visits else ({}, {})
    # In the order of locks: drafts, then waits before what is offered to them, then what waits for a human.
    forgotten = set(drafts_to_let_go(by_id, now=now))
    places = take_from_drafts(forget=forgotten, leave=set(drafts_replacing(causes)) - forgotten)
    waits = waits_in_turn(by_id)
    places += let_go_of_offers(by_id, now=now)
    places += let_waits_follow(waits, by_id, lost=causes, now=now)
    if visits:
        follow_fates(fates, ended=causes, now=now)
    if causes:
        places += write_end(causes, by=CancelledBy.REGISTER, give_back=True, actor=REGISTER, now=now)
    move_places(free=places, now=now)
    return len(causes)


def _judge(
    visits: list[Visit], by_id: dict[int, Detainee], categories_before: Mapping[int, PenalCategory], *, now: datetime
) -> tuple[dict[Visit, str], dict[Visit, Fate]]:
    """Return why some of these visits end, and what becomes of the others, written by the permits that serve."""
    decided = decisions_that_stand(visits, by_id)
    permits = permits_of_visits(visits)
    served = permits.that_serve(visits, left={})
    codes = {visit: _codes(visit, served[visit], by_id, now) for visit in visits}

    def fate(visit: Visit) -> Fate:
        return _fate(visit, codes[visit], decided.get(visit.pk, set()), by_id, now)

    def left() -> list[Visit]:
        return [visit for visit in visits if fate(visit).ends is None]

    staying = left()
    counted = permits.visits_left(staying, ending=[visit for visit in visits if visit not in staying])
    served |= permits.that_serve(staying, left=counted)
    codes |= {visit: _codes(visit, served[visit], by_id, now) for visit in staying}
    for visit, code in _beyond_weeks(left(), by_id, categories_before, now=now).items():
        codes[visit].append(code)
    fates = {visit: fate(visit) for visit in visits}
    permits.exchange({visit: served[visit] for visit in left()}, now=now)
    ends = {visit: str(fate.ends) for visit, fate in fates.items() if fate.ends}
    return ends, {visit: fate for visit, fate in fates.items() if not fate.ends}


def _codes(visit: Visit, people: tuple[PersonFacts, ...], by_id: Mapping[int, Detainee], now: datetime) -> list[Code]:
    """Return what stands in the way of a visit to which these people come."""
    facts = _facts(visit, by_id[visit.visited_id], people=people, now=now)
    used_up = (refusal for person in people for refusal in reasons_against_visits_left(person))
    return [reason.code for reason in (*reasons_to_end(facts), *used_up)]


def _fate(
    visit: Visit, codes: list[Code], decided: Collection[Cause], by_id: dict[int, Detainee], now: datetime
) -> Fate:
    policy = by_id[visit.visited_id].wing.policy.as_rules()
    return fate_of(codes, decided=decided, policy=policy, starts_at=visit.slot.starts_at, now=now)


def _locked_detainees(detainee_ids: Collection[int], now: datetime) -> QuerySet[Detainee]:
    return (
        detainees_with_restrictions(since=now.date() - timedelta(days=1))
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=detainee_ids)
        .order_by("pk")
    )


def _upcoming_visits(detainee_ids: Collection[int], now: datetime) -> list[Visit]:
    """Lock the visits that have not begun, the soonest first."""
    visits = (
        Visit.objects.filter(detainee__in=detainee_ids, status=VisitStatus.BOOKED, during__startswith__gt=now)
        .select_related("slot__wing")
        .prefetch_related("attendances__permit__visitor")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return sorted(visits, key=lambda visit: visit.slot.starts_at)


def _facts(visit: Visit, detainee: Detainee, *, people: tuple[PersonFacts, ...] = (), now: datetime) -> BookingFacts:
    """Return a booked visit as the rules read it; an agent's channel, since no window is judged again."""
    return booking_facts(detainee, slot_facts(visit.slot), people=people, channel=Channel.DESK, now=now)


def _beyond_weeks(
    visits: list[Visit], by_id: dict[int, Detainee], categories_before: Mapping[int, PenalCategory], *, now: datetime
) -> dict[Visit, Code]:
    """Return the latest visits of each week beyond its maximum, with the code that says which maximum."""
    weeks = defaultdict(list)
    for visit in visits:
        if visit.visited_id in categories_before or _is_disciplined(by_id[visit.visited_id]):
            weeks[visit.visited_id, visit.week].append(visit)
    if not weeks:
        return {}
    counting = _those_that_count(weeks, now)
    counted = Counter(counting.values_list("detainee_id", "week"))
    granted = _granted(counting, by_id)
    gone: dict[Visit, Code] = {}
    for (detainee_id, week), upcoming in weeks.items():
        detainee, n = by_id[detainee_id], counted[detainee_id, week]
        facts = _facts(upcoming[0], detainee, now=now)
        allowed = {pk for pk, whose in granted.items() if whose == (detainee_id, week)}
        if _is_disciplined(detainee):
            code, maximum = Code.DISCIPLINARY_MAXIMUM, weekly_maximum(facts)
            left = None if maximum is None else maximum + len(allowed)
        else:
            code, before = Code.WEEKLY_MAXIMUM, facts.policy.weekly_maximum(categories_before[detainee_id])
            left = maximum_after_change(before=before, after=weekly_maximum(facts), counted=n, allowed=len(allowed))
        concerned = [visit for visit in upcoming if visit.pk not in allowed]
        gone |= dict.fromkeys(latest_beyond(concerned, counted=n, maximum=left), code)
    return gone


def _is_disciplined(detainee: Detainee) -> bool:
    return detainee.presence == Presence.DISCIPLINARY


def _those_that_count(weeks: Mapping[tuple[int, date], Collection[Visit]], now: datetime) -> QuerySet[Visit]:
    """Return the visits that count in some persons' weeks: those named, still booked, and all that have begun."""
    upcoming = [visit.pk for visits in weeks.values() for visit in visits]
    return Visit.objects.filter(
        Q(during__startswith__lte=now) | Q(pk__in=upcoming),
        ~Q(status=VisitStatus.CANCELLED),
        detainee__in={detainee_id for detainee_id, _ in weeks},
        week__in={week for _, week in weeks},
    )


def _granted(visits: QuerySet[Visit], by_id: Mapping[int, Detainee]) -> dict[int, tuple[int, date]]:
    """Return which of these visits an agent has allowed beyond a maximum, with their persons and weeks.

    In a disciplinary cell only what was granted since the person is there stands.
    """
    allowances = Allowance.objects.filter(visit__in=visits, kind=AllowanceKind.QUOTA)
    granted = {}
    for visit_id, detainee_id, week, at in allowances.values_list(
        "visit_id", "visit__detainee_id", "visit__week", "at"
    ):
        since = by_id[detainee_id].movement_at if _is_disciplined(by_id[detainee_id]) else None
        if since is None or at >= since:
            granted[visit_id] = (detainee_id, week)
    return granted
