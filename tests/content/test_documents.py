"""The product's own questions: enough of them, placed, translated, sourced, and leading somewhere."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.urls import Resolver404, resolve

from parloir.content.documents import QUESTIONS, BadDocument, read_questions
from parloir.content.markdown import links_of, plain
from parloir.content.rules import ARTICLES, CHAPTERS, LANGUAGES, Section
from parloir.content.sentences import CHAPTERS as TITLES
from parloir.content.sentences import SECTIONS
from parloir.content.tutorials import read_tutorials
from parloir.establishments.referential import read_referential

FACTS = read_questions()
TEXTS = [(fact, language, fact.texts[language]) for fact in FACTS for language in LANGUAGES]
LONGEST_ANSWER = 260
"""In words: an answer is read in one screen or two."""


def test_there_are_sixty_questions_and_more_in_every_language():
    assert sum(fact.section != Section.GUIDES for fact in FACTS) >= 60
    for language in LANGUAGES:
        files = {path.stem for path in (QUESTIONS / language).rglob("*.md")}
        assert files == {fact.slug for fact in FACTS}


def test_every_chapter_of_the_leaflets_tree_has_its_questions():
    filled = {(fact.section, fact.chapter) for fact in FACTS if fact.section != Section.GUIDES}

    assert filled == {(s, c) for s, letters in CHAPTERS.items() for c in letters if s != Section.GUIDES}
    assert set(TITLES) == {(s, c) for s, letters in CHAPTERS.items() for c in letters}
    assert set(SECTIONS) == set(Section)


def test_titles_are_not_repeated_nor_too_long():
    for language in LANGUAGES:
        titles = Counter(fact.texts[language].title for fact in FACTS)
        assert [title for title, times in titles.items() if times > 1 or len(title) > 110] == []


def test_answers_are_short_and_hold_no_title_of_their_own():
    long = {
        (fact.slug, language)
        for fact, language, text in TEXTS
        if fact.section != Section.GUIDES and len(plain(text.body).split()) > LONGEST_ANSWER
    }

    assert long == set()
    assert [fact.slug for fact, _, text in TEXTS if re.search(r"^#\s", text.body, re.MULTILINE)] == []


HELP_ELSEWHERE = {
    "https://aidantsconnect.beta.gouv.fr/",
    "https://formulaire.defenseurdesdroits.fr/",
    "https://www.justice.gouv.fr/actualites/actualite/septieme-journee-nationale-lacces-au-droit",
    "https://www.cours-appel.justice.fr/reims/24-mai-journee-nationale-de-lacces-au-droit-2022",
    "https://casp.asso.fr/structure/numero-vert-arapej/",
    "http://www.justice.gouv.fr/prison-et-reinsertion-10036/accompagner-les-familles-de-personnes-detenues-23601.html",
    "https://ash.tm.fr/hebdo/2945/decryptage/des-relais-tissent-les-liens-entre-enfants-et-parents-incarceres-371027.php",
    "http://oip.org/fiche-droits/les-autorisations-et-permissions-de-sortir",
    "https://3114.fr/que-se-passe-t-il-quand-je-contacte-le-3114/",
    "https://alexia.fr/fiche/12292/comment-obtenir-un-permis-de-visite-avec-un-proche-detention.htm",
    "https://annuaire-prisons.fr/les-appareils-medicaux-acceptes-en-cellule",
    "https://archive.nossenateurs.fr/intervention/1645624",
    "https://avisio.io/TermsOfUseForInmates",
    "https://bensadoun-avocat.com/acces-a-la-cabine-telephonique",
    "https://callways.fr/envoyer-de-largent-a-un-proche-en-detention",
    "https://codes-et-lois.fr/code-de-procedure-penale/toc-procedures-execution-detention-ff3d851-texte-integral",
    "https://cramif.fr/node/808",
    "https://juriblio.fr/ordonnances/ordonnance-no-2022-478-du-30-mars-2022/179688478/annexe/livre-iii/titre-iv/chapitre-ier",
    "https://justice.gouv.fr/en/node/161",
    "https://legal.tricoteuses.fr/articles/LEGIARTI000042726346",
    "https://oip.org/?p=11298",
    "https://oip.org/analyse/suicide-en-prison-des-proches-seuls-avec-leurs-questions",
    "https://oip.org/analyse/un-impossible-deuil",
    "https://oip.org/communique/prives-dassister-aux-obseques-de-leurs-proches-faute-de-surveillants-disponibles",
    "https://oip.org/fiche-droits/le-droit-a-la-correspondance/",
    "https://oip.org/fiche-droits/le-telephone",
    "https://oip.org/fiche-droits/les-recours-administratifs/",
    "https://oip.org/temoignage/sans-loip-je-naurais-pas-pu-me-defendre-contre-les-violences-penitentiaires",
    "https://pj44.burgaud.info/information-des-familles-et-proches/les-colis-de-noel",
    "https://ru.scribd.com/document/54041362/Regime-des-demandes-de-permis-de-visite",
    "https://service-public.fr/particuliers/vosdroits/F31728",
    "https://studylibfr.com/doc/3257049/organisation-des-services-m%C3%A9dicaux-en-prison---les-ucsa",
    "https://trouvervotreavocat.com/interview/connaissez-vous-lobservatoire-international-des-prisons",
    "https://www.avocat-colliou.com/envoyer-un-colis-pour-les-fetes-a-un-detenu_ad30.html",
    "https://www.deces-info.fr/blog/detenu-peut-il-assister-aux-funerailles",
    "https://www.doctrine.fr/l/texts/codes/LEGITEXT000006071154/articles/LEGIARTI000006575334?version=LEGIARTI000033462335&date=2022-04-29&source=legislation-text&sourcePage=",
    "https://www.mariloulepage.fr/blog/lettre-a-un-prisonnier",
    "https://www.mayotte.ars.sante.fr/3114-le-numero-national-de-prevention-du-suicide",
    "https://www.sep91.com/envoyer-argent-proche-detenu-fleury",
    "https://www.service-public.gouv.fr/particuliers/vosdroits/F14149",
    "https://cabinet222-avocat.com/mon-proche-est-en-prison/",
    "https://farapej.fr/Depot-de-linge-et-de-livres",
    "https://myriam-driouch-avocat.fr/comment-deposer-du-linge-en-prison/",
    "https://www.castling-avocats.com/?p=1877",
    "http://www.justice.gouv.fr/justice-des-mineurs-10042/serie-video-justice-des-mineurs-7-22515.html",
    "https://123dok.net/article/place-familles-relations-l-exterieur.y6e1m4gg",
    "https://ash.tm.fr/hebdo/2500/le-social-en-textes/les-recommandations-du-ministere-de-la-justice-pour-la-mise-en-oeuvre-des-etablissements-penitentiaires-pour-mineurs-384758.php",
    "https://brindesoleil-rennes.fr/?p=346",
    "https://codes-et-lois.fr/code-de-procedure-penale/toc-conseil-etat-procedures-execution-detention-discipline-secu-f64cd02-texte-integral",
    "https://doczz.fr/doc/2222350/vos-droits-caf-pendant-une-incarc%C3%A9ration",
    "https://oip.org/?p=2328",
    "https://oip.org/analyse/permis-de-visite-le-casier-judiciaire-nest-pas-redhibitoire",
    "https://oip.org/fiche-droits/le-droit-de-visite",
    "https://ufap.fr/adoption-a-l-assemblee-nationale-regime-specifique-de-detention-et-qlco",
    "https://www.actu-juridique.fr/droit-penitentiaire/lutte-contre-le-narcotrafic-les-nouvelles-regles-de-detention-du-haut-du-spectre/",
    "https://www.droitissimo.com/justice/detenus-familles/femmes-ou-familles-detenus-comment-faire-valoir-vos-droits?page=0,5",
    "https://www.mes-allocs.fr/guides/allocations-familiales/allocation-soutien-familial/allocation-de-soutien-familial-conditions/asf-conjoint-incarcere",
}
"""Who can help, and the pages where what is said of numbers, delays and usages was read."""
NUMBERS = {"15", "3114", "3039", "+33970823190", "+33143729841"}


def test_every_link_leads_to_a_page_and_only_help_for_the_helpless_leads_away():
    known = {f"/aide/{fact.section}/{fact.slug}/" for fact in FACTS}
    known |= {f"/aide/tutoriels/{tutorial.slug}/" for tutorial in read_tutorials()}
    lost = []
    for fact, language, text in TEXTS:
        for link in links_of(text.body):
            if link.startswith("http"):
                assert link in HELP_ELSEWHERE
            elif link.startswith("tel:"):
                assert link.removeprefix("tel:") in NUMBERS
            elif link.startswith("/aide/"):
                lost += [(fact.slug, language, link)] * (link not in known)
            else:
                try:
                    resolve(link.partition("#")[0])
                except Resolver404:
                    lost.append((fact.slug, language, link))

    assert lost == []


def test_the_law_is_only_what_was_read():
    cited = {article for fact, _, text in TEXTS for article in re.findall(r"\b[LRD]\.?\s?\d{2,4}-\d+", text.body)}

    assert cited - ARTICLES == set()


def test_each_question_leads_to_others_and_never_to_itself():
    assert [fact.slug for fact in FACTS if not 2 <= len(fact.related) <= 4 or fact.slug in fact.related] == []


def test_the_figures_are_those_of_the_referential():
    kinds = Counter(line.kind for line in read_referential())
    said = next(fact for fact in FACTS if fact.slug == "types-de-prisons").texts["fr"].body

    assert "186 établissements" in said
    for kind, words in {"MA": "maisons d’arrêt", "CD": "centres de détention", "MC": "maisons centrales",
                        "CP": "centres pénitentiaires", "CSL": "centres de semi-liberté",
                        "EPM": "établissements pour mineurs"}.items():  # fmt: skip
        assert f"**{kinds[kind]} {words}**" in said


def test_what_ended_or_is_sold_elsewhere_is_never_offered():
    by_slug = {fact.slug: fact.texts["fr"].body for fact in FACTS}

    assert "n’existent plus" in by_slug["mobile-connect-alicem"]
    for slug in ("parloir-hygiaphone", "parloir-prolonge", "salon-familial", "uvf"):
        assert "ne se réserve pas en ligne" in by_slug[slug]
    assert "n’est pas un justificatif !" in by_slug["justificatif"]


HEAD = 'title = "T"\nchapter = "A"\nposition = 1\nkeywords = []\nrelated = []\nsources = []\nupdated = 2026-11-25\n'


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (HEAD.replace('"A"', '"Z"'), "unknown chapter"),
        (HEAD.replace("sources = []", 'sources = ["L999-9"]'), "nobody has read"),
        (HEAD.replace("related = []", 'related = ["rien"]'), "no such related question"),
        (HEAD.replace("position = 1\n", ""), "position"),
        ("title = ", "Invalid"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, head, why):
    for language in LANGUAGES:
        (tmp_path / language / "permis").mkdir(parents=True)
        (tmp_path / language / "permis" / "x.md").write_text(f"+++\n{head}+++\n\nTexte.\n")

    with pytest.raises(BadDocument, match=why):
        read_questions(tmp_path)


def test_a_missing_translation_is_an_error(tmp_path):
    (tmp_path / "fr" / "permis").mkdir(parents=True)
    (tmp_path / "fr" / "permis" / "x.md").write_text(f"+++\n{HEAD}+++\n\nTexte.\n")

    with pytest.raises(BadDocument, match=r"en/permis/x\.md"):
        read_questions(tmp_path)
