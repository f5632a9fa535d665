"""The films themselves: there, short, light, with captions that keep time with the voice and can be read."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from django.conf import settings

from parloir.content.tutorials import BadScript, read_recordings, read_tutorials

FOLDER = settings.ROOT / "parloir" / "public" / "static" / "tutorials"
SLUGS = [tutorial.slug for tutorial in read_tutorials()]
LANGUAGES = ("fr", "en", "ar")
_CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n((?:.+\n)+)")


def cues(name):
    """Return the cues of a file as (start, end, lines)."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text.startswith("WEBVTT\n\n")
    assert ("NOTE ترجمة لم تُراجَع بعد" in text) == name.endswith(".ar.vtt") or "chapters" in name
    found = []
    for begin_hour, begin_minute, begin, end_hour, end_minute, end, lines in _CUE.findall(text):
        start = int(begin_hour) * 3600 + int(begin_minute) * 60 + float(begin)
        found.append((start, int(end_hour) * 3600 + int(end_minute) * 60 + float(end), lines.splitlines()))
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_a_film_is_short_and_light_and_what_was_measured_is_true(slug):
    recording = read_recordings()[slug]

    assert recording.seconds < 120
    assert {kind: (FOLDER / f"{slug}.{kind}").stat().st_size for kind in ("mp4", "webm")} == recording.sizes
    assert max(recording.sizes.values()) < 2_500_000
    assert (FOLDER / f"{slug}.jpg").stat().st_size < 60_000


@pytest.mark.parametrize("slug", SLUGS)
def test_a_film_is_what_its_name_says(slug):
    assert (FOLDER / f"{slug}.mp4").read_bytes()[4:8] == b"ftyp"
    assert (FOLDER / f"{slug}.webm").read_bytes()[:4] == b"\x1a\x45\xdf\xa3"
    assert (FOLDER / f"{slug}.jpg").read_bytes()[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_captions_follow_each_other_and_leave_time_to_read(slug, language):
    shown = cues(f"{slug}.{language}.vtt")
    script = next(tutorial for tutorial in read_tutorials() if tutorial.slug == slug)

    said = [script.title[language]]
    for chapter in script.chapters:
        said += [chapter.title[language], *(text for step in chapter.steps for text in step.said[language])]
    assert [" ".join(lines) for _, _, lines in shown] == said
    assert all(start < end for start, end, _ in shown)
    assert all(first[1] <= second[0] for first, second in pairwise(shown))
    assert shown[-1][1] <= read_recordings()[slug].seconds
    assert max(len(lines) for _, _, lines in shown) <= 3
    assert max(len(line) for _, _, lines in shown for line in lines) <= 42
    hurried = [lines for start, end, lines in shown if sum(map(len, lines)) / (end - start) > 25]
    assert hurried == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_chapters_cover_the_film_from_the_first_one_on(slug, language):
    recording, shown = read_recordings()[slug], cues(f"{slug}.chapters.{language}.vtt")

    assert [round(start, 1) for start, _, _ in shown] == [round(at, 1) for at in recording.chapters]
    assert shown[-1][1] == pytest.approx(recording.seconds, abs=0.1)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ('en = ["Hello."]', "as many sentences in each language"),
        ('do = "jump"', "jump"),
        ('title.en = "Open"', "en"),
    ],
)
def test_a_script_that_cannot_be_played_is_named(tmp_path, spoilt, why):
    good = """
[title]
fr = "Ouvrir"
en = "Open"
ar = "فتح"
[summary]
fr = "Ouvrir."
en = "Open."
ar = "فتح."
[[chapters]]
title.fr = "Ouvrir"
title.en = "Open"
title.ar = "فتح"
[[chapters.steps]]
fr = ["Bonjour."]
en = ["Hello."]
ar = ["مرحباً."]
do = "show"
"""
    (tmp_path / "1-ouvrir.toml").write_text(good)
    assert [tutorial.slug for tutorial in read_tutorials(tmp_path)] == ["ouvrir"]
    read_tutorials.cache_clear()
    replaced = {'do = "jump"': ('do = "show"', spoilt)}.get(spoilt, (spoilt, ""))
    (tmp_path / "1-ouvrir.toml").write_text(good.replace(*replaced))

    with pytest.raises(BadScript, match=f"1-ouvrir.toml.*{why}"):
        read_tutorials(tmp_path)
