"""The square code that is shown at the gate: it holds a visit's reference, and nothing of anybody."""

from __future__ import annotations

import segno

_QUIET_ZONE = 4
"""Empty modules around the code, which the standard asks for: readers miss it without."""


def code_as_svg(reference: str) -> str:
    """Return the drawing, on white: a reader sees nothing on a dark page."""
    return _code(reference).svg_inline(border=_QUIET_ZONE, light="#fff")


def code_as_address(reference: str) -> str:
    """Return the drawing as an address that a page's image can hold, so that nothing more is asked for."""
    return _code(reference).svg_data_uri(border=_QUIET_ZONE, light="#fff", encode_minimal=False)


def _code(reference: str) -> segno.QRCode:
    # Never the smaller kind: many telephones do not read it. Level Q bears a crease or a scratched screen.
    return segno.make_qr(reference, error="q")
