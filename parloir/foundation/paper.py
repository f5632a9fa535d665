"""Documents to print: a tagged PDF (PDF/UA-1) that a screen reader reads too, set by typst from data.

What is said travels to the template as data, never as its text: a name cannot become an instruction.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import font_lato
import segno
import typst
from fontTools.ttLib import TTFont

from parloir.foundation.typesetting import spaced

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FONTS = Path(__file__).with_name("fonts")
"""Letters of the scripts in which people's names are written (docs/decisions/0030)."""

_BOX = "\N{WHITE SQUARE}"
"""What stands for a sign that no font has."""

_INVISIBLE = {"Cf", "Zl", "Zp"}
"""Kinds of characters that need no drawing: marks of direction, joiners, ends of lines."""

_ENDS = "\n\t"

_QUIET_ZONE = 4
"""Empty modules around a code, which the standard asks for: readers miss it without."""


def printed(template: Path, said: Mapping[str, object], *, made_at: datetime) -> bytes:
    """Return a document as PDF.

    What no font can draw is written in letters that mean the same, or as a box: a name never stops a sheet.

    :param template: a typst file, which reads ``said`` and may import its neighbours.
    """
    return typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        sys_inputs={"said": json.dumps(_drawable(said))},
        pdf_standards=["ua-1"],
        timestamp=made_at.replace(microsecond=0),  # the library refuses finer ones
    )


def code_as_drawing(text: str) -> str:
    """Return a square code as SVG, on white, that bears a crease or a scratched screen."""
    return segno.make_qr(text, error="q").svg_inline(border=_QUIET_ZONE, light="#fff")


def _drawable(said: object) -> object:
    """Return data with every text in it as the fonts can draw it and no line parts it."""
    if isinstance(said, str):
        return drawable(spaced(said))
    if isinstance(said, dict):
        return {key: _drawable(value) for key, value in said.items()}
    if isinstance(said, list | tuple):
        return [_drawable(value) for value in said]
    return said


def drawable(text: str) -> str:
    """Return a text without what no font has: as plainer letters where there are any, else as boxes."""
    known = _characters()
    if known.issuperset(text):
        return text
    return "".join(part for char in unicodedata.normalize("NFC", text) for part in _drawn(char, known))


def _drawn(char: str, known: frozenset[str]) -> str:
    kind = unicodedata.category(char)
    if char in known or char in _ENDS or kind in _INVISIBLE:
        return char
    if kind == "Cc":
        return ""
    if unicodedata.combining(char) or kind == "Mn":
        return ""  # an accent, or the colour of a picture, on a letter that stays
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain != char and known.issuperset(plain) else _BOX


@cache
def _characters() -> frozenset[str]:
    """Return what our fonts can draw; those that the library brings with it are beside."""
    codes: set[int] = set()
    for path in _font_files():
        with TTFont(path, lazy=True) as font:
            codes.update(font.getBestCmap())
    return frozenset(char for char in map(chr, codes) if unicodedata.category(char) != "Cc" or char in _ENDS)


def _font_files() -> list[Path]:
    return sorted(path for folder in _folders() for path in folder.rglob("*.[ot]tf"))


def _folders() -> list[Path]:
    return [Path(font_lato.__file__).parent / "files", FONTS]


@cache
def _fonts() -> typst.Fonts:
    """Return fonts free of rights, kept here or by packages, so that a sheet is the same on every machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=_folders())
