"""Write captions and chapters as WebVTT."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.film import Cue

LONGEST_LINE = 42
NOT_READ_OVER = {"ar": "ترجمة لم تُراجَع بعد"}
"""What is said, in its own words, of captions that no speaker of their language has read over."""
LINGER = 0.6
"""How long a caption stays after its sentence, if the next one leaves it the time."""


def captions(cues: Sequence[Cue], language: str) -> str:
    """Return what is said, each sentence at its moment, in lines that a telephone can show."""
    ends = [*(cue.start for cue in cues[1:]), float("inf")]
    parts = [
        f"{_clock(cue.start)} --> {_clock(min(cue.end + LINGER, following - 0.04))}\n{_lines(cue.texts[language])}\n"
        for cue, following in zip(cues, ends, strict=True)
    ]
    note = [f"NOTE {NOT_READ_OVER[language]}\n"] if language in NOT_READ_OVER else []
    return "\n".join(["WEBVTT\n", *note, *parts])


def chapters(titles: Sequence[str], starts: Sequence[float], seconds: float) -> str:
    """Return the titles of the chapters, each from its beginning to the next."""
    ends = [*starts[1:], seconds]
    parts = [
        f"{_clock(start)} --> {_clock(end)}\n{title}\n" for title, start, end in zip(titles, starts, ends, strict=True)
    ]
    return "\n".join(["WEBVTT\n", *parts])


def _lines(text: str) -> str:
    return "\n".join(textwrap.wrap(text, LONGEST_LINE))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
