"""Turn scenes into a film: when each thing is said and done, every frame, the sound, and both files."""

from __future__ import annotations

import subprocess
import wave
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from parloir.content.tutorials import Deed
from studio import picture
from studio.picture import Camera, Moment, aimed
from studio.voice import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PIL import Image

    from parloir.content.tutorials import Step, Tutorial
    from studio.actor import Box, Scene, Screen

RATE = 20
MOVE, FADE, PRESS, KEY = 0.9, 0.15, 0.35, 0.2
AFTER_WORDS, AFTER_DEED, BETWEEN_SENTENCES = 0.55, 0.6, 0.3
CARD, FIRST_CARD, LAST_CARD = 1.6, 2.4, 2.0
PROGRESS = 50
"""How many steps the line has that shows how far the film has come."""
TOUCHES = {Deed.CLICK, Deed.TICK, Deed.SELECT, Deed.FILL, Deed.CODE}


@dataclass(frozen=True)
class Cue:
    """A sentence with its moment, in seconds."""

    start: float
    end: float
    texts: dict[str, str]


@dataclass
class Film:
    """A film being made: its frames are drawn only when they are written."""

    tutorial: Tutorial
    cues: list[Cue] = field(default_factory=list)
    chapters: list[float] = field(default_factory=list)
    sounds: list[tuple[float, bytes, int]] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    pointer: tuple[float, float] = (330.0, 380.0)
    frames: int = 0

    @property
    def seconds(self) -> float:
        """Its length so far."""
        return self.frames / RATE

    def say(self, sentences: list[dict[str, str]], *, at: float) -> float:
        """Have sentences spoken from a moment on; returns when the last one ends."""
        for texts in sentences:
            speech = spoken(texts["fr"])
            self.sounds.append((at, speech.samples, speech.rate))
            self.cues.append(Cue(at, at + speech.seconds, texts))
            at += speech.seconds + BETWEEN_SENTENCES
        return at - BETWEEN_SENTENCES if sentences else at

    def show(self, shot: Shot, seconds: float) -> None:
        """Add what is seen for a while."""
        shot.frames = max(1, round(seconds * RATE))
        self.shots.append(shot)
        self.frames += shot.frames


@dataclass
class Shot:
    """A while of the film: a card, or moments that lead from one state of a page to another."""

    card: Image.Image | None = None
    chapter: tuple[int, str] = (0, "")
    begin: Moment | None = None
    end: Moment | None = None
    frames: int = 0


def made(tutorial: Tutorial, chapters: list[list[Scene]], *, following: Tutorial | None, among: int) -> Film:
    """Plan a whole film."""
    film = Film(tutorial)
    title = picture.card(f"Tutoriel {tutorial.number} sur {among}", tutorial.title["fr"], large=True)
    until = film.say([dict(tutorial.title)], at=0.5)
    film.show(Shot(title), max(FIRST_CARD, until + AFTER_WORDS))
    going: Screen | None = None
    for number, (chapter, scenes) in enumerate(zip(tutorial.chapters, chapters, strict=True), 1):
        film.chapters.append(film.seconds)
        began = film.seconds
        until = film.say([dict(chapter.title)], at=began + 0.2)
        film.show(Shot(picture.card(f"Étape {number}", chapter.title["fr"])), max(CARD, until - began + AFTER_WORDS))
        for scene in scenes:
            going = _scene(film, scene, (number, chapter.title["fr"]), going)
    last = following.title["fr"] if following else "Vous savez tout. Bonnes démarches."
    film.show(Shot(picture.card("Ensuite" if following else "Fin", last, large=True)), LAST_CARD)
    return film


def _scene(film: Film, scene: Scene, chapter: tuple[int, str], going: Screen | None) -> Screen:
    """Plan one step; returns the page that is left on the screen."""
    step, began = scene.step, film.seconds
    comes = going is not None and going.picture.size != scene.screen.picture.size and step.deed is Deed.OPEN
    camera = _camera_before(film, scene, comes=comes)
    aim = aimed(scene.screen, scene.target)
    point = _point(scene.target, step) or film.pointer
    spoken_until = film.say(_pairs(step), at=began + 0.15) - began
    start = Moment(scene.screen, camera, film.pointer)
    arrived = replace(start, camera=aim, pointer=point, halo=scene.target)
    move = MOVE if (camera, film.pointer) != (aim, point) else 0.2
    film.show(Shot(chapter=chapter, begin=start, end=arrived), move)
    doing = PRESS + KEY * max(0, len(scene.then) - 1) if step.deed in TOUCHES else 0
    film.show(Shot(chapter=chapter, begin=arrived, end=arrived), max(0.25, spoken_until - move - doing / 2))
    film.pointer = point
    if step.deed in TOUCHES:
        _touch(film, scene, arrived, chapter)
    left = spoken_until + (AFTER_WORDS if step.said["fr"] else 0.1) - (film.seconds - began)
    now = film.shots[-1].end or arrived
    film.show(Shot(chapter=chapter, begin=now, end=now), max(left, AFTER_DEED if step.said["fr"] else 0.3))
    return now.screen


def _touch(film: Film, scene: Scene, arrived: Moment, chapter: tuple[int, str]) -> None:
    """Press what is touched, and see what becomes of it."""
    film.show(Shot(chapter=chapter, begin=replace(arrived, press=0.01), end=replace(arrived, press=1)), PRESS)
    if scene.step.deed is not Deed.CLICK:
        for screen in scene.then:
            seen = replace(arrived, screen=screen)
            film.show(Shot(chapter=chapter, begin=seen, end=seen), KEY)
        return
    after = scene.then[-1]
    camera = aimed(after, None)
    x, y = arrived.camera.on_film(*arrived.pointer)
    film.pointer = (x / picture.SCALE, camera.y + (y - picture.HEAD) / picture.SCALE)
    fresh = Moment(after, camera, film.pointer, over=arrived.screen, fade=1)
    film.show(Shot(chapter=chapter, begin=fresh, end=replace(fresh, fade=0)), FADE)
    film.shots[-1].end = Moment(after, camera, film.pointer)


def _camera_before(film: Film, scene: Scene, *, comes: bool) -> Camera:
    """Return the camera a step begins with: the last one's, unless another page opens."""
    last = film.shots[-1].end if film.shots else None
    if last is None or comes or scene.step.deed in {Deed.OPEN, Deed.LETTER}:
        film.pointer = (330.0, aimed(scene.screen, None).y + 380)
        return aimed(scene.screen, None)
    return last.camera


def _point(target: Box | None, step: Step) -> tuple[float, float] | None:
    """Return where the finger goes: into a field at its beginning, elsewhere below the words, which stay readable."""
    if target is None:
        return None
    if step.deed in {Deed.TICK, Deed.FILL, Deed.CODE}:
        return target.x + min(24, target.width / 2), target.y + min(target.height / 2, 24)
    if step.deed in {Deed.CLICK, Deed.SELECT}:
        return target.x + target.width / 2, target.y + target.height - min(8, target.height / 5)
    return min(target.x + target.width * 0.7, target.x + 260), target.y + min(target.height, 120) + 4


def _pairs(step: Step) -> list[dict[str, str]]:
    return [dict(zip(step.said, sentences, strict=True)) for sentences in zip(*step.said.values(), strict=True)]


# Frames and files ------------------------------------------------------------------------


def drawn(film: Film) -> Iterator[bytes]:
    """Draw every frame; one that is like the last is not drawn again."""
    count = 0
    for shot in film.shots:
        known, pixels = None, shot.card.tobytes() if shot.card else b""
        for index in range(shot.frames):
            if shot.begin and shot.end:
                done = PROGRESS * count // film.frames
                seen = (_between(shot.begin, shot.end, (index + 1) / shot.frames), done)
                if seen != known:
                    known, pixels = seen, picture.frame(seen[0], picture.head(*shot.chapter, done / PROGRESS))
            yield pixels
            count += 1


def _between(begin: Moment, end: Moment, part: float) -> Moment:
    """Return the moment between two others: slow at both ends, as a hand is."""
    if begin == end:
        return end
    eased = part * part * (3 - 2 * part)

    def mix(one: float, other: float) -> float:
        return one + (other - one) * eased

    camera = Camera(mix(begin.camera.y, end.camera.y), mix(begin.camera.seen, end.camera.seen))
    pointer = (mix(begin.pointer[0], end.pointer[0]), mix(begin.pointer[1], end.pointer[1]))
    halo = end.halo if part > 0.75 or begin.halo else None  # noqa: PLR2004
    press = mix(begin.press, end.press) if end.press else 0
    fade = 1 - part if begin.over else 0
    over = begin.over if fade > 0 else None
    return Moment(end.screen, camera, pointer, halo, press, over, fade)


def write_sound(film: Film, path: Path) -> None:
    """Write all that is said, each sentence at its moment."""
    rate = film.sounds[0][2]
    track = bytearray(2 * round(film.seconds * rate))
    for at, samples, _ in film.sounds:
        start = 2 * round(at * rate)
        track[start : start + len(samples)] = samples
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(track))


def write_films(film: Film, *, sound: Path, mp4: Path, webm: Path, ffmpeg: str) -> None:
    """Write both files at once, from one drawing of the frames.

    :raises subprocess.CalledProcessError: when ffmpeg fails.
    """
    size = f"{picture.WIDTH}x{picture.HEIGHT}"
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(RATE), "-i", "-", "-i", str(sound)]
    # Most frames are like the one before: they are left out, one a second kept for players that want to see it.
    still = f"mpdecimate=max={RATE - 1}:hi=8:lo=4:frac=0.0001"
    colours = ["-vf", f"{still},scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-fps_mode", "vfr"]
    colours += ["-colorspace", "bt709"]
    colours += ["-color_primaries", "bt709", "-color_trc", "bt709"]
    cuts = ["-force_key_frames", ",".join(f"{at:.3f}" for at in film.chapters), "-g", "500"]
    about = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    about += ["-metadata", f"title={film.tutorial.title['fr']}", "-metadata:s:a:0", "language=fra"]
    h264 = ["-c:v", "libx264", "-preset", "medium", "-crf", "31", "-tune", "animation", "-profile:v", "main"]
    h264 += ["-c:a", "aac", "-b:a", "40k", "-ar", "24000", "-movflags", "+faststart"]
    vp9 = ["-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "45", "-deadline", "good", "-cpu-used", "4", "-row-mt", "1"]
    vp9 += ["-c:a", "libopus", "-b:a", "24k"]
    command = [ffmpeg, "-y", "-loglevel", "error", *source]
    command += [*colours, *cuts, *about, *h264, str(mp4), *colours, *cuts, *about, *vp9, str(webm)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin
        for pixels in drawn(film):
            process.stdin.write(pixels)
        process.stdin.close()
        code = process.wait()
    if code:
        raise subprocess.CalledProcessError(code, command[0])
