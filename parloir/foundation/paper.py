"""Documents to print: a tagged PDF (PDF/UA-1) that a screen reader reads too, set by typst from data.

What is said travels to the template as data, never as its text: a name cannot become an instruction.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import font_lato
import segno
import typst

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_QUIET_ZONE = 4
"""Empty modules around a code, which the standard asks for: readers miss it without."""


def printed(template: Path, said: Mapping[str, object], *, made_at: datetime) -> bytes:
    """Return a document as PDF.

    :param template: a typst file, which reads ``said`` and may import its neighbours.
    """
    return typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        sys_inputs={"said": json.dumps(said)},
        pdf_standards=["ua-1"],
        timestamp=made_at.replace(microsecond=0),  # the library refuses finer ones
    )


def code_as_drawing(text: str) -> str:
    """Return a square code as SVG, on white, that bears a crease or a scratched screen."""
    return segno.make_qr(text, error="q").svg_inline(border=_QUIET_ZONE, light="#fff")


@cache
def _fonts() -> typst.Fonts:
    """Return fonts free of rights that come with packages, so that a sheet is the same on every machine."""
    lato = Path(font_lato.__file__).parent / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[lato])
