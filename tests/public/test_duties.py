"""What a public service owes: whom to ask, what is kept, how accessible it is, its pages, when it is closed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from parloir.content.documents import read_questions
from parloir.content.operations import load_questions
from parloir.content.tutorials import read_recordings
from parloir.establishments.operations import save_policy, save_sheet
from parloir.establishments.rules import Policy, SheetFacts
from parloir.journal.operations import SERVICE
from parloir.public.contact import SUBJECTS
from parloir.public.sitemap import PAGES
from tests.factories import NOW, EstablishmentFactory, WingFactory

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
OF_A_PRISON = [subject for subject in SUBJECTS if subject.office]
OF_THE_SITE = [subject for subject in SUBJECTS if not subject.office]


def read(client, path, status=200, **headers):
    response = client.get(path, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def titles(page):
    return [re.sub(r"<[^>]+>", "", title) for title in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", page)]


def test_the_statement_has_the_imposed_form_and_says_that_nothing_was_audited(client):
    page = read(client, "/accessibilite/")

    statement = page[: page.index("</main>")]
    assert titles(statement) == [
        "État de conformité",
        "Résultats des tests",
        "Contenus non accessibles",
        "Non-conformités",
        "Dérogations pour charge disproportionnée",
        "Contenus non soumis à l’obligation d’accessibilité",
        "Établissement de cette déclaration",
        "Technologies utilisées",
        "Agents utilisateurs, technologies d’assistance et outils utilisés pour vérifier l’accessibilité",
        "Pages ayant fait l’objet de la vérification",
        "Retour d’information et contact",
        "Voies de recours",
    ]
    assert "n’est pas en conformité" in page
    assert "aucun audit n’a encore été réalisé" in page
    assert 'href="/accessibilite/schema-pluriannuel/#plan"' in page
    assert "Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07" in page


def test_the_time_given_to_choose_is_said_to_be_an_exception_of_the_criterion(client):
    page = read(client, "/accessibilite/")

    assert "Un cas particulier est invoqué pour le critère 13.1" in page
    assert "10 minutes, puis 10 minutes de plus" in page


def test_who_publishes_hosts_and_protects_data_is_seen_to_be_missing(client):
    notice, data = read(client, "/mentions-legales/"), read(client, "/donnees-personnelles/")

    assert notice.count("p-placeholder") == 4
    assert "[Coordonnées du délégué à la protection des données" in data
    assert read(client, "/accessibilite/schema-pluriannuel/").count("p-placeholder") == 5


def test_the_cookies_that_pages_set_are_those_that_are_told(client):
    page = read(client, "/cookies/")

    told = re.findall(r"<code>([^<]+)</code>", page)
    assert told == [
        "langue",
        "session",
        "csrftoken",
        "connexion-…",
        "deconnexion",
        "appareil",
        "saisie",
        "saisie-gardee",
    ]
    assert "donc pas de bandeau" in page


def test_what_is_said_of_how_long_data_stays_is_the_setting(client, settings):
    settings.VISITS_KEPT_DAYS = 45

    assert "rendus anonymes 45 jours après leur date" in read(client, "/donnees-personnelles/")


@pytest.mark.django_db
@pytest.mark.parametrize("subject", OF_A_PRISON, ids=lambda subject: subject.code)
def test_a_prisons_subject_leads_to_its_office_by_telephone_and_by_letter(client, subject):
    EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon", street="72 bis rue X", phone="+33380664732")

    found = read(client, f"/contact/{subject.code}/?q=dijon")
    page = read(client, f"/contact/{subject.code}/ma-dijon/")

    assert f'<a href="/contact/{subject.code}/ma-dijon/">Maison d’arrêt de Dijon</a>' in found
    assert 'href="tel:+33380664732">03 80 66 47 32</a>' in page
    assert f"Maison d’arrêt de Dijon<br>{subject.envelope}<br>72 bis rue X<br>" in page


@pytest.mark.django_db
def test_an_envelope_is_in_french_whatever_the_page(client):
    EstablishmentFactory(slug="ma-dijon")

    page = read(client, "/contact/permis/ma-dijon/", **{"accept-language": "en"})

    assert "<br>Service parloir<br>" in page
    assert '<html lang="en"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("subject", OF_THE_SITE, ids=lambda subject: subject.code)
def test_a_subject_of_the_site_asks_for_no_prison(client, subject):
    EstablishmentFactory(slug="ma-dijon")

    page = read(client, f"/contact/{subject.code}/")

    assert "p-placeholder" in page
    assert 'name="q"' not in page
    read(client, f"/contact/{subject.code}/ma-dijon/", status=404)


@pytest.mark.django_db
def test_contact_leads_to_what_is_already_answered(client):
    load_questions(facts=read_questions(), now=NOW)

    for subject in SUBJECTS:
        page = read(client, f"/contact/{subject.code}/")
        for slug in subject.answers:
            assert re.search(rf'href="/aide/\w+/{slug}/"', page), (subject.code, slug)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contact/rien/", "/contact/permis/rien/", "/contact/rien/ma-dijon/"])
def test_a_subject_or_a_prison_that_is_not_there_is_not_found(client, path):
    read(client, path, status=404)


@pytest.mark.django_db
def test_finding_no_prison_to_contact_says_what_to_try(client):
    assert "Aucun établissement pour « zzzz »" in read(client, "/contact/permis/?q=zzzz")


@pytest.mark.django_db
def test_the_site_map_for_machines_has_every_page_in_each_language(client, settings):
    settings.SITE_URL = "https://parloir.example"
    EstablishmentFactory(slug="ma-dijon")
    load_questions(facts=read_questions(), now=NOW)

    response = client.get("/sitemap.xml")

    pages = ET.fromstring(response.content)
    by_address = {page.find(f"{SITEMAP}loc").text: page for page in pages}
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert len(by_address) == len(pages) == len(PAGES) + len(read_questions()) + 1
    answer = by_address["https://parloir.example/aide/visites/linge/"]
    written = next(facts.texts["fr"].updated_on for facts in read_questions() if facts.slug == "linge")
    assert answer.find(f"{SITEMAP}lastmod").text == written.isoformat()
    assert [(link.get("hreflang"), link.get("href")) for link in answer.iter(f"{XHTML}link")] == [
        ("fr", "https://parloir.example/aide/visites/linge/"),
        ("en", "https://parloir.example/aide/visites/linge/?langue=en"),
        ("x-default", "https://parloir.example/aide/visites/linge/"),
    ]
    assert "https://parloir.example/etablissements/ma-dijon/" in by_address


def test_an_address_may_ask_for_a_language_without_changing_the_readers_own(client):
    asked = client.get("/cookies/?langue=en")

    assert '<html lang="en"' in asked.content.decode()
    assert asked.cookies == {}
    assert asked["ETag"] != client.get("/cookies/")["ETag"]
    assert '<html lang="fr"' in read(client, "/cookies/")
    assert '<html lang="fr"' in read(client, "/cookies/?langue=xx")


@pytest.mark.django_db
def test_the_site_map_says_when_a_page_last_changed_where_that_is_known(client):
    untold = EstablishmentFactory(slug="ma-dijon")
    told = WingFactory(establishment=EstablishmentFactory(slug="ma-tours")).establishment
    save_sheet(
        establishment_id=told.pk, facts=SheetFacts(), actor=SERVICE, now=datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    )
    save_policy(wing_id=told.wings.get().pk, policy=Policy(), actor=SERVICE, now=datetime(2026, 2, 1, tzinfo=UTC))
    load_questions(facts=read_questions(), now=NOW)

    pages = ET.fromstring(client.get("/sitemap.xml").content)
    changed = {page.find(f"{SITEMAP}loc").text.partition("//")[2].partition("/")[2]: page for page in pages}

    def day(path):
        found = changed[path].find(f"{SITEMAP}lastmod")
        return None if found is None else found.text

    latest = max(facts.texts["fr"].updated_on for facts in read_questions()).isoformat()
    assert day(f"etablissements/{told.slug}/") == day("etablissements/") == "2026-03-02"
    assert day(f"etablissements/{untold.slug}/") is None
    assert day("aide/") == latest
    assert day("aide/tutoriels/prendre-rendez-vous/") == read_recordings()["prendre-rendez-vous"].recorded_on
    assert day("aide/tutoriels/") == max(film.recorded_on for film in read_recordings().values())
    assert day("mentions-legales/") is None


def test_choosing_a_language_leaves_the_one_that_the_address_asked_for(client):
    response = client.post("/langue/", {"langue": "fr", "suite": "/aide/?langue=en&q=a%26b"})

    assert response["Location"] == "/aide/?q=a%26b"


def test_robots_are_led_to_the_site_map_of_the_real_site_only(client, settings):
    assert "Sitemap" not in read(client, "/robots.txt")

    settings.OFFICIAL, settings.SITE_URL = True, "https://parloir.example"
    assert read(client, "/robots.txt").endswith("\nSitemap: https://parloir.example/sitemap.xml\n")


def test_an_address_that_leads_nowhere_offers_to_search(client):
    page = read(client, "/rien/", status=404)

    assert 'action="/aide/"' in page
    assert 'href="/plan-du-site/"' in page


@pytest.mark.parametrize("path", ["/", "/espace/", "/rien/", "/etablissements/"])
def test_a_closed_service_says_until_when_and_whom_to_call_without_its_database(client, settings, path):
    settings.MAINTENANCE_UNTIL = datetime.now(UTC) + timedelta(hours=1)

    response = client.get(path)

    page = response.content.decode()
    assert response.status_code == 503
    assert 3_500 < int(response["Retry-After"]) <= 3_600
    assert response["Cache-Control"] == "no-store"
    assert "Nous faisons des travaux. Il rouvre le" in page
    assert '<a href="tel:+33380664732">03 80 66 47 32</a>' in page
    assert "Démonstration, site non officiel" in page


def test_a_service_closed_for_longer_than_said_stays_closed_and_says_so(client, settings):
    settings.MAINTENANCE_UNTIL = datetime.now(UTC) - timedelta(minutes=1)

    response = client.get("/", headers={"accept-language": "en"})

    assert (response.status_code, response["Retry-After"]) == (503, "300")
    assert "longer than planned" in response.content.decode()


def test_supervisors_still_see_the_process_of_a_closed_service(client, settings):
    settings.MAINTENANCE_UNTIL = datetime.now(UTC)

    assert client.get("/sante/vivant").status_code == 200
