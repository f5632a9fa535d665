"""Record the video tutorials: ``make tutorials`` (``ARGS=slug`` for some of them; the others are played, not filmed).

Each film is made of pictures taken step by step and put together afterwards: the same on a slow machine as on a fast
one. It leaves films, captions and posters among the static files, and what it measured in ``recorded.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from parloir.content.tutorials import FILMS, LANGUAGES, RECORDED, Recording, read_recordings, read_tutorials
from parloir.demo import run
from studio import captions, picture, voice
from studio.actor import Actor
from studio.film import made, write_films, write_sound
from studio.loudness import made_loud
from studio.stage import demonstration

if TYPE_CHECKING:
    from studio.actor import Scene
    from studio.film import Film

FOLDER = Path(__file__).parents[1] / "parloir" / "public" / "static" / FILMS
LONGEST, HEAVIEST = 120, 2_500_000


class TooMuch(SystemExit):
    """A film is longer or heavier than is allowed; the message says which."""


def main() -> int:
    """Play the four journeys, film those asked for."""
    tutorials = read_tutorials()
    parser = argparse.ArgumentParser(prog="make tutorials", description=__doc__)
    parser.add_argument(
        "slugs", nargs="*", choices=[*(t.slug for t in tutorials), []], help="only these; all otherwise"
    )
    wanted = parser.parse_args().slugs or [tutorial.slug for tutorial in tutorials]
    voice.ensure()
    began = time.monotonic()
    with demonstration(run.port_asked()) as stage, sync_playwright() as playwright:
        actor = Actor(playwright, stage.site, now=stage.now)
        last = max(tutorial.number for tutorial in tutorials if tutorial.slug in wanted)
        played = {t.slug: list(actor.play(t, filmed=t.slug in wanted)) for t in tutorials if t.number <= last}
        actor.browser.close()
    print(f"played in {time.monotonic() - began:.0f} s")
    for tutorial, following in zip(tutorials, [*tutorials[1:], None], strict=True):
        if tutorial.slug in wanted:
            began = time.monotonic()
            film = made(tutorial, played[tutorial.slug], following=following, among=len(tutorials))
            keep(film, played[tutorial.slug])
            print(f"{tutorial.slug}: {film.seconds:.0f} s, made in {time.monotonic() - began:.0f} s", flush=True)
    return 0


def keep(film: Film, scenes: list[list[Scene]]) -> None:
    """Write all the files of a film.

    :raises TooMuch: when it is too long, or one of its files too heavy.
    """
    slug = film.tutorial.slug
    if film.seconds > LONGEST:
        raise TooMuch(f"{slug} lasts {film.seconds:.0f} s: {LONGEST} at most.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        titles = [chapter.title[language] for chapter in film.tutorial.chapters]
        (FOLDER / f"{slug}.{language}.vtt").write_text(captions.captions(film.cues, language), encoding="utf-8")
        marks = captions.chapters(titles, film.chapters, film.seconds)
        (FOLDER / f"{slug}.chapters.{language}.vtt").write_text(marks, encoding="utf-8")
    files = {kind: FOLDER / f"{slug}.{kind}" for kind in ("mp4", "webm")}
    with tempfile.TemporaryDirectory() as folder:
        spoken, sound = Path(folder) / "spoken.wav", Path(folder) / "sound.wav"
        write_sound(film, spoken)
        made_loud(spoken, sound, ffmpeg=_ffmpeg())
        write_films(film, sound=sound, mp4=files["mp4"], webm=files["webm"], ffmpeg=_ffmpeg())
    _keep_poster(film, scenes)
    sizes = {kind: path.stat().st_size for kind, path in files.items()}
    _note(film, sizes)
    if max(sizes.values()) > HEAVIEST:
        raise TooMuch(f"{slug} weighs {sizes}: {HEAVIEST} at most.")


def _keep_poster(film: Film, scenes: list[list[Scene]]) -> None:
    """Keep the picture shown before a film plays: the first screen of its middle chapter, under its title."""
    screen = scenes[len(scenes) // 2][0].screen
    whole = picture.poster(f"Tutoriel {film.tutorial.number}", film.tutorial.title["fr"], screen)
    small = whole.resize((480, round(480 * picture.HEIGHT / picture.WIDTH)), Image.Resampling.LANCZOS)
    small.save(FOLDER / f"{film.tutorial.slug}.jpg", quality=74, optimize=True, progressive=True)


def _note(film: Film, sizes: dict[str, int]) -> None:
    """Write what was measured beside the scripts."""
    known = {slug: asdict(recording) for slug, recording in read_recordings().items()}
    known[film.tutorial.slug] = asdict(
        Recording(
            digest=film.tutorial.digest,
            recorded_on=datetime.now(tz=UTC).date().isoformat(),
            seconds=round(film.seconds, 2),
            chapters=tuple(round(at, 2) for at in film.chapters),
            sizes=sizes,
        )
    )
    ordered = {tutorial.slug: known[tutorial.slug] for tutorial in read_tutorials() if tutorial.slug in known}
    RECORDED.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    read_recordings.cache_clear()


def _ffmpeg() -> str:
    import imageio_ffmpeg  # installed by `make tutorials` alone

    return str(imageio_ffmpeg.get_ffmpeg_exe())


if __name__ == "__main__":
    os.environ.setdefault("DEV", "1")
    sys.exit(main())
