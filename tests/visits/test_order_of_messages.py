"""All that is told of the visits of a trip leaves in the order in which it was put off, whatever put it off."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, datetime
from pathlib import Path

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.establishments.rules import Channel
from parloir.journal.operations import Actor
from parloir.visits import tasks
from parloir.visits.models import Visit
from parloir.visits.operations import (
    Change,
    cancel_reviewed_visit,
    cancel_visit,
    change_visit,
    close_days,
    decide_overdue_reviews,
    erase_account,
    judge_again,
    keep_reviewed_visit,
    plan_reminders,
    tell_again_in_full,
    withdraw_myself,
    withdraw_people,
)
from tests.factories import NOW, PolicyFactory
from tests.visits.families import slot_in
from tests.visits.test_messages_changed import Household
from tests.visits.test_messages_trip import book_trip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

AGENT = Actor("staff", 1)
ROOT = Path(__file__).parents[2] / "parloir"


def present(family, presence):
    type(family.detainee).objects.filter(pk=family.detainee.pk).update(presence=presence, movement_at=NOW)
    judge_again(detainee_ids=[family.detainee.pk], now=NOW)


def change(family, visit, **who):
    wish = Change(slot_id=family.later.pk, permit_ids=frozenset([family.permit.pk]))
    change_visit(visit_id=visit.pk, change=wish, now=NOW, **who)


def keep(family, visit):
    present(family, "hospital")
    keep_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)


def refuse(family, visit):
    present(family, "hospital")
    cancel_reviewed_visit(visit_id=visit.pk, actor=AGENT, now=NOW)


def be_back(family, _visit):
    present(family, "hospital")
    present(family, "present")


def wait_too_long(family, _visit):
    present(family, "hospital")
    decide_overdue_reviews(now=datetime(2026, 11, 10, tzinfo=UTC))


WAYS = {
    "changed": (lambda f, v: change(f, v, booker=f.account, channel=Channel.ONLINE), "tell_changed"),
    "changed by an agent": (
        lambda f, v: change(f, v, booker=None, agent=AGENT, channel=Channel.TELEPHONE),
        "tell_changed",
    ),
    "somebody taken out": (
        lambda f, v: withdraw_people(booker=f.account, visit_id=v.pk, permit_ids=[f.mother.pk], now=NOW),
        "tell_changed",
    ),
    "somebody leaves": (lambda f, v: withdraw_myself(account=f.amina, visit_id=v.pk, now=NOW), "tell_changed"),
    "cancelled": (lambda f, v: cancel_visit(booker=f.account, visit_id=v.pk, now=NOW), "tell_cancelled"),
    "cancelled by an agent": (
        lambda _, v: cancel_visit(booker=None, visit_id=v.pk, agent=AGENT, now=NOW),
        "tell_cancelled",
    ),
    "released": (lambda f, _: present(f, "released"), "tell_cancelled"),
    "day closed": (
        lambda f, v: close_days(wing_id=f.wing.pk, since=v.local_date, until=v.local_date, actor=AGENT, now=NOW),
        "tell_cancelled",
    ),
    "space erased": (lambda f, _: erase_account(account=f.account, now=NOW), "tell_cancelled"),
    "to be confirmed": (lambda f, _: present(f, "hospital"), "tell_to_confirm"),
    "kept": (keep, "tell_kept"),
    "refused": (refuse, "tell_cancelled"),
    "back": (be_back, "tell_kept"),
    "never decided": (wait_too_long, "tell_cancelled"),
    "eve": (lambda _f, _v: plan_reminders(hour=18, now=datetime(2026, 11, 11, 17, tzinfo=UTC)), "remind"),
}
"""Each way in which something is put off about a visit, and the job that must be."""


@pytest.mark.parametrize("way", WAYS)
def test_whatever_is_told_of_the_second_visit_of_a_trip_waits_for_the_trips_own_confirmation(way):
    family = Household(wing=PolicyFactory(on_hospital="review").wing)
    first, second = book_trip(family, days=2)
    cause, expected = WAYS[way]
    assert Visit.objects.get(pk=second.pk).trip_id == first.pk

    cause(family, second)

    about = {
        (job.task_name, job.lock) for job in ProcrastinateJob.objects.all() if job.args.get("visit_id") is not None
    }
    assert ("visits.tell_booked", f"visit-{first.pk}") in about
    assert (f"visits.{expected}", f"visit-{first.pk}") in about
    assert {lock for _, lock in about} == {f"visit-{first.pk}"}


def test_a_trip_that_an_address_is_confirmed_after_is_told_in_full_in_its_turn():
    family = Household()
    first, _ = book_trip(family, days=2)

    assert tell_again_in_full(account_id=family.account.pk, confirmed_at=NOW, now=NOW) == 1

    jobs = ProcrastinateJob.objects.filter(task_name="visits.tell_in_full").values_list("lock", "args__visit_id")
    assert list(jobs) == [(f"visit-{first.pk}", first.pk)]


def test_a_visit_by_itself_has_a_lock_of_its_own():
    family = Household()
    visit = family.book()
    other = family.book(slot=slot_in(family.wing, days=1), key="k2")

    assert set(ProcrastinateJob.objects.values_list("lock", flat=True)) == {f"visit-{visit.pk}", f"visit-{other.pk}"}


def test_each_job_about_a_visit_is_put_off_by_one_of_these_ways():
    about = {
        name.removeprefix("visits.")
        for name, task in app.tasks.items()
        if name.startswith("visits.") and "visit_id" in inspect.signature(task.func).parameters
    }

    assert about == {job for _, job in WAYS.values()} | {"tell_booked", "tell_in_full"}
    assert about <= set(vars(tasks))


def test_no_module_writes_such_a_lock_itself():
    writers = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "lock" and "visit-" in ast.unparse(node.value)
    }
    jobs = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and "configure_task" in ast.unparse(node.func)
        and any(keyword.arg == "visit_id" for keyword in node.keywords)
    }

    assert (writers, jobs) == (set(), {"visits/operations/telling.py"})
