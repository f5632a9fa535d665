"""The studio: a film's moments follow from what is said alone, and its frames from its pictures alone."""

from __future__ import annotations

import wave
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from parloir.content.tutorials import Chapter, Deed, Step, Tutorial, read_tutorials
from studio import film as filming
from studio import picture, stage, voice
from studio.actor import Box, Scene, Screen

ONE_SECOND = voice.Speech(samples=b"\x00\x10" * 1000, rate=1000)


def step(deed, *sentences):
    return Step(said={"fr": sentences, "en": sentences, "ar": sentences}, deed=deed, on="x")


def screen(colour, *, height=1800, lines=()):
    return Screen(Image.new("RGB", (900, height), colour), top=0, lines=lines)


def a_film(monkeypatch):
    """Two chapters: something shown, then a small button pressed, which leads to another page."""
    monkeypatch.setattr(filming, "spoken", lambda _sentence: ONE_SECOND)
    shown, pressed = step(Deed.SHOW, "Regardez.", "Encore."), step(Deed.CLICK, "Appuyez.")
    chapters = tuple(
        Chapter(title={"fr": name, "en": name, "ar": name}, steps=(one,))
        for name, one in (("A", shown), ("B", pressed))
    )
    words = {"fr": "Titre", "en": "Title", "ar": "عنوان"}
    script = Tutorial(number=1, slug="titre", title=words, summary=words, chapters=chapters, digest="")
    scenes = [
        [Scene(shown, screen("white"), Box(20, 100, 360, 40))],
        [Scene(pressed, screen("white"), Box(100, 500, 80, 40), [screen("navy")])],
    ]
    return filming.made(script, scenes, following=None, among=1)


def test_each_thing_is_said_in_turn_and_chapters_begin_before_their_words(monkeypatch):
    made = a_film(monkeypatch)

    assert [cue.texts["fr"] for cue in made.cues] == ["Titre", "A", "Regardez.", "Encore.", "B", "Appuyez."]
    assert all(first.end <= second.start for first, second in pairwise(made.cues))
    assert [round(made.cues[index].start - at, 2) for index, at in ((1, made.chapters[0]), (4, made.chapters[1]))] == [
        0.2,
        0.2,
    ]
    assert made.cues[-1].end < made.seconds


def test_the_same_pictures_and_words_give_the_same_film(monkeypatch):
    films = [a_film(monkeypatch) for _ in range(2)]
    assert sum(shot.frames for shot in films[0].shots) == films[0].frames
    for film in films:  # a slide and what follows a press: drawing all of it would take the test too long
        film.shots = [film.shots[2], *[shot for shot in film.shots if shot.begin and shot.begin.over]]

    frames = [list(filming.drawn(film)) for film in films]

    assert {len(frame) for frame in frames[0]} == {picture.WIDTH * picture.HEIGHT * 3}
    assert len({sha256(b"".join(each)).hexdigest() for each in frames}) == 1
    assert len(set(frames[0])) == len(frames[0]) > 10


def test_what_is_said_is_heard_at_the_moment_of_its_caption(monkeypatch, tmp_path):
    made = a_film(monkeypatch)

    filming.write_sound(made, tmp_path / "sound.wav")

    with wave.open(str(tmp_path / "sound.wav")) as sound:
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
    heard = [any(samples[round(at * 1000) : round(at * 1000) + 50]) for at in (0.2, *(cue.start for cue in made.cues))]
    assert heard == [False, True, True, True, True, True, True]
    assert len(samples) == round(made.seconds * 1000)


def test_the_camera_stays_on_the_page_whose_whole_width_is_seen():
    page = screen("white")

    small, last = picture.aimed(page, Box(340, 20, 50, 24)), picture.aimed(page, Box(16, 790, 368, 10))

    assert (small.y, small.on_film(400, 0)[0]) == (0, picture.WIDTH)
    assert last.y + picture.SEEN == pytest.approx(800)


def test_no_line_of_text_is_cut_at_the_edges_of_what_is_seen():
    lines = tuple((float(above), above + 22.0) for above in range(0, 2000, 30))
    page = screen("white", height=4500, lines=lines)

    for target in range(0, 1900, 7):
        camera = picture.aimed(page, Box(20, target, 300, 40))
        edges = (camera.y, camera.y + camera.seen)
        assert camera.seen > picture.SEEN - 30
        assert [line for line in lines for edge in edges if line[0] < edge < line[1]] == []


@pytest.mark.parametrize("tutorial", read_tutorials(), ids=lambda tutorial: tutorial.slug)
def test_every_title_fits_in_its_frame(tutorial):
    for number, chapter in enumerate(tutorial.chapters, 1):
        text = f"{number}. {chapter.title['fr']}"
        assert picture.fitting(text, 30, picture.WIDTH - 48).getlength(text) <= picture.WIDTH - 48
    for title in (tutorial.title["fr"], *(chapter.title["fr"] for chapter in tutorial.chapters)):
        lines = picture.wrapped(title, picture.fitting("", 58, picture.WIDTH), picture.WIDTH - 112)
        assert " ".join(lines) == title
        assert max(picture.fitting("", 58, picture.WIDTH).getlength(line) for line in lines) <= picture.WIDTH - 112


def test_the_films_are_of_a_morning_whenever_they_are_recorded():
    for hour in range(24):
        now = datetime(2026, 12, 1, hour, 20, tzinfo=UTC)
        seen = (now + stage.until_morning(now)).astimezone(ZoneInfo("Europe/Paris"))
        assert (seen.hour, seen.minute) == (10, 0)


def test_a_voice_file_speaks_instead_of_the_default_voice(monkeypatch, tmp_path):
    (tmp_path / "piper.py").write_text(
        "import sys, wave\n"
        "sound = wave.open(sys.argv[sys.argv.index('-f') + 1], 'wb')\n"
        "sound.setnchannels(1), sound.setsampwidth(2), sound.setframerate(1000)\n"
        "sound.writeframes(b'\\x00\\x10' * len(sys.stdin.buffer.read()))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("VOICE", "une-voix.onnx")
    voice.spoken.cache_clear()

    speech = voice.spoken("Bonjour")
    voice.spoken.cache_clear()

    assert (speech.rate, len(speech.samples)) == (1000, 2 * len("Bonjour"))


def test_without_any_voice_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.delenv("VOICE", raising=False)
    monkeypatch.setattr(voice.shutil, "which", lambda _name: None)

    with pytest.raises(voice.NoVoice, match="install espeak-ng"):
        voice.ensure()
