"""The sheet to print: what it says, in which language, and that a screen reader can read it."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from urllib.parse import unquote_to_bytes

import pikepdf
import pypdfium2
import pytest
import typst
import zxingcpp
from pdfua import Validator, ValidatorOptions
from PIL import Image

from parloir.portal.documents.codes import code_as_address
from parloir.portal.documents.proof import proof_of_booking
from tests.factories import NOW
from tests.portal.documents.families import a_visit

pytestmark = pytest.mark.django_db

NOT_A_PROOF = "La notification de rendez-vous parloir n’est pas un justificatif !"
CHILD = date(2019, 5, 1)


def sheet_of(visit, *, language="fr"):
    return proof_of_booking(visit, language=language, now=NOW)


def words(pdf):
    """Return all that a sheet says, line ends aside."""
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return " ".join(text.split())


def codes_in(picture):
    return [(code.format, code.text) for code in zxingcpp.read_barcodes(picture)]


def test_the_sheet_says_when_where_who_and_what_to_bring():
    visit = a_visit(born=[date(1992, 1, 30), CHILD])

    said = words(sheet_of(visit))

    for expected in (
        visit.reference,
        "Mercredi 11 novembre 2026",
        "de 14 h 00 à 14 h 45",
        visit.slot.wing.establishment.name,
        "1 rue de l'Essai",
        "21000 DIJON",
        "Téléphone : 03 80 00 00 00",
        "Paul MARTIN",
        "Sophie DURAND (enfant)",
        "Arrivez à 13 h 30, 30 minutes avant.",
        "En retard, vous ne pourrez plus entrer.",
        "Le permis de conduire n’est pas accepté.",
        "Pour les enfants : le livret de famille.",
        "Rendez-vous pris le lundi 2 novembre 2026.",
        "Document fait le lundi 2 novembre 2026 à 10 h 00.",
        NOT_A_PROOF,
    ):
        assert expected in said


def test_the_rules_are_those_of_the_wing_and_of_those_who_come():
    policy = {"arrive_minutes_before": 0, "lateness_tolerance_minutes": 10, "driving_licence_accepted": True}

    said = words(sheet_of(a_visit(policy=policy)))

    assert "Arrivez à l’heure." in said
    assert "Au-delà de 10 minutes de retard, vous ne pourrez plus entrer." in said
    assert "permis de conduire" not in said
    assert "livret de famille" not in said


def test_the_sheet_is_in_the_language_of_the_account():
    said = words(sheet_of(a_visit(), language="en"))

    assert "Wednesday 11 November 2026" in said
    assert "Visit confirmation" in said


def test_an_arabic_sheet_says_in_french_what_the_gate_must_read():
    said = words(sheet_of(a_visit(), language="ar"))

    # What reads a sheet as text turns round the order of words in a right-to-left one.
    assert {"Confirmation", "mercredi", "novembre", "14:00"} <= set(said.replace("\xa0", " ").split())
    assert len(pypdfium2.PdfDocument(sheet_of(a_visit(), language="ar"))) == 1


@pytest.mark.parametrize(("official", "says"), [(False, True), (True, False)])
def test_the_sheet_says_that_it_is_a_demonstration_until_the_state_runs_it(settings, official, says):
    settings.OFFICIAL = official

    assert ("Démonstration, site non officiel" in words(sheet_of(a_visit()))) is says


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
@pytest.mark.parametrize("official", [False, True])
def test_the_sheet_is_tagged_as_pdf_ua_asks(settings, tmp_path, language, official):
    settings.OFFICIAL = official
    path = tmp_path / "sheet.pdf"
    path.write_bytes(sheet_of(a_visit(born=[date(1992, 1, 30), CHILD]), language=language))

    report = Validator(ValidatorOptions()).validate(path)

    assert [finding.message for finding in report.findings] == []
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang) == language
        assert pdf.Root.MarkInfo.Marked == True  # noqa: E712
        assert pdf.open_metadata()["pdfuaid:part"] == "1"


def test_the_sheet_of_a_visit_to_be_confirmed_promises_nothing():
    visit = a_visit()
    visit.confirm_by = NOW

    said = words(sheet_of(visit))

    assert "Confirmation de rendez-vous" not in said
    assert "L’établissement vous répond avant le lundi 2 novembre 2026 à 10 h 00. Ne vous déplacez pas" in said


def test_the_sheet_s_title_names_nobody():
    with pikepdf.open(BytesIO(sheet_of(a_visit()))) as pdf:
        assert pdf.open_metadata()["dc:title"] == "Confirmation de rendez-vous"


def test_a_sheet_of_many_people_fits_one_page():
    visit = a_visit(born=[date(1990, 1, day) for day in range(1, 4)] + [CHILD], accessible=True)

    assert len(pypdfium2.PdfDocument(sheet_of(visit))) == 1


def test_a_name_that_looks_like_an_instruction_stays_a_name():
    visit = a_visit()
    visit.detainee.birth_name = '#read("/etc/hostname") *$x$* "\\'

    assert '#READ("/ETC/HOSTNAME") *$X$*' in words(sheet_of(visit)).upper()


def test_the_code_on_paper_holds_the_reference_only():
    visit = a_visit()
    page = pypdfium2.PdfDocument(sheet_of(visit))[0]

    ((kind, text),) = codes_in(page.render(scale=3).to_pil())

    assert text == visit.reference
    assert "QR" in str(kind)


def test_the_code_on_the_screen_holds_the_reference_only():
    kind, _, drawing = code_as_address("PAR-2345-67").partition(",")
    assert kind == "data:image/svg+xml;charset=utf-8"
    page = '#set page(width: auto, height: auto)\n#image(bytes(sys.inputs.svg), format: "svg", width: 6cm)'

    picture = typst.compile(page.encode(), format="png", sys_inputs={"svg": unquote_to_bytes(drawing).decode()})

    assert [text for _, text in codes_in(Image.open(BytesIO(picture)))] == ["PAR-2345-67"]
