"""Whoever is about to write has the turn of each visitor who comes: the same person is never written twice at once."""

from __future__ import annotations

from functools import partial

import psycopg
import pytest
from django.db import connection

from parloir.establishments.rules import Channel
from parloir.visits.models import Visit
from parloir.visits.operations import Change, accept_offer, change_visit
from parloir.visits.queries.facts import _TURN_OF_VISITORS, usage_around
from tests.factories import NOW
from tests.serving import database_url
from tests.visits.crowd import at_once, granted
from tests.visits.families import Family, slot_in
from tests.visits.locks import LockWatch
from tests.visits.test_worker import is_blocked, until
from tests.visits.waiting_families import cancel, full, offer_reserved, open_offer, wait


def turns_taken():
    """Return the visitors whose turn this transaction has."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT (classid::bigint << 32) + objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted""")
        keys = [key - _TURN_OF_VISITORS for (key,) in cursor.fetchall()]
    return {key for key in keys if 0 < key < 1 << 32}


def visitors_of(*permits):
    return {permit.visitor_id for permit in permits}


@pytest.mark.django_db
def test_booking_has_the_turn_of_everybody_who_comes():
    family = Family()
    child, stays = family.add(), family.add()

    family.book(family.permit, child)

    assert turns_taken() == visitors_of(family.permit, child)
    assert stays.visitor_id not in turns_taken()


@pytest.mark.django_db
def test_confirming_has_it_and_holding_does_not_need_it():
    family = Family()
    family.hold()
    held = turns_taken()

    family.confirm()

    assert (held, turns_taken()) == (set(), visitors_of(family.permit))


@pytest.mark.django_db
def test_changing_has_the_turn_of_those_who_come_now():
    family = Family()
    visit, child = family.book(), family.add()
    change = Change(slot_id=slot_in(family.wing, days=1).pk, permit_ids=frozenset([child.pk, family.permit.pk]))

    change_visit(booker=family.account, visit_id=visit.pk, change=change, channel=Channel.ONLINE, now=NOW)

    assert turns_taken() == visitors_of(family.permit, child)


@pytest.mark.django_db
def test_accepting_an_offer_has_it():
    (owner,) = full()
    waiting = Family(slot=owner.slot)
    wait(waiting)
    cancel(owner)
    offer_reserved()

    watch = LockWatch()
    with connection.execute_wrapper(watch):
        accept_offer(account=waiting.account, offer_id=open_offer().pk, idempotency_key="k", now=NOW)

    assert visitors_of(waiting.permit) <= turns_taken()
    assert watch.found == set()  # the turn before the wait and the offer, as everybody takes them


@pytest.mark.django_db
def test_reading_takes_nobody_s_turn():
    family = Family()

    usage_around(family.slot, detainee_id=family.detainee.pk, permits=[family.permit], now=NOW)

    assert turns_taken() == set()


@pytest.mark.django_db(transaction=True)
def test_a_booking_waits_as_long_as_another_has_the_turn_of_one_who_comes():
    family = Family()
    with psycopg.connect(database_url()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN_OF_VISITORS + family.permit.visitor_id])

        def let_go():
            waited = until(is_blocked)
            booked = Visit.objects.count()
            other.rollback()
            return waited, booked

        outcomes = at_once(partial(family.book), let_go)

    assert outcomes[1] == (True, 0)
    assert len(granted(outcomes)) == 2
    assert Visit.objects.count() == 1
