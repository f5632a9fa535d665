"""Make the fonts of printed sheets from those of Debian's packages fonts-noto-core and fonts-noto-cjk (OFL 1.1).

python -m studio.fonts FOLDER: FOLDER holds the two packages unpacked, such as /usr/share/fonts; what it makes is kept
in parloir/foundation/fonts. The scripts are those of the names that registers of civil status hold in France; of
the large East Asian face, the characters of names alone.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection

from parloir.foundation.paper import FONTS

SCRIPTS = (
    "", "Adlam", "Arabic", "Armenian", "Bengali", "Cherokee", "Devanagari", "Ethiopic", "Georgian", "Gujarati",
    "Gurmukhi", "Hebrew", "Javanese", "Kannada", "Khmer", "Lao", "Malayalam", "Mongolian", "Myanmar", "NKo", "Oriya",
    "Sinhala", "Syriac", "Tamil", "Telugu", "Thaana", "Thai", "Tifinagh", "Vai", "Symbols2",
)  # fmt: skip
EAST_ASIAN = "NotoSansCJK-Regular.ttc"
IDEOGRAPHS = (
    (0x3400, 0x4DBF),  # rarer ones
    (0x4E00, 0x9FFF),
)
SYLLABLES = (
    (0x3000, 0x30FF),  # punctuation, hiragana, katakana
    (0x3100, 0x312F),  # bopomofo
    (0x3131, 0x318E),  # Korean letters one by one
    (0xAC00, 0xD7A3),  # Korean syllables
    (0xF900, 0xFAFF),  # ideographs kept apart by older standards
    (0xFF01, 0xFFEE),  # wide and narrow forms
)
"""In two files: what draws the sheets cannot find the glyphs beyond the 32,767th of a table of the plainest format."""


def main(folder: Path) -> None:
    """Write the fonts anew."""
    FONTS.mkdir(exist_ok=True)
    for script in SCRIPTS:
        name = f"NotoSans{script}-Regular.ttf"
        shutil.copyfile(next(folder.rglob(name)), FONTS / name)
    shutil.copyfile(next(folder.rglob("NotoSerifTibetan-Regular.ttf")), FONTS / "NotoSerifTibetan-Regular.ttf")
    for name, characters in {"Ideographs": IDEOGRAPHS, "Syllables": SYLLABLES}.items():
        _write_east_asian(next(folder.rglob(EAST_ASIAN)), name, characters)
    print(f"{sum(path.stat().st_size for path in FONTS.iterdir()) / 1e6:.1f} MB in {FONTS}")


def _write_east_asian(collection: Path, name: str, characters: tuple[tuple[int, int], ...]) -> None:
    face = TTCollection(collection).fonts[0]
    options = Options()
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in characters for code in range(first, last + 1)])
    subsetter.subset(face)
    called = {1: f"Noto Sans CJK {name}", 4: f"Noto Sans CJK {name}", 6: f"NotoSansCJK{name}-Regular"}
    for record in face["name"].names:
        record.string = called.get(record.nameID, record.toUnicode())
    face.save(FONTS / f"NotoSansCJK-{name}-Regular.otf")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
