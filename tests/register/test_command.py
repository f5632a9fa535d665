"""The command: its last line, its exit code, and the file beside the feed."""

from __future__ import annotations

import json
import os
import stat

import pytest
from django.core.management import call_command
from django.db import OperationalError

from parloir.people.models import Detainee
from parloir.register import importer
from parloir.register.lines import LONGEST
from tests.register.feed import as_bytes, counted, detainee, make_prisons, permit

pytestmark = pytest.mark.django_db

LONG_AGO = "2020-01-01T08:00:00+01:00"


@pytest.fixture
def run(capsys):
    make_prisons()

    def running(*paths):
        code = 0
        try:
            call_command("import_register", *map(str, paths))
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return code, said.out.splitlines()[-1], said.err

    return running


def write(path, *lines):
    path.write_bytes(as_bytes(lines))
    return path


def test_the_last_line_adds_up_and_the_rejected_lines_are_beside_the_file(run, tmp_path):
    feed = write(tmp_path / "feed.jsonl", detainee(at=LONG_AGO), b"?\n", permit(at=LONG_AGO, number=""))

    assert run(feed) == (0, counted(accepted=1, rejected=2), "")

    beside = tmp_path / "feed.jsonl.rejected.jsonl"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert [json.loads(line) for line in beside.read_text().splitlines()] == [
        {"line": 2, "reason": "bad_json", "detail": "not JSON"},
        {"line": 3, "reason": "bad_value", "detail": "number"},
    ]


def test_the_rejected_file_is_always_rewritten_and_private(run, tmp_path):
    feed, elsewhere = write(tmp_path / "feed.jsonl", detainee(at=LONG_AGO)), tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    beside = tmp_path / "feed.jsonl.rejected.jsonl"
    beside.write_text("old")
    beside.chmod(0o644)
    umask = os.umask(0o277)
    try:
        assert run(feed)[0] == 0
    finally:
        os.umask(umask)
    assert (beside.read_text(), stat.S_IMODE(beside.stat().st_mode)) == ("", 0o600)

    beside.unlink()
    beside.symlink_to(elsewhere)
    assert run(feed) == (0, counted(repeated=1), "")
    assert (beside.is_symlink(), elsewhere.read_text()) == (False, "precious")


def test_several_files_each_have_their_rejected_lines_and_one_total(run, tmp_path):
    first = write(tmp_path / "a.jsonl", detainee(at=LONG_AGO), b"?\n")
    second = write(tmp_path / "b.jsonl", permit(at=LONG_AGO), b"\n", b"[]\n")

    assert run(first, second) == (0, counted(accepted=2, rejected=3), "")
    assert [len((tmp_path / f"{name}.jsonl.rejected.jsonl").read_text().splitlines()) for name in "ab"] == [1, 2]


def test_a_file_that_cannot_be_read_is_an_exit_of_one_and_the_others_go_on(run, tmp_path):
    good = write(tmp_path / "good.jsonl", detainee(at=LONG_AGO))
    stale = tmp_path / "missing.jsonl.rejected.jsonl"
    stale.write_text("old")

    code, last, err = run(tmp_path / "missing.jsonl", tmp_path, good)

    assert (code, last) == (1, counted(accepted=1))
    assert "missing.jsonl" in err
    assert stale.read_text() == ""
    assert not (tmp_path.parent / f"{tmp_path.name}.rejected.jsonl").exists()


def test_a_pipe_is_not_waited_for(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")

    assert run(tmp_path / "pipe")[:2] == (1, counted())
    assert run(".", "/")[:2] == (1, counted())


def test_a_database_that_gives_up_is_said_without_its_words(run, tmp_path, monkeypatch):
    def failing(**_given):
        raise OperationalError("Key (committal_number)=(123456)")

    monkeypatch.setattr(importer, "receive_register_lines", failing)
    feed = write(tmp_path / "feed.jsonl", detainee(at=LONG_AGO))

    code, last, err = run(feed)

    assert (code, last) == (1, counted())
    assert "run it again" in err
    assert "123456" not in err


def test_no_value_of_a_rejected_line_is_written_anywhere(run, tmp_path):
    secret = "MARTINEAU"
    lines = [detainee(at=LONG_AGO, **{key: {secret: secret}}) for key in detainee() if key not in {"type", "at"}]
    lines += [permit(at=LONG_AGO, visitor={key: [{secret: secret}]}) for key in permit()["visitor"]]
    lines += [detainee(at=secret), detainee(type=secret), detainee(**{secret: secret}), detainee(establishment=secret)]
    feed = write(tmp_path / "feed.jsonl", *lines, f'{{"{secret}"'.encode())

    code, last, err = run(feed)

    assert (code, last) == (0, counted(rejected=len(lines) + 1))
    assert secret not in err + (tmp_path / "feed.jsonl.rejected.jsonl").read_text()


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\n\n", b""])
def test_lines_end_as_they_end_everywhere(run, tmp_path, ending):
    body = as_bytes([detainee(at=LONG_AGO), detainee(at=LONG_AGO, committal_number="2")])
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(body.replace(b"\n", ending).rstrip(b"\n") if ending else body.rstrip(b"\n"))

    # An empty line is a line, and no object.
    expected = counted(accepted=2, rejected=1) if ending == b"\n\n" else counted(accepted=2)
    assert run(feed)[:2] == (0, expected)


def test_an_empty_file_is_read_through(run, tmp_path):
    assert run(write(tmp_path / "feed.jsonl")) == (0, counted(), "")


MARK = b"\xef\xbb\xbf"


def test_files_that_were_joined_may_each_begin_with_a_byte_order_mark(run, tmp_path):
    first, second = (MARK + as_bytes([detainee(at=LONG_AGO, committal_number=number)]) for number in "12")
    empty = MARK

    assert run(write(tmp_path / "feed.jsonl", first, empty, second, empty))[:2] == (0, counted(accepted=2))


def test_a_byte_order_mark_inside_a_line_is_not_skipped(run, tmp_path):
    feed = write(tmp_path / "feed.jsonl", b" " + MARK + as_bytes([detainee(at=LONG_AGO)]), MARK + b"\n")

    assert run(feed)[:2] == (0, counted(rejected=2))


def test_long_lines_make_short_batches(run, tmp_path, monkeypatch):
    receive, sizes = importer.receive_register_lines, []

    def counting(*, lines, now):
        sizes.append(len(lines))
        return receive(lines=lines, now=now)

    monkeypatch.setattr(importer, "receive_register_lines", counting)
    wide = b" " * 900_000
    crowd = [wide + as_bytes([detainee(at=LONG_AGO, committal_number=f"{n}")]) for n in range(6)]

    assert run(write(tmp_path / "feed.jsonl", *crowd))[1] == counted(accepted=6)
    assert sizes == [5, 1]


def test_a_line_without_end_is_skipped_in_bounded_memory(run, tmp_path):
    endless = b'{"type":"detainee","birth_name":"' + b"A" * (3 * LONGEST + 7) + b'"}\n'
    feed = write(tmp_path / "feed.jsonl", endless, detainee(at=LONG_AGO), b"9" * LONGEST + b"\n", b"1" * 2 * LONGEST)

    assert run(feed)[:2] == (0, counted(accepted=1, rejected=3))
    assert Detainee.objects.count() == 1
