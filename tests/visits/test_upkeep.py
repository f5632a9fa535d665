"""What is kept true by itself: each operation is a job of its own, and one that fails starves no other."""

from __future__ import annotations

import ast
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from procrastinate.contrib.django import app

from parloir.visits.models import Hold
from parloir.visits.operations import expire_offers, free_expired_holds, offering, sweeping
from parloir.visits.tasks.upkeep import EVERY_MINUTE
from tests.factories import NOW, PolicyFactory
from tests.visits.families import Family, broken, slot_in
from tests.visits.waiting_families import cancel, full, offer_reserved, states, wait

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=13)


class Broken(RuntimeError):
    """What somebody's row does to an operation."""


def failing_for(real, *, first):
    """Return an operation that fails for the first thing that it is asked to do."""
    asked = []

    def sometimes(*args, **how):
        asked.append(how)
        if first(asked):
            raise Broken
        return real(*args, **how)

    return sometimes


def the_first(asked):
    return len(asked) == 1


def periodic_jobs():
    """Return the bodies of all jobs that come round by themselves."""
    for path in sorted((settings.ROOT / "parloir").rglob("*.py")):
        if "tasks" not in path.as_posix():
            continue
        module = ast.parse(path.read_text())
        operations = {
            name.asname or name.name
            for node in ast.walk(module)
            if isinstance(node, ast.ImportFrom) and ".operations" in (node.module or "")
            for name in node.names
        }
        for node in ast.walk(module):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and any("periodic" in ast.unparse(decorator) for decorator in node.decorator_list):
                called = {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
                yield f"{path.stem}.{node.name}", called & operations


def test_no_job_that_comes_round_does_more_than_one_thing():
    jobs = dict(periodic_jobs())

    assert len(jobs) >= 9
    assert {name: done for name, done in jobs.items() if len(done) > 1} == {}


def test_each_upkeep_of_every_minute_is_a_job_of_its_own():
    names = {f"visits.{operation.__name__}" for operation in EVERY_MINUTE}
    periodic = app.periodic_registry.periodic_tasks.values()
    every_minute = {job.task.name for job in periodic if job.cron == "* * * * *"}

    assert len(names) == len(EVERY_MINUTE) == 9
    assert names <= every_minute
    assert {app.tasks[name].queueing_lock for name in names} == names


def test_every_minute_a_place_held_too_long_is_free():
    Family().hold()

    with time_machine.travel(LATER, tick=False):
        app.tasks["visits.free_expired_holds"].func(timestamp=0)

    assert Hold.objects.get().held is False


def test_a_slot_that_cannot_be_freed_leaves_the_others_their_turn(monkeypatch):
    wing = PolicyFactory().wing
    for days in range(3):
        Family(slot=slot_in(wing, days=days)).hold()
    monkeypatch.setattr(sweeping, "lapse_expired_holds", failing_for(sweeping.lapse_expired_holds, first=the_first))

    with pytest.raises(ExceptionGroup) as failed:
        free_expired_holds(now=LATER)

    assert [type(error) for error in failed.value.exceptions] == [Broken]
    assert sorted(Hold.objects.order_by("slot_id").values_list("held", flat=True)) == [False, False, True]
    assert broken(LATER) == set()


def test_an_offer_that_cannot_pass_on_leaves_the_others_their_turn(monkeypatch):
    owners = full(capacity=2)
    for owner in owners:
        wait(Family(slot=owner.slot))
    for owner in owners:
        cancel(owner)
    offer_reserved()
    monkeypatch.setattr(offering, "_expire", failing_for(offering._expire, first=the_first))

    with pytest.raises(ExceptionGroup):
        expire_offers(now=LATER)

    assert sorted(states()) == ["expired", "open"]
