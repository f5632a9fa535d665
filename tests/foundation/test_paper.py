"""A sheet to print holds people's names in whatever script they are written; none stops it."""

from __future__ import annotations

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parloir.foundation import paper
from parloir.foundation.paper import drawable, printed
from tests.factories import NOW
from tests.foundation.names import NAMES

TEMPLATE = """#let said = json(bytes(sys.inputs.said))
#set document(title: "Noms")
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 14pt, lang: "fr")
#for name in said.names [#name \\ ]
"""


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    path = tmp_path_factory.mktemp("paper") / "names.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return lambda names: printed(path, {"names": list(names)}, made_at=NOW)


def text_of(pdf):
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("script", NAMES)
def test_the_letters_of_a_script_are_drawn_as_they_are(script):
    kept = [drawable(name) for name in NAMES[script]]

    expected = (
        list(NAMES[script])
        if script != "wide"
        else ["ＭＡＲＴＩＮ Ｐａｕｌ", "Ｄｕｒａｎｄ　Ｓｏｐｈｉｅ", "ﬁona", "Marie"]
    )
    assert kept == expected


def test_names_of_all_scripts_are_printed_on_one_sheet(sheet):
    pdf = sheet(name for names in NAMES.values() for name in names)

    said = text_of(pdf)
    assert [name for name in ("陳大文", "김민준", "Наталія Шевченко", "Ελένη Παπαδοπούλου") if name not in said] == []


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("Léa 😀", "Léa □"),
        ("Zoé 👩‍👧", "Zoé □\u200d□"),  # the joiner between two pictures is invisible
        ("𝓜arie", "Marie"),
        ("e\u0323\u0301b", "e\u0323\u0301b"),
        ("\ue000", "□"),
        ("\U000e0041", "\U000e0041"),
        ("tab\tet\x07cloche", "tab\tetcloche"),
    ],
)
def test_what_no_font_has_is_written_plainly_or_as_a_box(sheet, typed, drawn):
    assert drawable(typed) == drawn
    assert sheet([typed]).startswith(b"%PDF")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=20))
def test_no_text_stops_a_sheet(sheet, texts):
    assert sheet(texts).startswith(b"%PDF")


def test_the_fonts_kept_here_weigh_what_they_may():
    assert sum(path.stat().st_size for path in paper.FONTS.iterdir()) < 30_000_000
