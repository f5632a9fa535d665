"""An SMS is counted as the network counts it, and kept in one."""

from __future__ import annotations

import pytest

from parloir.notifications.texts import in_one_sms, plain, signs, sms_needed


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Rendez-vous à 14 h", 18),
        ("é è à ù ì ò", 11),
        ("5 €", 4),
        ("[x]", 5),
        ("août", 4),
        ("🙂", 2),
        ("موعد", 4),
    ],
)
def test_signs_are_counted_as_the_network_does(text, count):
    assert signs(text) == count


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ê" * 70, 1),
        ("ê" * 71, 2),
        ("ê" * 135, 3),
    ],
)
def test_one_letter_outside_the_alphabet_leaves_seventy_signs(text, parts):
    assert sms_needed(text) == parts


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1er août à 14\u202fh\u00a000", "1er aout à 14 h 00"),
        ("l’hôtel « Été » – ça coûte cher…", 'l\'hotel " Été " - ca coute cher...'),
        ("Œuf, cœur, naïf, Noël", "OEuf, coeur, naif, Noel"),
        ("février à décembre", "février à décembre"),
        ("موعد", "موعد"),
    ],
)
def test_letters_outside_the_alphabet_are_written_plainly(text, written):
    assert plain(text) == written


def test_what_is_welcome_is_said_only_while_one_sms_holds_it():
    needed, end = ["a" * 100], ["b" * 30]

    assert in_one_sms(needed=needed, welcome=["c" * 28], end=end) == f"{'a' * 100} {'c' * 28} {'b' * 30}"
    assert in_one_sms(needed=needed, welcome=["c" * 29, "d" * 5], end=end) == f"{'a' * 100} {'d' * 5} {'b' * 30}"
    assert in_one_sms(needed=["a" * 150], welcome=["c"], end=["b" * 30]) == f"{'a' * 150} {'b' * 30}"


def test_what_is_empty_leaves_no_gap():
    assert in_one_sms(needed=["a"], welcome=[], end=["", "b"]) == "a b"
