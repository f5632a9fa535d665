"""The video tutorials as their pages show them: a script and its recording, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parloir.content.rules import language_for
from parloir.content.tutorials import FILMS, read_recordings, read_tutorials
from parloir.foundation import languages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parloir.content.tutorials import Recording, Tutorial

_BYTES_IN_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Part:
    """A chapter: when it begins, and what is said in it, a paragraph for each step."""

    title: str
    at: float
    paragraphs: tuple[str, ...]

    @property
    def clock(self) -> str:
        """When it begins, as a player shows it: « 1:05 »."""
        return _clock(self.at)

    @property
    def mark(self) -> str:
        """When it begins, as the address of a moment: “65.2”, in every language."""
        return f"{self.at}"


@dataclass(frozen=True)
class Film:
    """A tutorial, whose files are named as ``{% static %}`` takes them."""

    script: Tutorial
    recording: Recording
    language: str

    @property
    def number(self) -> int:
        """Its place among the tutorials, from 1."""
        return self.script.number

    @property
    def slug(self) -> str:
        """What its address says."""
        return self.script.slug

    @property
    def address(self) -> str:
        """Its page."""
        return f"/aide/tutoriels/{self.slug}/"

    @property
    def title(self) -> str:
        """What it shows how to do."""
        return self.script.title[self.language]

    @property
    def summary(self) -> str:
        """What it shows, in a sentence."""
        return self.script.summary[self.language]

    @property
    def clock(self) -> str:
        """How long it is, as a player shows it: « 1:32 »."""
        return _clock(self.recording.seconds)

    @property
    def is_read_in_arabic(self) -> bool:
        """Whether its reader's captions are the Arabic ones."""
        return languages.current() == "ar"

    @property
    def files(self) -> dict[str, str]:
        """Its static files, by kind."""
        kinds = {
            "mp4": "mp4",
            "webm": "webm",
            "poster": "jpg",
            "french": "fr.vtt",
            "english": "en.vtt",
            "arabic": "ar.vtt",
        }
        chapters = f"{FILMS}/{self.slug}.chapters.{self.language}.vtt"
        return {kind: f"{FILMS}/{self.slug}.{end}" for kind, end in kinds.items()} | {"chapters": chapters}

    @property
    def megabytes(self) -> dict[str, float]:
        """The sizes of its films, by kind."""
        return {kind: size / _BYTES_IN_MEGABYTE for kind, size in self.recording.sizes.items()}

    @property
    def parts(self) -> list[Part]:
        """Its chapters, with what is said: the transcript."""
        return [
            Part(
                title=chapter.title[self.language],
                at=at,
                paragraphs=tuple(" ".join(step.said[self.language]) for step in chapter.steps if step.said["fr"]),
            )
            for chapter, at in zip(self.script.chapters, self.recording.chapters, strict=True)
        ]


def films(language: str) -> list[Film]:
    """Return every tutorial that was recorded, in the order of the journey."""
    return list(_recorded(language))


def films_as_read() -> dict[str, object]:
    """Return them in the reader's language, and whether what they say is in French for a reader of another one."""
    language = language_for(languages.current())
    return {"films": films(language), "is_in_french": languages.current() != language}


def film_and_next(slug: str, language: str) -> tuple[Film, Film | None]:
    """Return one tutorial and the one to watch after it.

    :raises LookupError: when there is no such tutorial.
    """
    every = films(language)
    index = [film.slug for film in every].index(slug) if slug in {film.slug for film in every} else None
    if index is None:
        raise LookupError(slug)
    return every[index], every[index + 1] if index + 1 < len(every) else None


def _recorded(language: str) -> Iterator[Film]:
    recordings = read_recordings()
    for script in read_tutorials():
        if script.slug in recordings:
            yield Film(script, recordings[script.slug], language)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
