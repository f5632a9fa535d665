"""Find a prison, read its sheet, look at the map: what the pages say, and what they cost."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core.cache import cache

from parloir.establishments.models import Establishment
from parloir.establishments.operations import load_establishments, publish_alert, save_sheet, withdraw_alert
from parloir.establishments.queries import ALERTS_KEY
from parloir.establishments.referential import read_referential
from parloir.establishments.rules import SheetFacts
from parloir.journal.operations import SERVICE
from parloir.public.atlas import national_map
from parloir.timetable.models import Closure
from tests.factories import NOW, EstablishmentFactory, PolicyFactory, SessionFactory, WingFactory

pytestmark = pytest.mark.django_db
QUERIES = 4
"""Establishment with its own sheet; wings with policies; hours; closures. Alerts are remembered."""


@pytest.fixture
def all_prisons():
    load_establishments(facts=read_referential(), now=NOW)


@pytest.fixture
def dijon():
    prison = EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon", phone="+33380664732")
    wing = WingFactory(establishment=prison)
    PolicyFactory(wing=wing)
    return wing


def text(client, address, **headers):
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_prison_s_sheet_takes_few_queries_whichever_it_is(client, all_prisons, django_assert_num_queries):
    slugs = list(Establishment.objects.order_by("slug").values_list("slug", flat=True))

    for slug in slugs[::15]:  # the crawl reads them all
        with django_assert_num_queries(QUERIES):
            page = text(client, f"/etablissements/{slug}/")
        assert "Non renseigné" in page
        assert "None" not in page
    assert len(slugs) == 186


def test_a_sheet_says_what_is_known_and_that_the_rest_is_not(client, dijon):
    SessionFactory(wing=dijon, weekday=3, starts_at=time(14), fictional=True)
    SessionFactory(wing=dijon, weekday=6, starts_at=time(14), fictional=True)
    SessionFactory(wing=dijon, weekday=6, starts_at=time(9), fictional=True)
    SessionFactory(wing=dijon, weekday=7, starts_at=time(9), kind="uvf")

    page = text(client, "/etablissements/ma-dijon/")

    assert '<a href="tel:+33380664732">03 80 66 47 32</a>' in page
    assert "Horaires fictifs de démonstration" in page
    assert 'Mercredi</th><td><span class="p-nowrap">14 h 00</span>' in page
    assert 'Samedi</th><td><span class="p-nowrap">9 h 00</span>, <span class="p-nowrap">14 h 00</span>' in page
    assert "Dimanche</th>" not in page
    assert "<p>Dijon</p>" in page  # its court of appeal
    assert "Direction interrégionale des services pénitentiaires de Dijon" in page
    for law in ("L341-2", "L341-3", "R341-1", "R341-4", "Cerfa 13960"):
        assert law in page
    assert "4 personnes au plus viennent à une visite, dont 3 adultes au plus. Les bébés comptent." in page
    assert 'href="/espace/rendez-vous/nouveau/"' in page


def test_what_search_engines_are_told_holds_no_hours(client, dijon):
    dijon.establishment.name = 'Prison </script><b>"&'
    dijon.establishment.save()
    SessionFactory(wing=dijon, fictional=True)

    page = text(client, "/etablissements/ma-dijon/")

    raw = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1]
    (told,) = [one for one in json.loads(raw) if one["@type"] != "BreadcrumbList"]
    assert told["name"] == 'Prison </script><b>"&'
    assert told["telephone"] == "+33380664732"
    assert "ours" not in raw.replace("https://schema.org", "").lower()


@pytest.mark.parametrize(
    ("why", "said"),
    [("none: semi-liberty", "semi-liberté ne se réservent pas en ligne"), ("none: empty", "n’accueille personne")],
)
def test_a_prison_that_does_not_book_online_says_why(client, why, said):
    EstablishmentFactory(slug="ferme", online_booking=why)

    page = text(client, "/etablissements/ferme/")

    assert "Pas de réservation en ligne" in page
    assert said in page
    assert "/espace/rendez-vous/nouveau/" not in page


@time_machine.travel(NOW, tick=False)
def test_closures_to_come_are_told_and_past_or_lifted_ones_are_not(client, dijon):
    def close(since, until, reopened=None):
        Closure.objects.create(wing=dijon, since=since, until=until, closed_at=NOW, reopened_at=reopened)

    close(date(2026, 11, 2), date(2026, 11, 2))
    close(date(2026, 12, 24), date(2026, 12, 26))
    close(date(2026, 10, 1), date(2026, 11, 1))
    close(date(2026, 12, 30), date(2026, 12, 30), NOW)

    page = text(client, "/etablissements/ma-dijon/")

    assert "lundi 2 novembre 2026" in page
    assert "du jeudi 24 décembre 2026 au samedi 26 décembre 2026 inclus" in page
    assert "novembre 2026 inclus" not in page
    assert "30 décembre" not in page


@time_machine.travel(NOW, tick=False)
def test_public_holidays_are_listed_only_where_the_wing_closes_them(client, dijon):
    SessionFactory(wing=dijon)
    assert "Les visites ont lieu aussi les jours fériés" in text(client, "/etablissements/ma-dijon/")

    dijon.policy.closed_on_public_holidays = True
    dijon.policy.save()
    cache.clear()
    cache.set(ALERTS_KEY, [])

    assert "mercredi 11 novembre 2026" in text(client, "/etablissements/ma-dijon/")


def test_what_a_prison_says_of_itself_is_shown_and_escaped(client, dijon):
    facts = SheetFacts(
        telephone_hours="Du lundi au vendredi <b>",
        has_kiosk=True,
        kiosk_place="À l’accueil",
        history="Ligne 1\nLigne 2",
        checked_on=date(2026, 11, 1),
    )
    save_sheet(establishment_id=dijon.establishment_id, facts=facts, actor=SERVICE, now=NOW)

    page = text(client, "/etablissements/ma-dijon/", **{"accept-language": "en"})

    assert '<p lang="fr">Du lundi au vendredi &lt;b&gt;</p>' in page
    assert 'Yes – <span lang="fr">À l’accueil</span>' in page
    assert "Ligne 1<br>Ligne 2" in page
    assert "Sunday 1 November 2026" in page


def test_an_alert_is_shown_where_and_while_it_holds(client, dijon):
    other = EstablishmentFactory(slug="ailleurs")
    now = datetime.now(tz=UTC)

    def publish(establishment_id, text, *, since=-1, until=1):
        return publish_alert(
            establishment_id=establishment_id,
            texts={"fr": text, "en": ""},
            starts_at=now + timedelta(hours=since),
            ends_at=now + timedelta(hours=until),
            actor=SERVICE,
            now=now,
        )

    publish(None, "Grève nationale")
    publish(dijon.establishment_id, "Tempête à Dijon")
    publish(None, "Demain", since=2, until=3)
    publish(None, "Hier", since=-3, until=-2)
    withdraw_alert(alert_id=publish(None, "Retirée").pk, actor=SERVICE, now=now)
    cache.clear()

    page = text(client, "/etablissements/ma-dijon/", **{"accept-language": "en"})
    assert "Grève nationale" in page
    assert "Tempête à Dijon" in page
    assert page.count('class="p-alerts__one" lang="fr"') == 2
    assert not any(hidden in page for hidden in ("Demain", "Hier", "Retirée"))
    assert "Tempête" not in text(client, f"/etablissements/{other.slug}/")
    assert "Grève nationale" in text(client, "/connexion/")


def test_an_alert_without_french_or_that_never_holds_is_refused(dijon):
    for texts, ends_at in (({"en": "Storm"}, None), ({"fr": "Tempête"}, NOW)):
        with pytest.raises(ValueError, match="alert"):
            publish_alert(establishment_id=None, texts=texts, starts_at=NOW, ends_at=ends_at, actor=SERVICE, now=NOW)


def test_a_search_answers_without_a_script(client, all_prisons):
    page = text(client, "/etablissements/?q=st+maur")

    assert page.index("/etablissements/mc-st-maur/") < page.index("Voir tous les établissements")
    assert "<title>« st maur » – Trouver un établissement" in page
    assert "0 établissement" in text(client, "/etablissements/?q=zzzzzz")


def test_filters_narrow_a_search_and_stand_alone(client, all_prisons):
    page = text(client, "/etablissements/?region=Lyon&type=MA")
    links = re.findall(r'<span><a href="/etablissements/([\w-]+)/"', page)

    assert links
    assert set(Establishment.objects.filter(direction="Lyon", kind="MA").values_list("slug", flat=True)) == set(links)
    assert "186" in text(client, "/etablissements/?region=Atlantide&type=XX")
    assert "epm-marseille" in text(client, "/etablissements/?q=marseille&type=EPM")
    assert "cp-marseille" not in text(client, "/etablissements/?q=marseille&type=EPM")


def test_near_a_postcode_says_how_precise_it_is(client, all_prisons):
    page = text(client, "/etablissements/?cp=21000")

    assert "Près de chez vous : Côte-d’Or (21)" in page
    assert page.index("ma-dijon") < page.index("km environ du centre du département")
    assert "un autre peut être plus près de chez vous" in page
    assert "Ce code postal n’existe pas" in text(client, "/etablissements/?cp=99999")


@pytest.mark.parametrize("address", ["?q=%F0%9F%98%80", "?q=" + "a" * 3000, "?q=%3Cscript%3E"])
def test_whatever_is_typed_is_answered(client, dijon, address):
    assert "<script>" not in text(client, f"/etablissements/{address}").partition("</head>")[2]
    assert client.get(f"/etablissements/suggestions/{address}").status_code == 200


def test_suggestions_are_few_and_name_the_place(client, all_prisons, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        response = client.get("/etablissements/suggestions/?q=baum")

    assert response.json()["results"][0] == {
        "name": "Centre pénitentiaire de Marseille-Baumettes",
        "place": "Marseille (Bouches-du-Rhône)",
        "slug": "cp-marseille",
        "url": "/etablissements/cp-marseille/",
    }
    assert len(client.get("/etablissements/suggestions/?q=ma").json()["results"]) == 7
    assert client.get("/etablissements/suggestions/").json() == {"results": []}
    assert response.cookies == {}


def test_the_map_leads_to_every_prison_and_lists_them_beside(client, all_prisons, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = text(client, "/etablissements/carte/")

    drawn = set(re.findall(r'class="p-map__link" href="(/etablissements/[^"]+)"', page))
    for around in [address for address in drawn if address.startswith("/etablissements/carte/")]:
        drawn |= set(re.findall(r'class="p-map__link" href="(/etablissements/[^"]+)"', text(client, around)))
    slugs = set(Establishment.objects.values_list("slug", flat=True))
    assert {f"/etablissements/{slug}/" for slug in slugs} - drawn == {"/etablissements/cd-kone/"}
    assert "Position non renseignée : absent de la carte" in page
    assert all(f'<a href="/etablissements/{slug}/">' in page for slug in slugs)
    assert "Natural Earth" in page
    listed = Counter(kind.upper() for kind in re.findall(r'<li class="p-kind--(\w+)">', page))
    assert listed == Counter(Establishment.objects.values_list("kind", flat=True))
    assert page.count("<svg") < 30  # one for each row of the list made a phone wait longer than the map itself


def test_marks_of_the_map_never_overlap(all_prisons):
    place = re.compile(r"translate\((\S+) (\S+)\) scale\((\S+)\)")
    for sheet in (national_map()["mainland"], *national_map()["insets"]):
        marks = [tuple(map(float, place.match(mark.place).groups())) for mark in sheet.marks]
        for number, (x, y, scale) in enumerate(marks):
            assert 12 * scale <= x <= sheet.width - 12 * scale
            assert 12 * scale <= y <= sheet.height - 12 * scale
            for other_x, other_y, _scale in marks[:number]:
                assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 >= 24 * scale * 0.98


def test_a_map_around_a_prison_that_nobody_can_place_is_not_found(client, all_prisons):
    assert client.get("/etablissements/carte/cd-kone/").status_code == 404
    assert client.get("/etablissements/carte/nulle-part/").status_code == 404
    assert client.get("/etablissements/nulle-part/").status_code == 404


def test_pages_of_prisons_are_light(client, all_prisons):
    import gzip

    weights = {
        path: len(gzip.compress(client.get(path).content))
        for path in (
            *("/etablissements/", "/etablissements/carte/", "/etablissements/cp-fleury-merogis/"),
            *("/etablissements/carte/cp-fleury-merogis/", "/etablissements/?q=ma"),
        )
    }

    assert max(weights.values()) < 30_000, weights
