"""What is printed to make the site known: what it says, to whom, and that it can be scanned, read aloud and cut out."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from pdfua import Validator, ValidatorOptions

from parloir.establishments.referential import read_referential
from parloir.public.posters import papers
from parloir.public.posters.drawings import pictogram
from parloir.public.posters.papers import Paper, all_prints, pdf_of
from parloir.public.posters.texts import pictures
from parloir.public.search import prison_named
from tests.factories import EstablishmentFactory

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PAGES = {Paper.POSTER: 1, Paper.LEAFLET: 2, Paper.CARDS: 1}
SIZES = {Paper.POSTER: (595, 842), Paper.LEAFLET: (420, 595), Paper.CARDS: (595, 842)}
ENDED = {"Alicem", "Mobile Connect et moi"}
NOT_A_PROOF = "La notification de rendez-vous parloir n’est pas un justificatif !"


def words(pdf):
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return " ".join(text.replace("\r", " ").split())


def of_name(name, prison=None):
    return pdf_of(next(one for one in all_prints(prison) if one.name == name), now=NOW)


@pytest.fixture
def longest(db):
    """The prison whose name and address are the hardest to fit."""
    facts = max(read_referential(), key=lambda line: len(line.name))
    EstablishmentFactory(slug="longest", name=facts.name, phone="+262262921919")
    return prison_named("longest")


def test_every_document_fits_its_paper_is_tagged_and_scans_to_the_site(settings, longest, tmp_path):
    settings.SITE_URL = "https://rendez-vous-parloir.justice.gouv.example"
    faults = []
    for prison in (None, longest):
        for wanted in all_prints(prison):
            pdf = pdf_of(wanted, now=NOW)
            pages = pypdfium2.PdfDocument(pdf)
            assert (wanted.address, len(pages)) == (wanted.address, PAGES[wanted.paper])
            assert tuple(round(side) for side in pages[0].get_size()) == SIZES[wanted.paper]
            codes = zxingcpp.read_barcodes(pages[0].render(scale=2).to_pil())
            assert {code.text for code in codes} == {f"{settings.SITE_URL}/"}
            assert len(codes) == (10 if wanted.paper == Paper.CARDS else 1)
            path = tmp_path / wanted.name
            path.write_bytes(pdf)
            faults += [finding.message for finding in Validator(ValidatorOptions()).validate(path).findings]
            with pikepdf.open(BytesIO(pdf)) as opened:
                assert str(opened.Root.Lang) == wanted.language

    assert faults == []


def test_families_and_detained_people_are_told_the_leaflets_sentences():
    families, detainees = words(of_name("affiche-familles-fr.pdf")), words(of_name("affiche-detenus-fr.pdf"))

    assert "La prise de rendez-vous parloir se simplifie !" in families
    assert "Réservez désormais vos rendez-vous parloir en ligne, depuis chez vous" in families
    assert "La prise de rendez-vous parloir se simplifie pour vos proches !" in detainees
    assert "Ils peuvent dès à présent réserver leurs rendez-vous en ligne, depuis chez eux" in detainees
    for said in (
        "24 h/24, 7 j/7",
        "hygiaphone",
        "les permis de visite",
        "annule",
        "La prise de rendez-vous est accessible une fois",
        "impots.gouv.fr, l’Assurance Maladie (Ameli), L’Identité Numérique La Poste, la MSA, YRIS, France Identité",
        "4 tutoriels vidéo",
        "foire aux questions (FAQ)",
        "informations pratiques de chaque établissement",
        NOT_A_PROOF,
        "Démonstration, site non officiel",
    ):
        assert said in families
        assert said in detainees


def test_a_detained_person_reads_what_their_family_does_never_what_to_do_themselves():
    for name in ("affiche-detenus-fr.pdf", "depliant-detenus-fr.pdf"):
        said = words(of_name(name))
        assert (
            "La prise de rendez-vous est accessible une fois vos proches connectés et leur permis enregistré." in said
        )
        assert "Ils modifient ou annulent" in said
        assert (
            re.findall(r"Connectez-vous|Enregistrez|Choisissez|Dites|Recevez|Modifiez|Retrouvez|Le vôtre", said) == []
        )


def test_families_read_that_they_may_change_or_cancel_and_what_booking_needs():
    for name in ("affiche-familles-fr.pdf", "depliant-familles-fr.pdf"):
        said = words(of_name(name))
        assert "Modifiez ou annulez" in said
        assert "La prise de rendez-vous est accessible une fois connecté et le permis enregistré." in said
        assert "vos proches connectés" not in said


def test_every_account_that_signing_in_offers_is_named_on_paper(client, db):
    page = client.get("/connexion/").content.decode()
    offered = re.findall(r"<li><strong[^>]*>([^<]+)</strong>", page)
    named = [name.removeprefix("l’").split(" (")[0] for name in offered if name not in ENDED]

    said = words(of_name("affiche-familles-fr.pdf"))

    assert len(named) >= 7
    assert [name for name in named if name not in said] == []


def test_drawings_keep_their_colours_on_paper():
    for name in pictures():
        assert (name, re.findall(r"var\(|currentColor", pictogram(name))) == (name, [])
    assert "#ce614a" in pictogram("mail")


def test_no_line_begins_with_a_sign_or_ends_inside_a_word(longest):
    for prison in (None, longest):
        for wanted in all_prints(prison):
            lines = lines_of(pdf_of(wanted, now=NOW))
            assert (wanted.name, [line for line in lines if re.match(r"[:;!?»]|\d+ \d\d$", line)]) == (wanted.name, [])
            assert (wanted.name, [line for line in lines if re.search(r"[«(-]$", line)]) == (wanted.name, [])


def lines_of(pdf):
    pages = pypdfium2.PdfDocument(pdf)
    return [line.strip() for page in pages for line in page.get_textpage().get_text_range().splitlines()]


def test_a_prisons_documents_give_its_telephone(longest):
    for name in ("affiche-familles-fr.pdf", "depliant-detenus-en.pdf", "cartes-familles-fr.pdf"):
        assert "02 62 92 19 19" in words(of_name(name, longest))
        assert "02 62 92 19 19" not in words(of_name(name))


def test_documents_follow_the_sites_settings(settings):
    settings.OFFICIAL, settings.SITE_URL = True, "https://autre.example"

    said = words(of_name("depliant-familles-fr.pdf"))

    assert "autre.example" in said
    assert "Démonstration" not in said


def test_the_page_offers_every_document_general_or_of_one_prison(client, longest):
    general, own = client.get("/affiches/").content.decode(), client.get("/affiches/longest/").content.decode()

    for wanted in all_prints(None):
        assert f'href="{wanted.address}"' in general
    for wanted in all_prints(longest):
        assert f'href="{wanted.address}"' in own
    assert "02 62 92 19 19" in own
    assert '<a href="/affiches/longest/">' in client.get("/affiches/", {"q": longest.name}).content.decode()


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Chaque document existe en français et en anglais seulement."),
     ("ar", "كلّ وثيقة موجودة بالفرنسية والإنجليزية فقط.")],
)  # fmt: skip
def test_a_reader_of_any_language_is_told_which_ones_the_documents_are_in(client, db, language, said):
    page = client.get("/affiches/", headers={"accept-language": language}).content.decode()

    assert said in page
    assert set(re.findall(r'hreflang="(\w+)" type="application/pdf"', page)) == {"fr", "en"}


def test_a_document_is_downloaded_by_its_name(client, longest):
    response = client.get("/affiches/longest/cartes-detenus-en.pdf")

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="cartes-detenus-en.pdf"'
    assert response.content.startswith(b"%PDF")
    assert response.cookies == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/affiches/rien.pdf", "/affiches/rien/", "/affiches/rien/affiche-familles-fr.pdf", "/affiches/affiche.pdf"]
)
def test_what_is_not_printed_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_too_many_documents_at_once_are_asked_for_again_later(client, monkeypatch):
    monkeypatch.setattr(papers, "_PATIENCE_SECONDS", 0)
    with papers._making:
        response = client.get("/affiches/affiche-familles-fr.pdf")

    assert (response.status_code, response["Retry-After"]) == (429, "10")
