"""Make slots from the timetable, and let unsold ones follow it. Sold ones belong to ``visits.operations``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from itertools import batched
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F

from parloir.establishments.models import BookingPolicy
from parloir.journal.operations import Act, record
from parloir.timetable.models import Closure, Session, Slot
from parloir.timetable.public_holidays import is_public_holiday
from parloir.timetable.rules import HORIZON_DAYS, ClosedDays, WeeklySession, dated_slots

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime

    from parloir.journal.operations import Actor
    from parloir.timetable.rules import DatedSlot


@dataclass(frozen=True, kw_only=True)
class Made:
    """What became of slots: ``withdrawn`` ones once had visits and stay with no place; ``kept`` ones are sold.

    A kept slot differs from the timetable: people hold places in it, so it waits for a decision on visits.
    """

    created: int = 0
    updated: int = 0
    removed: int = 0
    withdrawn: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """What is compared between the timetable and a slot; the key is (wing, kind, starts_at)."""

    session_id: int | None
    local_date: date
    ends_at: datetime
    capacity: int
    accessible_capacity: int
    fictional: bool


type _Key = tuple[int, str, datetime]


@transaction.atomic
def make_slots(*, now: datetime, days: int = HORIZON_DAYS, wing_ids: Collection[int] | None = None) -> Made:
    """Bring the slots of the days to come to what the weekly sessions say; done twice, it changes nothing.

    Days run from today to today + ``days``, each in the prison's own zone. Only slots to come that nobody
    holds a place in are changed or removed; a slot that somebody is booking this instant is left for the next
    time. Of all wings, or of those named.
    """
    with connection.cursor() as cursor:
        # In turn: what one run reads is never older than what another has just written.
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_TURN])
    wanted = _wanted(_sessions_by_zone(wing_ids), _closed(wing_ids), now=now, days=days)
    existing = _existing(now=now, days=days, wing_ids=wing_ids)
    by_hand = _set_by_hand(now=now, wing_ids=wing_ids)
    stale = {
        pk: wanted.get(key)
        for key, (pk, row, _taken) in existing.items()
        # A slot without a session was not made from the timetable: it is somebody's exception, and stays.
        if wanted.get(key) != row and (pk not in by_hand if key in wanted else row.session_id is not None)
    }
    sold = {pk for pk, _row, taken in existing.values() if taken}
    free = _lock_unsold(stale.keys() - sold)
    updated = _update({pk: row for pk, row in stale.items() if row is not None and pk in free})
    removed, withdrawn = _remove([pk for pk, row in stale.items() if row is None and pk in free])
    created = _create({key: row for key, row in wanted.items() if key not in existing})
    return Made(created=created, updated=updated, removed=removed, withdrawn=withdrawn, kept=len(stale.keys() & sold))


@transaction.atomic
def add_sessions(*, sessions: Sequence[WeeklySession], actor: Actor, now: datetime) -> int:
    """Add weekly sessions to the timetable and return how many; their ids are the database's to give.

    Slots come with the next :func:`make_slots`.

    :raises IntegrityError: when a session is already listed for the same wing, kind, time and days.
    """
    rows = [Session(**{name: value for name, value in asdict(s).items() if name != "id"}) for s in sessions]
    Session.objects.bulk_create(rows, batch_size=_BATCH)
    wings = Counter(row.wing_id for row in rows)
    acts = [Act("sessions.added", "wing", wing_id, {"sessions": n}) for wing_id, n in wings.items()]
    record(actor=actor, acts=acts, at=now)
    return len(rows)


@transaction.atomic
def change_session(
    *, session_id: int, capacity: int, duration_minutes: int, actor: Actor, now: datetime, days: int = HORIZON_DAYS
) -> Made:
    """Give a weekly session other places or another duration; unsold slots follow at once.

    :raises Session.DoesNotExist: when there is no such session.
    """
    session = Session.objects.select_for_update(no_key=True).get(id=session_id)
    session.capacity, session.duration_minutes = capacity, duration_minutes
    session.save(update_fields=["capacity", "duration_minutes"])
    detail: dict[str, str | int | None] = {"capacity": capacity, "duration_minutes": duration_minutes}
    record(actor=actor, acts=[Act("session.changed", "session", session.pk, detail)], at=now)
    return make_slots(now=now, days=days, wing_ids=[session.wing_id])


@transaction.atomic
def close_days(
    *, wing_id: int, since: date, until: date, session_id: int | None = None, actor: Actor, now: datetime
) -> Closure:
    """Close a wing, or one weekly session, on local days, both included; unsold slots go at once.

    Sold ones stay: only ``visits.operations`` ends visits, and calls this.

    :raises ValueError: when the last day precedes the first.
    """
    if until < since:
        raise ValueError("a closure cannot end before it begins")
    closure = Closure.objects.create(wing_id=wing_id, session_id=session_id, since=since, until=until, closed_at=now)
    detail: dict[str, str | int | None] = {
        "since": since.isoformat(),
        "until": until.isoformat(),
        "session": session_id,
        "closure": closure.pk,
    }
    record(actor=actor, acts=[Act("days.closed", "wing", wing_id, detail)], at=now)
    make_slots(now=now, wing_ids=[wing_id])
    return closure


@transaction.atomic
def reopen_days(*, closure_id: int, actor: Actor, now: datetime) -> Made:
    """End a closure: the slots of its days to come are made again.

    :raises Closure.DoesNotExist: when there is none, or it was ended already.
    """
    closure = Closure.objects.select_for_update(no_key=True).get(id=closure_id, reopened_at__isnull=True)
    closure.reopened_at = now
    closure.save(update_fields=["reopened_at"])
    detail: dict[str, str | int | None] = {"closure": closure.pk}
    record(actor=actor, acts=[Act("days.reopened", "wing", closure.wing_id, detail)], at=now)
    return make_slots(now=now, wing_ids=[closure.wing_id])


@transaction.atomic
def withdraw_session(*, session_id: int, last_day: date, actor: Actor, now: datetime, days: int = HORIZON_DAYS) -> Made:
    """End a weekly session after a local day, the last on which it happens; unsold later slots go at once.

    :raises Session.DoesNotExist: when there is no such session.
    :raises ValueError: when the last day precedes the session's first.
    """
    session = Session.objects.select_for_update(no_key=True).get(id=session_id)
    if last_day < session.valid_from:
        raise ValueError("a session cannot end before it begins")
    session.valid_until = last_day
    session.save(update_fields=["valid_until"])
    detail: dict[str, str | int | None] = {"last_day": last_day.isoformat()}
    record(actor=actor, acts=[Act("session.withdrawn", "session", session.pk, detail)], at=now)
    return make_slots(now=now, days=days, wing_ids=[session.wing_id])


def _sessions_by_zone(wing_ids: Collection[int] | None) -> dict[ZoneInfo, list[WeeklySession]]:
    """Read the sessions, under the zone in which their times are meant."""
    chosen = Session.objects.annotate(zone=F("wing__establishment__time_zone")).order_by("wing_id", "id")
    if wing_ids is not None:
        chosen = chosen.filter(wing__in=wing_ids)
    by_zone: dict[ZoneInfo, list[WeeklySession]] = {}
    for row in chosen.values(*_SESSION_COLUMNS, "zone"):
        by_zone.setdefault(ZoneInfo(row.pop("zone")), []).append(WeeklySession(**row))
    return by_zone


_SESSION_COLUMNS = tuple(WeeklySession.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class _Closed:
    """What keeps sessions from happening: closures, and public holidays where a wing closes them."""

    closures: dict[int, list[ClosedDays]]
    holidays: dict[int, str]

    def concerns(self, slot: DatedSlot) -> bool:
        wing_id = slot.session.wing_id
        if any(days.concerns(slot.session, slot.local_date) for days in self.closures.get(wing_id, ())):
            return True
        insee = self.holidays.get(wing_id)
        return insee is not None and is_public_holiday(slot.local_date, insee=insee)


def _closed(wing_ids: Collection[int] | None) -> _Closed:
    """Read what closes the wings: the INSEE code of those that close on public holidays among it."""
    closures = Closure.objects.filter(reopened_at__isnull=True)
    policies = BookingPolicy.objects.filter(closed_on_public_holidays=True)
    if wing_ids is not None:
        closures, policies = closures.filter(wing__in=wing_ids), policies.filter(wing__in=wing_ids)
    by_wing: dict[int, list[ClosedDays]] = {}
    for wing_id, session_id, since, until in closures.values_list("wing_id", "session_id", "since", "until"):
        by_wing.setdefault(wing_id, []).append(ClosedDays(wing_id, session_id, since, until))
    return _Closed(by_wing, dict(policies.values_list("wing_id", "wing__establishment__insee")))


def _wanted(
    by_zone: dict[ZoneInfo, list[WeeklySession]], closed: _Closed, *, now: datetime, days: int
) -> dict[_Key, _Row]:
    """Return the slots to come as the timetable wants them."""
    wanted: dict[_Key, _Row] = {}
    for zone, sessions in by_zone.items():
        today = now.astimezone(zone).date()
        for slot in dated_slots(sessions, first=today, last=today + timedelta(days=days), zone=zone):
            if slot.starts_at > now and not closed.concerns(slot):
                # Two sessions can meet at one instant in the night that skips an hour: the first keeps it.
                wanted.setdefault((slot.session.wing_id, slot.session.kind, slot.starts_at), _row(slot))
    return wanted


def _row(slot: DatedSlot) -> _Row:
    session = slot.session
    return _Row(
        session.id, slot.local_date, slot.ends_at, session.capacity, session.accessible_capacity, session.fictional
    )


def _existing(*, now: datetime, days: int, wing_ids: Collection[int] | None) -> dict[_Key, tuple[int, _Row, int]]:
    """Return the slots of the same days as they are, with their ids and how many places are taken."""
    chosen = Slot.objects.filter(starts_at__gt=now)
    if wing_ids is not None:
        chosen = chosen.filter(wing__in=wing_ids)
    last: dict[str, date] = {
        zone: now.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
        for zone in chosen.values_list("wing__establishment__time_zone", flat=True).distinct()
    }
    columns = ("wing_id", "kind", "starts_at", "id", "taken", "session_id", "local_date", "ends_at", "capacity")
    return {
        (wing, kind, starts_at): (pk, _Row(session, day, *rest), taken)
        for zone, wing, kind, starts_at, pk, taken, session, day, *rest in chosen.values_list(
            "wing__establishment__time_zone", *columns, "accessible_capacity", "fictional"
        )
        if day <= last[zone]
    }


def _set_by_hand(*, now: datetime, wing_ids: Collection[int] | None) -> set[int]:
    """Return the slots whose places somebody decided one by one: they no longer follow their session's."""
    chosen = Slot.objects.filter(starts_at__gt=now, set_by_hand=True)
    if wing_ids is not None:
        chosen = chosen.filter(wing__in=wing_ids)
    return set(chosen.values_list("id", flat=True))


def _lock_unsold(ids: Iterable[int]) -> set[int]:
    """Lock the slots that are still unsold. One that is locked is being sold: it is passed over."""
    locked: set[int] = set()
    for some in batched(sorted(ids), _BATCH, strict=False):
        unsold = Slot.objects.filter(id__in=some, taken=0).order_by("id").select_for_update(skip_locked=True)
        locked.update(unsold.values_list("id", flat=True))
    return locked


def _update(rows: dict[int, _Row]) -> int:
    """Bring locked, unsold slots to what the timetable says."""
    columns = [field.name for field in fields(_Row)]
    slots = [Slot(id=pk, **{name: getattr(row, name) for name in columns}) for pk, row in rows.items()]
    return Slot.objects.bulk_update(slots, columns, batch_size=_BATCH)


def _remove(ids: list[int]) -> tuple[int, int]:
    """Remove locked, unsold slots; those that anything else names keep their row and lose their places.

    A visit once cancelled names its slot, and so does a choice that outlived its place. To delete what names
    a slot would be to wait, the slot locked, for a family that confirms its choice and waits for the slot.
    """
    named: set[int] = set()
    for some in batched(ids, _BATCH, strict=False):
        named_here = _named(some)
        Slot.objects.filter(id__in=set(some) - named_here).delete()
        named |= named_here
    withdrawn = Slot.objects.filter(id__in=named, capacity__gt=0).update(
        capacity=0, accessible_capacity=0, set_by_hand=False
    )
    return len(ids) - len(named), withdrawn


def _named(ids: Collection[int]) -> set[int]:
    """Return which slots other rows name: the apps above are known here by nothing but their relation."""
    named: set[int] = set()
    for relation in Slot._meta.related_objects:  # noqa: SLF001 - documented by Django
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": ids})  # noqa: SLF001
        named.update(rows.values_list(relation.field.name, flat=True))
    return named


_TURN = 7_210_002
"""The advisory lock by which runs that make slots take turns."""


_BATCH = 2000
"""How many slots one statement names: each is a parameter or several, and a statement takes 65,535."""

_INSERT = """
INSERT INTO timetable_slot
    (wing_id, kind, starts_at, session_id, local_date, ends_at, capacity, accessible_capacity, fictional,
     taken, overbooked, accessible_taken)
SELECT wing_id, kind, starts_at, session_id, local_date, ends_at, capacity, accessible_capacity, fictional, 0, 0, 0
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::bigint[], %s::date[], %s::timestamptz[],
            %s::int[], %s::int[], %s::bool[])
    AS row (wing_id, kind, starts_at, session_id, local_date, ends_at, capacity, accessible_capacity, fictional)
ON CONFLICT (wing_id, kind, starts_at) DO NOTHING
"""


def _create(rows: dict[_Key, _Row]) -> int:
    """Insert slots in one statement; another run that made some of them first is no fault."""
    if not rows:
        return 0
    columns = zip(
        *(
            (*key, row.session_id, row.local_date, row.ends_at, row.capacity, row.accessible_capacity, row.fictional)
            for key, row in sorted(rows.items(), key=lambda item: item[0])
        ),
        strict=True,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [list(column) for column in columns])
        return int(cursor.rowcount)
