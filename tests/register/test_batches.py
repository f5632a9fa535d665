"""Batches that fail, meet each other, or are cut short."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError, InterfaceError, InternalError, OperationalError
from psycopg import errors

from parloir.journal.models import Entry
from parloir.people.models import Detainee, FormerNumber, Visitor
from parloir.people.operations.feed import DetaineeBook
from parloir.permits.models import Permit
from parloir.register import importer
from parloir.visits.operations import receiving
from tests.register.feed import LATER, Feed, as_bytes, counted, detainee, make_prisons, movement, permit, transfer

LONG_AGO = "2020-01-01T08:00:00+01:00"


def national(count=40):
    people = [detainee(committal_number=f"D{n}") for n in range(count)]
    leaves = [permit(number=f"P{n}", committal_number=f"D{n % 7}", visitor={"id": f"V{n % 11}"}) for n in range(count)]
    return [*people, *leaves, *[movement("release", committal_number=f"D{n}") for n in range(5)]]


@pytest.mark.django_db
def test_numbers_passed_on_in_a_ring_go_through_one_by_one(feed):
    told = feed.tell(
        detainee(committal_number="1"),
        detainee(committal_number="2"),
        transfer(committal_number="2", new_committal_number="3"),
        transfer(committal_number="1", new_committal_number="2", at="2026-11-02T08:31:00+01:00"),
    )
    assert told.counts == counted(accepted=4)

    told = feed.tell(
        transfer(committal_number="3", new_committal_number="4", at="2026-11-02T08:32:00+01:00"),
        transfer(committal_number="2", new_committal_number="3", at="2026-11-02T08:33:00+01:00"),
        detainee(committal_number="2", at="2026-11-02T08:34:00+01:00", birth_name="AUTRE"),
    )
    assert told.counts == counted(accepted=3)
    assert dict(Detainee.objects.order_by("pk").values_list("committal_number", "birth_name")) == {
        "3": "MARTIN",
        "4": "MARTIN",
        "2": "AUTRE",
    }
    assert FormerNumber.objects.count() == 4


@pytest.mark.django_db
def test_a_line_that_the_database_refuses_is_rejected_alone(feed, monkeypatch):
    receive = importer.receive_register_lines

    def refusing(*, lines, now):
        with transaction.atomic():
            fates = receive(lines=lines, now=now)
            if Detainee.objects.filter(committal_number="D3").exists():
                raise IntegrityError
            return fates

    monkeypatch.setattr(importer, "receive_register_lines", refusing)

    told = feed.tell(*(detainee(committal_number=f"D{n}") for n in range(6)))

    assert (told.counts, told.rejected) == (counted(accepted=5, rejected=1), [(4, "conflict", "")])
    assert set(Detainee.objects.values_list("committal_number", flat=True)) == {"D0", "D1", "D2", "D4", "D5"}
    assert Entry.objects.count() == 5


@pytest.mark.django_db
def test_whatever_a_line_raises_is_its_own_rejection_and_the_others_go_on(feed, monkeypatch, caplog):
    apply = DetaineeBook.apply_detainee

    def failing(book, line, *, now):
        if line.civil.birth_name == "SECRET":
            raise ZeroDivisionError(line.civil.birth_name)
        return apply(book, line, now=now)

    monkeypatch.setattr(DetaineeBook, "apply_detainee", failing)
    lines = [detainee(committal_number=f"D{n}", birth_name="SECRET" if n in {3, 8} else "MARTIN") for n in range(12)]

    told = feed.tell(*lines, permit(committal_number="D11"))

    assert told.counts == counted(accepted=11, rejected=2)
    assert told.rejected == [(4, "internal", ""), (9, "internal", "")]
    assert Detainee.objects.count() == 10
    said = [record.msg for record in caplog.records if record.name == "parloir.register"]
    assert [(one["line"], one["error"]) for one in said] == [(4, "ZeroDivisionError"), (9, "ZeroDivisionError")]
    assert "SECRET" not in caplog.text


@pytest.mark.django_db
def test_a_line_that_cannot_even_be_read_is_its_own_rejection(feed, monkeypatch):
    read = importer.read_line

    def failing(raw, *, now):
        if b"SECRET" in raw:
            raise RecursionError
        return read(raw, now=now)

    monkeypatch.setattr(importer, "read_line", failing)

    told = feed.tell(detainee(birth_name="SECRET"), detainee())

    assert (told.counts, told.rejected) == (counted(accepted=1, rejected=1), [(1, "internal", "")])


@pytest.mark.django_db
@pytest.mark.parametrize("cause", [errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled])
def test_a_line_whose_person_others_never_let_go_is_left_for_the_next_run(feed, monkeypatch, cause):
    receive = importer.receive_register_lines

    def refusing(*, lines, now):
        if any(line.committal_number == "D1" for line in lines):
            raise OperationalError from cause()
        return receive(lines=lines, now=now)

    monkeypatch.setattr(importer, "receive_register_lines", refusing)
    monkeypatch.setattr(importer.time, "sleep", lambda _seconds: None)
    lines = [detainee(committal_number=f"D{n}") for n in range(3)]

    assert feed.tell(*lines).rejected == [(2, "internal", "")]
    monkeypatch.setattr(importer, "receive_register_lines", receive)
    assert feed.tell(*lines).counts == counted(accepted=1, repeated=2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OperationalError, errors.AdminShutdown),
        (OperationalError, errors.DiskFull),
        (InterfaceError, None),
        (InternalError, errors.ReadOnlySqlTransaction),
    ],
)
def test_a_database_that_is_away_is_no_fault_of_the_lines(feed, monkeypatch, error, cause):
    def failing(**_given):
        raise error from (cause() if cause else None)

    monkeypatch.setattr(importer, "receive_register_lines", failing)

    with pytest.raises(error):
        feed.tell(detainee(), detainee(committal_number="2"))
    assert feed.rejected() == []


@pytest.mark.django_db
def test_a_deadlock_is_tried_again(feed, monkeypatch):
    receive, tries = importer.receive_register_lines, []

    def unlucky(*, lines, now):
        tries.append(len(lines))
        if len(tries) < 3:
            raise OperationalError from errors.DeadlockDetected()
        return receive(lines=lines, now=now)

    monkeypatch.setattr(importer, "receive_register_lines", unlucky)
    monkeypatch.setattr(importer.time, "sleep", lambda _seconds: None)

    assert feed.tell(detainee(), permit()).counts == counted(accepted=2)
    assert tries == [2, 2, 2]


@pytest.mark.django_db
def test_a_database_that_gives_up_stops_the_import_and_the_next_run_completes_it(feed, monkeypatch):
    lines = national()
    receive, done = importer.receive_register_lines, []

    def dying(*, lines, now):
        if len(done) == 3:
            raise OperationalError from errors.AdminShutdown()
        done.append(lines)
        return receive(lines=lines, now=now)

    monkeypatch.setattr(importer, "BATCH", 10)
    monkeypatch.setattr(importer, "receive_register_lines", dying)
    with pytest.raises(OperationalError):
        feed.tell(*lines)
    assert Detainee.objects.count() == 30

    monkeypatch.setattr(importer, "receive_register_lines", receive)
    assert feed.tell(*lines).counts == counted(accepted=len(lines) - 30, repeated=30)
    assert Detainee.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_accept_each_line_once(tmp_path, monkeypatch):
    make_prisons()
    monkeypatch.setattr(importer, "BATCH", 7)
    lines = national()
    told = {}

    def run(name, order):
        (tmp_path / name).mkdir()
        try:
            told[name] = Feed(tmp_path / name).tell(*order)
        finally:
            connection.close()

    others = [*lines[20:40], *lines[:20], *lines[40:]]
    threads = [threading.Thread(target=run, args=args) for args in (("a", lines), ("b", others))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [outcome.rejected for outcome in told.values()] == [[], []]
    assert Entry.objects.count() == len(lines)
    assert (Detainee.objects.count(), Permit.objects.count(), Visitor.objects.count()) == (40, 40, 11)
    accepted = sum(int(outcome.counts.split("accepted=")[1].split()[0]) for outcome in told.values())
    assert accepted == len(lines)


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_for_a_booking_that_holds_the_person(tmp_path):
    make_prisons()
    feed = Feed(tmp_path)
    feed.tell(detainee())
    held, freed, told = threading.Event(), threading.Event(), []

    def family():
        with transaction.atomic():
            Detainee.objects.select_for_update(no_key=True).get()
            held.set()
            freed.wait(10)
        connection.close()

    def register():
        told.append(feed.tell(detainee(at=LATER, category="condamne")).counts)
        connection.close()

    booking, importing = threading.Thread(target=family), threading.Thread(target=register)
    booking.start()
    held.wait(10)
    importing.start()
    importing.join(0.3)
    assert told == []
    freed.set()
    importing.join(10)
    booking.join(10)

    assert told == [counted(accepted=1)]
    assert Detainee.objects.get().category == "condamne"


@pytest.mark.django_db(transaction=True)
def test_an_import_killed_in_the_middle_is_completed_by_the_next(feed):
    people = [detainee(committal_number=f"D{n}", at=LONG_AGO) for n in range(2500)]
    feed.path.write_bytes(as_bytes(people))
    command = [sys.executable, "manage.py", "import_register", str(feed.path)]

    with subprocess.Popen(command, cwd=settings.ROOT, env=os.environ | {"DATABASE_URL": address()}) as running:
        wait_until(Detainee.objects.exists)
        running.kill()
    wait_for_turn()
    done = Detainee.objects.count()

    assert 0 < done < len(people)
    assert done % importer.BATCH == 0
    assert Entry.objects.count() == done
    assert feed.tell(*people).counts == counted(accepted=len(people) - done, repeated=done)


def wait_for_turn():
    """Wait until the database has noticed that an import was killed: it may be writing a last batch."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [receiving._TURN])


def address():
    """Return the address of the tests' database, for another process."""
    told = connection.settings_dict
    user, password, name = (quote(told[key], safe="") for key in ("USER", "PASSWORD", "NAME"))
    where = urlencode({"host": told["HOST"], "port": told["PORT"]})
    return f"postgresql://{user}:{password}@/{name}?{where}"


def wait_until(happened, seconds=120):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)
