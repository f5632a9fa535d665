"""The sentences of the product and their translations, without the system's gettext.

Sentences are written in French where they are shown, and are their own keys; ``parloir/locale/<language>``
holds what they become in another language. The catalogue of a manner of a language (``fr-x-facile``) holds only the
sentences that it says otherwise.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from gettext import c2py
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation import template as django_template
from django.utils.translation import to_locale

from parloir.foundation.languages import spoken

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
_MARKUP = re.compile(r"</?(\w+)[^>]*>")
_CONFLICT = re.compile(r"(?:<{7}|\|{7}|={7}|>{7})(?:\s|$)")
_COUNTED = range(1_000)
"""The numbers by which a form is known to be said of several of them."""
_SAID_BY_THE_WORD = 2
"""A form said of so few numbers may leave them out: « une place », the Arabic dual; the French one is of none too."""
_PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
}
"""Where Babel's own order of the forms is not the usual one: none, one, two, a few, many (11 to 99), hundreds."""
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
    return locale / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(language: str, *, locale: Path = LOCALE) -> Catalog:
    """Return a language's catalogue; an empty one when it was never written."""
    path = path_of(language, locale=locale)
    return read_po(BytesIO(path.read_bytes()), locale=spoken(language)) if path.exists() else _empty(language)


def is_partial(language: str) -> bool:
    """Tell whether a language is a manner of another, so that a sentence it does not hold is no fault."""
    return spoken(language) != language


def update(language: str, *, locale: Path = LOCALE, package: Path = PACKAGE) -> Catalog:
    """Write a language's catalogue anew: new sentences wait for their words, those no page says any more go.

    Nothing waits in a partial one: what it holds stays as long as a page says it.
    """
    known, wanted = read(language, locale=locale), sentences(package=package)
    catalog = _empty(language)
    for message in _messages(wanted):
        old = known.get(message.id, message.context)
        if old and old.pluralizable != message.pluralizable:
            old = None  # one that is now counted has other words to find
        if is_partial(language) and not (old and any(texts_of(old.string))):
            continue
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
    """Return one line for each sentence that a reader of ``language`` would not read right.

    A catalogue in which two versions were left side by side is read no further: which is meant is not ours to guess.
    """
    if torn := _conflicts(path_of(language, locale=locale)):
        return torn
    known = read(language, locale=locale)
    counts = _numbers_of_forms(language)
    found = []
    for message in _messages(sentences(package=package)):
        translation = known.get(message.id, message.context)
        if is_partial(language) and translation is None:
            continue
        if why := _fault(message, translation, counts):
            found.append(f"{why}: {_shown(message)}")
    return found


def _conflicts(path: Path) -> list[str]:
    """Return the lines where a merge left its marks; a translation never begins a line with one."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [f"conflict: line {number}: {line}" for number, line in enumerate(lines, 1) if _CONFLICT.match(line)]


def _numbers_of_forms(language: str) -> list[int]:
    """Return, for each plural form of a language, of how many numbers it is said."""
    catalog = _empty(language)
    choose = c2py(catalog.plural_expr)
    chosen = [choose(number) for number in _COUNTED]
    return [chosen.count(form) for form in range(catalog.num_plurals)]


def _fault(message: Message, translation: Message | None, counts: list[int]) -> str | None:
    if translation is None:
        return "missing"
    if translation.fuzzy:
        return "fuzzy"
    said = texts_of(translation.string)
    if not all(said) or (message.pluralizable and len(said) != len(counts)):
        return "empty"
    wanted = _placeholders(texts_of(message.id)[-1])
    for text, numbers in zip(said, counts, strict=False):
        may_leave_out = message.pluralizable and numbers <= _SAID_BY_THE_WORD
        found = _placeholders(text)
        if set(found) - set(wanted) or (found != wanted and not may_leave_out):
            return "placeholder lost"
    if any(_markup(texts_of(message.id)[-1]) != _markup(text) for text in said):
        return "markup lost"
    return None


def texts_of(value: object) -> list[str]:
    """Return the texts of a sentence: one, or one for each of its plural forms."""
    return [str(text or "") for text in value] if isinstance(value, (list, tuple)) else [str(value or "")]


def _placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


def _markup(text: str) -> list[str]:
    """Return the tags of a text, but for those by which a translation sets words of another language apart."""
    return sorted(found[0] for found in _MARKUP.finditer(text) if found[1] not in {"bdi", "span"})


def _shown(message: Message) -> str:
    return f"{texts_of(message.id)[0]!r} ({', '.join(sorted({place for place, _line in message.locations}))})"


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
    catalog = Catalog(
        locale=spoken(language),
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
    if plurals := _PLURALS.get(language):
        catalog.mime_headers = [("Plural-Forms", plurals)]
    return catalog
