"""Read the files of questions: Markdown below a TOML head. No Django and no database here.

``questions/fr/<section>/<slug>.md`` places a question in the tree and answers it in French; the file of the same
name in another language holds only what a translation says: title, keywords, ways of asking, date and answer.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parloir.content.rules import ARTICLES, CHAPTERS, LANGUAGES, Section

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

QUESTIONS = Path(__file__).parent / "questions"
_FENCE = "+++\n"


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a question says in one language."""

    title: str
    keywords: tuple[str, ...]
    body: str
    updated_on: date
    asked_as: tuple[str, ...] = ()
    """Other ways of asking, in families' own words: looked in by the search, shown nowhere."""


@dataclass(frozen=True, kw_only=True)
class QuestionFacts:
    """One question: its place in the tree, what it leads to, what law it stands on, and its texts by language."""

    slug: str
    section: Section
    chapter: str
    position: int
    related: tuple[str, ...]
    sources: tuple[str, ...]
    texts: Mapping[str, Text]


class BadDocument(ValueError):
    """A file of questions cannot be used; the message names it and says why."""


def read_questions(folder: Path = QUESTIONS) -> list[QuestionFacts]:
    """Return every question, in the order of the tree.

    :raises BadDocument: for a file that cannot be read, a missing translation, or what leads nowhere.
    """
    found = [
        _question(path, folder, section)
        for section in Section
        for path in sorted((folder / "fr" / section).glob("*.md"))
    ]
    known = {question.slug for question in found}
    for question in found:
        if lost := set(question.related) - known:
            raise BadDocument(f"{question.slug}: no such related question: {', '.join(sorted(lost))}")
    return sorted(found, key=lambda q: (list(Section).index(q.section), q.chapter, q.position))


def _question(path: Path, folder: Path, section: Section) -> QuestionFacts:
    head, _body = _parts(path)
    texts = {language: _text(folder / language / section / path.name) for language in LANGUAGES}
    try:
        question = QuestionFacts(
            slug=path.stem,
            section=section,
            chapter=str(head["chapter"]),
            position=int(head["position"]),
            related=tuple(head["related"]),
            sources=tuple(head["sources"]),
            texts=texts,
        )
    except KeyError as error:
        raise BadDocument(f"{path}: {error} is missing") from error
    if question.chapter not in CHAPTERS[section] or set(question.sources) - ARTICLES:
        raise BadDocument(f"{path}: an unknown chapter, or an article that nobody has read")
    return question


def _text(path: Path) -> Text:
    head, body = _parts(path)
    try:
        return Text(
            title=str(head["title"]),
            keywords=tuple(head["keywords"]),
            body=body.strip(),
            updated_on=head["updated"],
            asked_as=tuple(head.get("asked_as", ())),
        )
    except KeyError as error:
        raise BadDocument(f"{path}: {error} is missing") from error


def _parts(path: Path) -> tuple[dict[str, Any], str]:
    try:
        _opening, head, body = path.read_text(encoding="utf-8").split(_FENCE, 2)
        return tomllib.loads(head), body
    except (OSError, ValueError) as error:
        raise BadDocument(f"{path}: {error}") from error
