"""What a prison does in the town: days closed, places cut or added, visits under review decided."""

from __future__ import annotations

from datetime import timedelta

from parloir.review.models import Entry
from parloir.timetable.models import Closure
from parloir.visits.models import Visit
from parloir.visits.operations import (
    cancel_reviewed_visit,
    change_capacity,
    close_days,
    decide_overdue_reviews,
    judge_again,
    keep_reviewed_visit,
    reopen_days,
)
from parloir.visits.rules import CapacityChoice
from tests.visits.town import AGENT, deed
from tests.visits.town_register import to_hospital


@deed
def close(town, chance, now):
    wing = chance.choice(town.wings)
    since = now.date() + timedelta(days=chance.randint(0, 8))
    until = since + timedelta(days=chance.randint(0, 1))
    return close_days(wing_id=wing.pk, since=since, until=until, actor=AGENT, now=now)


@deed
def reopen(town, chance, now):
    closures = list(Closure.objects.filter(reopened_at__isnull=True).order_by("pk").values_list("pk", flat=True))
    if not closures:
        return None
    return reopen_days(closure_id=chance.choice(closures), actor=AGENT, now=now)


@deed
def cut_or_add_places(town, chance, now):
    slots = town.slots(now)
    if not slots:
        return None
    return change_capacity(
        slot_id=chance.choice([slot for slot in slots if slot.taken] or slots).pk,
        capacity=chance.randint(1, 3),
        choice=chance.choice(list(CapacityChoice)),
        reason="Travaux",
        actor=AGENT,
        now=now,
    )


@deed
def decide_a_review(town, chance, now):
    """Of a visit that waits for it: when none does, somebody is taken to hospital first; else of another, refused."""
    booked = Visit.objects.filter(status="booked").order_by("-pk")
    to_come = list(booked.filter(during__startswith__gt=now).select_related("detainee"))
    if to_come and not _under_review():
        to_hospital(town, chance.choice(to_come).detainee, now)
    visits = list(booked.filter(pk__in=_under_review())) or list(booked[:12])
    if not visits:
        return None
    decide = chance.choice([keep_reviewed_visit, cancel_reviewed_visit])
    return decide(visit_id=chance.choice(visits).pk, actor=AGENT, now=now)


def _under_review():
    """Return the ids of the visits that wait for a decision."""
    waiting = Entry.objects.filter(subject_kind="visit", closed_at__isnull=True)
    return list(waiting.values_list("subject_id", flat=True))


@deed
def do_the_jobs_of_reviews(town, chance, now):
    judge_again(detainee_ids=[chance.choice(town.detainees).pk], now=now)
    return decide_overdue_reviews(now=now)
