"""Turn an answer's Markdown into the page's HTML, or into the plain text that is searched.

Raw HTML is shown as text and only ordinary links are followed, so that whoever writes an answer cannot write a script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_HIGHEST = 2
"""The page's own title is the only one of level 1."""


def rendered(body: str) -> SafeString:
    """Return an answer as HTML whose headings stand below the page's title."""
    tokens = _PARSER.parse(body)
    for token in tokens:
        _dress(token)
    html = str(_PARSER.renderer.render(tokens, _PARSER.options, {}))
    return mark_safe(html)  # noqa: S308 (the parser escapes all it does not make)


def plain(body: str) -> str:
    """Return an answer's words, without marks: blocks become lines, links their text."""
    return "\n".join(line for token in _PARSER.parse(body) if (line := _words_of(token)))


def links_of(body: str) -> list[str]:
    """Return where an answer's links lead."""
    spans = [span for token in _PARSER.parse(body) for span in token.children or []]
    return [str(span.attrs["href"]) for span in spans if span.type == "link_open"]


def _dress(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{max(int(token.tag[1:]), _HIGHEST)}"
    elif token.type == "blockquote_open":
        token.tag = "div"
        token.attrSet("class", "p-warning")
    elif token.type == "blockquote_close":
        token.tag = "div"
    elif token.type == "table_open":
        token.attrSet("class", "p-table")
    elif token.type == "th_open":
        token.attrSet("scope", "col")


def _words_of(token: Token) -> str:
    breaks = {"softbreak": " ", "hardbreak": " "}
    return "".join(breaks.get(span.type, span.content) for span in token.children or [])
