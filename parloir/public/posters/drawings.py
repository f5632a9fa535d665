"""Our own drawings, as a document takes them: alone, with their colours written in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.safestring import SafeString

_BLUE = "#000091"
_VARIABLE = re.compile(r"var\(--[\w-]+,(#[0-9a-f]+)\)")
_SYMBOL = re.compile(r'<symbol id="([a-z]+)" (viewBox="[^"]+")>(.*?)</symbol>', re.DOTALL)


@cache
def illustration() -> SafeString:
    """Return the drawing of a visit: within the first page, it costs a third of what asking for it would."""
    return SafeString(_read("parloir/visit.svg"))


@cache
def pictogram(name: str) -> str:
    """Return one of the pages' pictograms.

    :raises KeyError: when there is none of that name.
    """
    drawn = {found: (box, shape) for found, box, shape in _SYMBOL.findall(_read("parloir/pictograms.svg"))}
    box, shape = drawn[name]
    coloured = _VARIABLE.sub(r"\1", shape).replace("currentColor", _BLUE)
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{coloured}</svg>'


def _read(path: str) -> str:
    return Path(str(finders.find(path))).read_text(encoding="utf-8")
