"""Read the scripts of the video tutorials, and what their last recording made. No Django and no database here.

A script (``tutorials/<number>-<slug>.toml``) is written once: the film, its captions, its chapters and its transcript
come from it (``make tutorials``), and the tests play it again. ``recorded.json`` holds what the recording measured.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LANGUAGES = ("fr", "en", "ar")
"""Those of the captions. The voice is French; the transcript is in the languages that the help is written in."""
SCRIPTS = Path(__file__).parent / "tutorials"
RECORDED = SCRIPTS / "recorded.json"
FILMS = "tutorials"
"""The folder of the static files that holds the films."""

type Words = Mapping[str, str]


class Deed(StrEnum):
    """What a step does on the screen."""

    OPEN = "open"
    SHOW = "show"
    CLICK = "click"
    TICK = "tick"
    SELECT = "select"
    FILL = "fill"
    CODE = "code"
    LETTER = "letter"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: what is said, in sentences, and what is done meanwhile.

    ``on`` is what is shown or touched, as ``role: name``; ``given`` what is typed, chosen or opened. ``elsewhere``
    names the template of a screen that is not the product's own: the tests do not go there, they watch that file.
    """

    said: Mapping[str, tuple[str, ...]]
    deed: Deed
    on: str = ""
    nth: int = 1
    given: str = ""
    elsewhere: str = ""


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A part of a film, with its title by language."""

    title: Words
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Tutorial:
    """The script of a film. ``digest`` is its file's: any change of the script is a change of the film."""

    number: int
    slug: str
    title: Words
    summary: Words
    chapters: tuple[Chapter, ...]
    digest: str

    @property
    def steps(self) -> Iterator[Step]:
        """Every step, in order."""
        return (step for chapter in self.chapters for step in chapter.steps)


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What was measured of a film: its length, when its chapters begin (both in seconds), its files' sizes in bytes."""

    digest: str
    recorded_on: str
    seconds: float
    chapters: tuple[float, ...]
    sizes: Mapping[str, int]


class BadScript(ValueError):
    """A script cannot be used; the message names it and says why."""


@cache
def read_tutorials(folder: Path = SCRIPTS) -> tuple[Tutorial, ...]:
    """Return every script, in the order of the journey.

    :raises BadScript: for one that cannot be read, lacks a translation, or whose captions do not go in pairs.
    """
    return tuple(_tutorial(path) for path in sorted(folder.glob("*.toml")))


@cache
def read_recordings(path: Path = RECORDED) -> Mapping[str, Recording]:
    """Return what was recorded, by slug; nothing before the first recording."""
    if not path.exists():
        return {}
    held = json.loads(path.read_text(encoding="utf-8"))
    return {slug: Recording(**facts | {"chapters": tuple(facts["chapters"])}) for slug, facts in held.items()}


def _tutorial(path: Path) -> Tutorial:
    source = path.read_bytes()
    number, _, slug = path.stem.partition("-")
    try:
        held = tomllib.loads(source.decode())
        return Tutorial(
            number=int(number),
            slug=slug,
            title=_words(held["title"]),
            summary=_words(held["summary"]),
            chapters=tuple(_chapter(part) for part in held["chapters"]),
            digest=sha256(source).hexdigest(),
        )
    except (KeyError, ValueError) as error:
        raise BadScript(f"{path.name}: {error}") from error


def _chapter(held: dict[str, Any]) -> Chapter:
    return Chapter(title=_words(held["title"]), steps=tuple(_step(step) for step in held["steps"]))


def _step(held: dict[str, Any]) -> Step:
    said = {language: tuple(held.get(language, ())) for language in LANGUAGES}
    if len({len(sentences) for sentences in said.values()}) > 1:
        raise ValueError(f"as many sentences in each language, please: {said}")
    return Step(
        said=said,
        deed=Deed(held["do"]),
        on=held.get("on", ""),
        nth=held.get("nth", 1),
        given=held.get("with", ""),
        elsewhere=held.get("elsewhere", ""),
    )


def _words(held: dict[str, str]) -> Words:
    return {language: held[language] for language in LANGUAGES}
