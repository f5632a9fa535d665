"""A drawing means one thing: the table in the documentation says which, and every use of it stands beside its words."""

from __future__ import annotations

import re
from pathlib import Path

from parloir.foundation.assets import PACKAGE
from parloir.public.posters.texts import Readers, steps

SYMBOLS = PACKAGE / "foundation" / "static" / "parloir" / "pictograms.svg"
TABLE = PACKAGE.parent / "docs" / "pictograms.md"
_ROW = re.compile(r"^\| `([a-z]+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_SYMBOL = re.compile(r'<symbol id="([a-z]+)"[^>]*>(.*?)</symbol>', re.DOTALL)
_USE = re.compile(r'pictogram "([a-z]+)"')
_TITLE = re.compile(r"{% block title %}(.*?){% endblock %}", re.DOTALL)
_WRITTEN = re.compile(r"translate|{{")


def table() -> dict[str, tuple[str, list[str]]]:
    """Return, for each drawing, what it means and the words that it stands beside."""
    rows = _ROW.findall(TABLE.read_text(encoding="utf-8"))
    return {name: (means, [word.strip().casefold() for word in words.split(",")]) for name, means, words in rows}


def uses() -> list[tuple[str, str, str]]:
    """Return every use in templates and in forms: the file, the drawing, the words that stand beside it."""
    found = []
    for path in sorted(PACKAGE.rglob("*.html")):
        source = path.read_text(encoding="utf-8")
        found.extend((path.name, use[1], _beside(source, use.end())) for use in _USE.finditer(source))
    for path in [*sorted(PACKAGE.rglob("forms/*.py")), PACKAGE / "public" / "guide.py"]:
        for statement in re.findall(r"Described\((?:[^()]|\([^()]*\))*\)", path.read_text(encoding="utf-8")):
            found += [
                (path.name, name, statement.casefold())
                for name in re.findall(r'"([a-z]+)"\s*(?:if|,?\s*\))', statement)
            ]
    return found


def _beside(source: str, at: int) -> str:
    """Return the words after a drawing, up to the next one; where it heads a page, the page's title."""
    line = source[at : source.find("\n", at)]
    words = line if _WRITTEN.search(line) else "\n".join(source[at:].split("\n")[:6])
    own = words.partition("pictogram")[0]
    title = _TITLE.search(source)
    headed = title[1] if title and not _WRITTEN.search(line) else ""
    return f"{own if _WRITTEN.search(own) else words} {headed}".casefold()


def test_every_drawing_is_in_the_table_with_one_meaning_of_its_own():
    drawn = dict(_SYMBOL.findall(SYMBOLS.read_text(encoding="utf-8")))
    known = table()

    assert known.keys() == drawn.keys()
    assert len({means for means, _words in known.values()}) == len(known)
    assert len(set(drawn.values())) == len(drawn)


def test_every_drawing_stands_beside_the_words_that_it_means():
    known, found = table(), uses()

    assert len(found) > 60
    assert [use for use in found if not any(word in use[2] for word in known[use[1]][1])] == []


def test_every_drawing_is_used():
    named = "".join(
        path.read_text(encoding="utf-8") for suffix in ("html", "py") for path in Path(PACKAGE).rglob(f"*.{suffix}")
    )

    assert [name for name in table() if f'"{name}"' not in named] == []


def test_papers_use_drawings_for_what_they_mean():
    known = table()
    for step in steps(Readers.FAMILIES):
        assert any(word in f"{step['title']} {step['text']}".casefold() for word in known[step["picture"]][1]), step
