"""The engine itself on the national data: statements and milliseconds of hold, choose, confirm, change, cancel."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import timedelta
from statistics import median, quantiles
from typing import TYPE_CHECKING

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from parloir.establishments.rules import Channel
from parloir.permits.models import Registration
from parloir.timetable.models import Slot
from parloir.visits.operations import (
    Change,
    VisitRefused,
    cancel_visit,
    change_visit,
    choose_people,
    confirm_draft,
    extend_hold,
    hold_slots,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.journey import Family
    from parloir.people.models import Account

type Figures = dict[str, list[tuple[int, float]]]


def measure(families: list[Family]) -> list[tuple[str, str]]:
    """Let each family hold a place, keep it longer, say who comes, confirm, change to another slot, and cancel."""
    figures: Figures = defaultdict(list)
    accounts = _accounts(families)
    for family in families:
        now = timezone.now()
        slots = list(
            Slot.objects.filter(wing=family.wing_id, starts_at__gt=now + timedelta(days=3))
            .filter(taken=0, kind="ordinaire")
            .order_by("starts_at")[:2]
        )
        if len(slots) == 2 and slots[0].starts_at < now + timedelta(days=20):
            try:
                _live(family, accounts[family.permit_id], slots, figures)
            except VisitRefused:
                continue
    return [(f"{what}, in process", _spread(times)) for what, times in figures.items()]


def _live(family: Family, account: Account, slots: list[Slot], figures: Figures) -> None:
    now = timezone.now()
    whose = {"account": account, "detainee_id": family.detainee_id, "now": now}
    first, other = (slot.pk for slot in slots)
    permits = [family.permit_id]
    _timed(figures, "hold", lambda: hold_slots(**whose, slot_ids=[first]))  # type: ignore[arg-type]
    _timed(figures, "keep longer", lambda: extend_hold(**whose))  # type: ignore[arg-type]
    _timed(figures, "say who comes", lambda: choose_people(**whose, permit_ids=permits))  # type: ignore[arg-type]
    visit = _timed(
        figures,
        "confirm",
        lambda: confirm_draft(**whose, slot_ids=[first], idempotency_key=f"bench-{now.timestamp()}"),  # type: ignore[arg-type]
    )
    change = Change(slot_id=other, permit_ids=frozenset(permits))
    _timed(
        figures,
        "change of slot",
        lambda: change_visit(booker=account, visit_id=visit.pk, change=change, channel=Channel.ONLINE, now=now),
    )
    _timed(figures, "cancel", lambda: cancel_visit(booker=account, visit_id=visit.pk, now=now))


def _timed[T](figures: Figures, what: str, act: Callable[[], T]) -> T:
    """Do it once and note the time; statements are counted apart, since counting costs time."""
    counting = not figures[what]
    began = time.perf_counter()
    if counting:
        with CaptureQueriesContext(connection) as captured:
            result = act()
        figures[what].append((len(captured), (time.perf_counter() - began) * 1000))
        return result
    result = act()
    figures[what].append((figures[what][0][0], (time.perf_counter() - began) * 1000))
    return result


def _accounts(families: list[Family]) -> dict[int, Account]:
    chosen = Registration.objects.filter(permit__in=[f.permit_id for f in families], account__issuer="bench")
    return {row.permit_id: row.account for row in chosen.select_related("account").order_by("pk")}


def _spread(times: list[tuple[int, float]]) -> str:
    ms = [each for _n, each in times[1:]] or [times[0][1]]
    p95 = quantiles(ms, n=20)[-1] if len(ms) > 1 else ms[0]
    return (
        f"{times[0][0]} statements with BEGIN and COMMIT, p50 {median(ms):.1f} ms, p95 {p95:.1f} ms ({len(ms)} times)"
    )
