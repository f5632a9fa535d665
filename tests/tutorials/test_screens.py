"""The films show the journeys as they are: the same steps, on screens that say the same.

What the screens said when they were filmed is in ``screens/``. A change there means that a film is out of date:
``make tutorials`` records it again and writes these files anew (``ARGS=slug`` for one).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

import pytest
import time_machine

from parloir.content.tutorials import read_recordings, read_tutorials
from tests.tutorials.replay import Reader, family_of_the_films

SCREENS = Path(__file__).parent / "screens"
FILMED = os.environ.get("TUTORIALS_FILMED", "").split()
"""Set by ``make tutorials`` alone: the films that were just recorded, of which the screens are noted."""
SOME_TUESDAY = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
"""Always the same day: a film does not go out of date because time passes."""


@pytest.mark.django_db
def test_each_film_still_shows_the_journey_as_it_is(tmp_path):
    with time_machine.travel(SOME_TUESDAY, tick=False):
        family_of_the_films(tmp_path, now=SOME_TUESDAY)
        reader = Reader(now=SOME_TUESDAY)
        said = {tutorial.slug: reader.play(tutorial) for tutorial in read_tutorials()}
    for slug in FILMED:
        SCREENS.mkdir(exist_ok=True)
        (SCREENS / f"{slug}.txt").write_text("\n".join(said[slug]) + "\n", encoding="utf-8")

    changed = {slug: difference(slug, lines) for slug, lines in said.items()}

    assert {slug: lines for slug, lines in changed.items() if lines} == {}, "record them again: make tutorials"


def difference(slug, lines):
    """Return what changed since a film was made, as lines of a comparison."""
    file = SCREENS / f"{slug}.txt"
    filmed = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return list(unified_diff(filmed, lines, "filmed", "now", lineterm="", n=1))


def test_each_film_was_made_from_its_script_as_it_is_written():
    scripts = {tutorial.slug: tutorial.digest for tutorial in read_tutorials()}
    recorded = {slug: recording.digest for slug, recording in read_recordings().items()}

    assert recorded == scripts, "record them again: make tutorials"
