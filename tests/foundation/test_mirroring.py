"""One style sheet for both directions: sides become starts and ends."""

import pytest

from parloir.foundation.mirroring import mirrored
from parloir.foundation.stylesheet import parsed, written


def turned(css):
    return written(mirrored(parsed(css)))


@pytest.mark.parametrize(
    ("said", "mirrored"),
    [
        ("margin-left:1rem", "margin-inline-start:1rem"),
        ("margin-right:.5rem!important", "margin-inline-end:.5rem!important"),
        ("left:0", "inset-inline-start:0"),
        ("text-align:left", "text-align:start"),
        ("text-align:right!important", "text-align:end!important"),
        ("border-left:4px solid", "border-inline-start:4px solid"),
        ("border-right-color:#000", "border-inline-end-color:#000"),
        ("border-top-left-radius:2px", "border-start-start-radius:2px"),
        ("padding:1px 2px 3px 4px", "padding-block:1px 3px;padding-inline:4px 2px"),
        ("padding:1px 2px 3px 4px!important", "padding-block:1px 3px!important;padding-inline:4px 2px!important"),
        ("margin:0 calc(1px + 2px) 0 auto", "margin-block:0 0;margin-inline:auto calc(1px + 2px)"),
        (
            "border-radius:0 2px 0 0",
            "border-start-start-radius:0;border-start-end-radius:2px;border-end-end-radius:0;border-end-start-radius:0",
        ),
    ],
)
def test_a_side_is_said_by_the_direction_of_the_text(said, mirrored):
    assert turned(f".a{{{said}}}") == f".a{{{mirrored}}}"


@pytest.mark.parametrize(
    "said", ["margin:0 auto", "padding:1px 2px 3px 2px", "border-radius:1px 1px 0 0", "background:left", "--left:1px"]
)
def test_what_is_the_same_both_ways_is_left_alone(said):
    assert turned(f".a{{{said}}}") == f".a{{{said}}}"


def test_rules_inside_other_rules_are_turned_too():
    assert turned("@media print{.a{left:0}}") == "@media print{.a{inset-inline-start:0}}"
