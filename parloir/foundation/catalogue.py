"""The sentences of the product and their translations, without the system's gettext.

Sentences are written in French where they are shown, and are their own keys; ``parloir/locale/<language>``
holds what they become in another language.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import template as django_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Message

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""A catalogue changes when its sentences change, not when the command is run."""


def sentences(*, package: Path = PACKAGE) -> Catalog:
    """Return every sentence of the code and of the templates, with the files it is in."""
    catalog = _empty("fr")
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and not {"migrations", "locale"} & set(path.parts):
            place = (path.relative_to(package.parent).as_posix(), 0)
            for key, context in _found_in(path):
                catalog.add(key, locations=[place], context=context)
    return catalog


def path_of(language: str, *, locale: Path = LOCALE) -> Path:
    """Return where a language's catalogue is."""
    return locale / language / "LC_MESSAGES" / "django.po"


def read(language: str, *, locale: Path = LOCALE) -> Catalog:
    """Return a language's catalogue; an empty one when it was never written."""
    path = path_of(language, locale=locale)
    return read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else _empty(language)


def update(language: str, *, locale: Path = LOCALE, package: Path = PACKAGE) -> Catalog:
    """Write a language's catalogue anew: new sentences wait for their words, those no page says any more go."""
    known, wanted = read(language, locale=locale), sentences(package=package)
    catalog = _empty(language)
    for message in _messages(wanted):
        old = known.get(message.id, message.context)
        if old and old.pluralizable != message.pluralizable:
            old = None  # one that is now counted has other words to find
        catalog.add(
            message.id,
            old.string if old else None,
            locations=message.locations,
            flags=message.flags | (old.flags if old else set()),
            user_comments=old.user_comments if old else (),
            context=message.context,
        )
    path = path_of(language, locale=locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=True, include_lineno=False)
    return catalog


def compile_catalogue(language: str, *, locale: Path = LOCALE) -> Path:
    """Write the form that Django reads; return where."""
    path = path_of(language, locale=locale).with_suffix(".mo")
    path.parent.mkdir(parents=True, exist_ok=True)
    compiled = BytesIO()
    write_mo(compiled, read(language, locale=locale))
    path.write_bytes(compiled.getvalue())
    return path


def faults(language: str, *, locale: Path = LOCALE, package: Path = PACKAGE) -> list[str]:
    """Return one line for each sentence that a reader of ``language`` would not read right."""
    known = read(language, locale=locale)
    return [
        f"{why}: {_shown(message)}"
        for message in _messages(sentences(package=package))
        if (why := _fault(message, known.get(message.id, message.context)))
    ]


def _fault(message: Message, translation: Message | None) -> str | None:
    if translation is None:
        return "missing"
    if translation.fuzzy:
        return "fuzzy"
    if not all(_texts(translation.string)):
        return "empty"
    # The singular may leave its number out (« une place »): only the last form must keep every placeholder.
    if _placeholders(_texts(message.id)[-1]) != _placeholders(_texts(translation.string)[-1]):
        return "placeholder lost"
    return None


def _texts(value: object) -> list[str]:
    return [str(text or "") for text in value] if isinstance(value, (list, tuple)) else [str(value or "")]


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def _shown(message: Message) -> str:
    return f"{_texts(message.id)[0]!r} ({', '.join(sorted({place for place, _line in message.locations}))})"


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _found_in(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django turns a template into calls of gettext amid noise; its indentation would not be Python's.
        source = "\n".join(line.lstrip() for line in django_template.templatize(source, origin=str(path)).splitlines())
    for _line, key, _comments, context in extract("python", BytesIO(source.encode()), keywords=_KEYWORDS):
        yield key, context


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="Parloir",
        version="1",
        msgid_bugs_address="Parloir",
        last_translator="Parloir",
        language_team="Parloir",
        header_comment="# Sentences of Parloir; the keys are the French ones.",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        fuzzy=False,
    )
