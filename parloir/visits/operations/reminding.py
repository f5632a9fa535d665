"""Have families reminded the day before, at an hour of the prison's own clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from procrastinate.contrib.django import app

from parloir.journal.operations import Act, Actor, record
from parloir.notifications.nights import MORNING, NIGHT_BEGINS, SPREAD_SECONDS, SPREAD_STEP
from parloir.people.rules import NOON
from parloir.visits.models import Reminder, Visit
from parloir.visits.operations.telling import lock_of_messages
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from datetime import datetime

    from parloir.people.models import Account

_AT_ONCE = 1000
_DAY = timedelta(days=1)

# The hour is read on each prison's clock, so the database turns it into an instant with the zone's own rules: the
# night the clocks change, and nineteen hours apart overseas. Whoever booked after that hour has just been told. By
# night only those of a morning are planned, as reminder_waits_until says of one message.
_DUE = """
    WITH due AS (
        SELECT v.id AS visit_id, v.slot_id, v.trip_id
        FROM visits_visit v
        JOIN timetable_slot s ON s.id = v.slot_id
        JOIN establishments_wing w ON w.id = s.wing_id
        JOIN establishments_establishment e ON e.id = w.establishment_id
        CROSS JOIN LATERAL (
            SELECT (s.local_date - 1 + make_time(%(hour)s::int, 0, 0)) AT TIME ZONE e.time_zone AS at
        ) remind
        CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE e.time_zone)::time AS clock) place
        WHERE v.status = 'booked' AND v.local_date BETWEEN %(first)s::date AND %(last)s::date
        AND s.starts_at > %(now)s::timestamptz AND remind.at <= %(now)s::timestamptz AND v.booked_at < remind.at
        AND ((s.starts_at AT TIME ZONE e.time_zone)::time < %(noon)s::time
            OR place.clock >= %(morning)s::time + (v.id * %(step)s::bigint %% %(spread)s::bigint) * interval '1 second'
            AND place.clock < %(night)s::time)
        AND NOT EXISTS (SELECT FROM visits_reminder r WHERE r.visit_id = v.id AND r.slot_id = v.slot_id)
        ORDER BY v.id LIMIT %(most)s::int
    ), planned AS (
        INSERT INTO visits_reminder (visit_id, slot_id, planned_at)
        SELECT visit_id, slot_id, %(now)s::timestamptz FROM due
        ON CONFLICT DO NOTHING RETURNING visit_id
    )
    SELECT due.visit_id, due.slot_id, due.trip_id FROM due JOIN planned USING (visit_id) ORDER BY due.visit_id
"""

_CLOCK: dict[str, str | int] = {
    "noon": NOON.isoformat(),
    "morning": MORNING.isoformat(),
    "night": NIGHT_BEGINS.isoformat(),
    "step": SPREAD_STEP,
    "spread": SPREAD_SECONDS + 1,
}


def plan_reminders(*, hour: int, now: datetime) -> int:
    """Defer one job for each visit whose time to be reminded of has come, and return how many.

    Each is deferred once for its slot, whoever calls this how often; a worker that was away catches up until the
    visit begins, by night only for the visits of a morning. A thousand at a time, each thousand and its jobs in one
    transaction.
    """
    planned = 0
    while found := _plan_some(hour=hour, now=now):
        planned += found
    return planned


def plan_again(*, visit_id: int, slot_id: int) -> None:
    """Forget that a reminder was planned that night has overtaken: it is planned anew in the morning.

    It does not wait in the queue itself, where all that is told of its visit would wait behind it.
    """
    Reminder.objects.filter(visit=visit_id, slot=slot_id).delete()


@transaction.atomic
def choose_sms(*, booker: Account, visit_id: int, wanted: bool, now: datetime) -> None:
    """Note that the booker of a visit wants an SMS about it, from now on, or no more.

    The consent is of this instant, whenever it was given before: it holds also after all SMS were stopped.

    :raises Visit.DoesNotExist: when it is not one of the booker's that is still to come.
    """
    mine = Visit.objects.filter(booker=booker, status=VisitStatus.BOOKED, slot__starts_at__gt=now)
    visit = mine.select_for_update(of=("self",), no_key=True).get(pk=visit_id)
    if wanted or visit.sms_reminder:
        visit.sms_reminder, visit.sms_agreed_at = wanted, now if wanted else None
        visit.save(update_fields=["sms_reminder", "sms_agreed_at"])
        verb = "visit.sms_asked" if wanted else "visit.sms_stopped"
        record(actor=Actor("account", booker.pk), acts=[Act(verb, "visit", visit.pk)], at=now)


@transaction.atomic
def _plan_some(*, hour: int, now: datetime) -> int:
    # The days on which it can be tomorrow somewhere on Earth.
    days = {"first": now.date() - _DAY, "last": now.date() + 2 * _DAY}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"hour": hour, "now": now, "most": _AT_ONCE, **days, **_CLOCK})
        due = cursor.fetchall()
    job = app.configure_task("visits.remind").job
    jobs = [
        job.evolve(
            lock=lock_of_messages(visit_id=visit_id, trip_id=trip_id),
            task_kwargs={"visit_id": visit_id, "slot_id": slot_id},
        )
        for visit_id, slot_id, trip_id in due
    ]
    if jobs:
        app.job_manager.batch_defer_jobs(jobs)
    return len(jobs)
