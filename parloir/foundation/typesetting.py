"""Keep together what a line must not part: « 8 h 00 », « n° 12 », a sign and the word before it, « rendez-vous ».

Sentences are written with ordinary spaces and hyphens, wherever they come from: templates, catalogues, the database.
A whole page goes through :func:`typeset` once, when it is rendered; messages to a telephone, subjects and texts for
programs do not. A space becomes one that does not break; a hyphen stays the one that people type, search and copy, and
the word around it is marked up for the style sheet: ``<t-word>``. The text that holds it is then ``<t-text>``: in a
button, whose contents stand side by side, three pieces would lose the spaces between them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.template.backends.django import DjangoTemplates, Template
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

SPACE = "\N{NO-BREAK SPACE}"
_WHOLE = "<!DOCTYPE html>"
_STYLED = '<link rel="stylesheet"'
_BEFORE_SIGNS = (" :", " ;", " !", " ?", " »")
_COMPOUNDS = ("endez-vous", "emi-libert")
"""What is looked for of the words that keep their hyphen: either case begins them."""
_LETTERED = re.compile(r"[LRD]\.? ?\d+(?:-\d+)+")
_NUMBERED = re.compile(r"articles? \d+(?:-\d+)+")
_AS_TYPED = ("<title", "<textarea", "<script", "<style")
"""What is not set in lines, or would be sent back as something else than what was typed."""
_BARE = (*_AS_TYPED, "<option", "<text", "<tspan", "<desc")
"""What may hold no markup."""

type _Change = tuple[int, int, str]


def typeset(html: str) -> str:
    """Return a whole page whose lines part nothing; what is no whole page (a part of one, plain text) as it is."""
    if not html.startswith(_WHOLE):
        return html
    changes = [*_spaces(html), *(_words(html) if _STYLED in html else ())]
    changes.sort()
    parts, done = [], 0
    for start, end, text in changes:
        if start >= done:
            parts += [html[done:start], text]
            done = end
    return "".join([*parts, html[done:]])


def spaced(text: str) -> str:
    """Return a plain text, for paper, whose spaces part nothing."""
    parts, done = [], 0
    for start, end, space in sorted(_all_spaces(text)):
        parts += [text[done:start], space]
        done = end
    return "".join([*parts, text[done:]])


class Pages(DjangoTemplates):
    """Django's engine, whose whole pages are typeset."""

    def get_template(self, template_name: str) -> Template:
        """Return a template by its name."""
        return _Page(super().get_template(template_name).template, self)

    def from_string(self, template_code: str) -> Template:
        """Return a template by its text."""
        return _Page(super().from_string(template_code).template, self)


class _Page(Template):
    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> SafeString:
        return mark_safe(typeset(super().render(context, request)))  # noqa: S308 (only spaces and marks of ours are added)


def _spaces(html: str) -> Iterator[_Change]:
    return (change for change in _all_spaces(html) if _is_read(html, change[0]))


def _all_spaces(text: str) -> Iterator[_Change]:
    for sign in _BEFORE_SIGNS:
        yield from ((at, at + 1, SPACE) for at in _places(text, sign))
    for opening in ("« ", "n° ", "N° "):
        yield from ((at + len(opening) - 1, at + len(opening), SPACE) for at in _places(text, opening))
    for at in _places(text, " h"):
        if text[at - 1 : at].isdigit() and not text[at + 2 : at + 3].isalpha():
            yield at, at + 1, SPACE
            if text[at + 2 : at + 3] == " " and text[at + 3 : at + 4].isdigit():
                yield at + 2, at + 3, SPACE


def _words(html: str) -> Iterator[_Change]:
    begun = -1
    for start, end in sorted(_compounds(html)):
        opened, closed = html.rfind("<", 0, start), html.rfind(">", 0, start)
        if opened > closed or html.startswith(_BARE, opened):
            continue
        yield start, end, f"<t-word>{html[start:end].replace(' ', SPACE)}</t-word>"
        if closed != begun:
            begun, until = closed, html.find("<", end)
            if (start, end) != (closed + 1, until):
                yield closed + 1, closed + 1, "<t-text>"
                yield until, until, "</t-text>"


def _compounds(html: str) -> Iterator[tuple[int, int]]:
    for compound in _COMPOUNDS:
        for at in _places(html, compound):
            end = at + len(compound)
            while html[end].isalpha():
                end += 1
            if html[at - 1].isalpha():
                yield at - 1, end
    yield from (found.span() for found in _LETTERED.finditer(html))
    for at in _places(html, "article"):
        if found := _NUMBERED.match(html, at):
            yield found.span()


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + len(wanted))


def _is_read(html: str, at: int) -> bool:
    """Tell whether a place is in a text, or in one that a script will show (``data-…``)."""
    opened, closed = html.rfind("<", 0, at), html.rfind(">", 0, at)
    if opened < closed:
        return not html.startswith(_AS_TYPED, opened)
    equals = html.rfind('="', opened, at)
    return " data-" in html[max(opened, equals - 30) : equals].rpartition('"')[2]
