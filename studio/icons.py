"""Draw the icons that browsers and telephones ask for at fixed addresses, from the one drawing.

``python -m studio.icons`` writes them again into ``parloir/foundation/root``, after the drawing has changed.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from parloir.foundation import assets
from tests.browser import launch_options

ROOT = assets.PACKAGE / "foundation" / "root"
DRAWING = assets.PACKAGE / "foundation" / "static" / "parloir" / "icon.svg"
PICTURES = {"apple-touch-icon.png": 180, "icone-192.png": 192, "icone-512.png": 512}
TAB = (16, 32, 48)
"""Sides, in pixels, of the one that old browsers show in a tab."""
_COLOURS = 32


def drawn(svg: str, side: int) -> Image.Image:
    """Return a drawing as a square picture, on white where it is clear: a telephone paints that black."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())  # type: ignore[arg-type]
        page = browser.new_page(viewport={"width": side, "height": side})
        page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:100vw;height:100vh}}</style>{svg}")
        picture = page.screenshot()
        browser.close()
    return Image.open(BytesIO(picture)).convert("RGB")


def main() -> None:
    """Write every icon."""
    svg = Path(DRAWING).read_text(encoding="utf-8").replace(' rx="10"', "", 1)
    for name, side in PICTURES.items():
        drawn(svg, side).quantize(_COLOURS).save(ROOT / name, optimize=True)
    drawn(svg, max(TAB)).save(ROOT / "favicon.ico", sizes=[(side, side) for side in TAB])


if __name__ == "__main__":
    main()
