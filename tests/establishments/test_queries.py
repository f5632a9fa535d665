"""Prisons are found by the town that families know."""

import pytest

from parloir.establishments.models import Wing
from parloir.establishments.queries import (
    all_establishments,
    establishment_by_slug,
    establishment_choices,
    establishments_that_book,
    policy_of,
    wing_ids,
)
from parloir.establishments.rules import Policy
from tests.factories import EstablishmentFactory, PolicyFactory, WingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def prisons():
    EstablishmentFactory(slug="ma-evreux", name="Maison d’arrêt d’Évreux", city="Évreux")
    EstablishmentFactory(slug="ma-epinal", name="Maison d’arrêt d’Épinal", city="Épinal")
    EstablishmentFactory(slug="ma-dijon", name="Maison d’arrêt de Dijon", city="Dijon")
    EstablishmentFactory(slug="csl-lyon", name="Centre de Lyon", city="Lyon", online_booking="none: semi-liberty")
    EstablishmentFactory(slug="cd-kone", name="Centre de détention de Koné", city="")
    EstablishmentFactory(slug="ma-belfort", name="Maison de Belfort", city="Belfort", online_booking="none: empty")


def test_choices_are_grouped_by_the_towns_initial_without_regard_to_accents(prisons):
    assert establishment_choices() == [
        ("C", [("cd-kone", "Centre de détention de Koné")]),
        ("D", [("ma-dijon", "Dijon – Maison d’arrêt de Dijon")]),
        (
            "E",
            [
                ("ma-epinal", "Épinal – Maison d’arrêt d’Épinal"),
                ("ma-evreux", "Évreux – Maison d’arrêt d’Évreux"),
            ],
        ),
        ("L", [("csl-lyon", "Lyon – Centre de Lyon")]),
    ]


def test_establishments_that_book_are_those_open_to_it(prisons):
    assert {e.slug for e in establishments_that_book()} == {"cd-kone", "ma-epinal", "ma-evreux", "ma-dijon"}


def test_all_establishments_are_listed_with_their_wings_in_two_statements(prisons, django_assert_num_queries):
    with django_assert_num_queries(2):
        listed = [(e.slug, [w.code for w in e.wings.all()]) for e in all_establishments()]

    assert len(listed) == 6


def test_an_establishment_comes_with_its_wings_and_their_policies(django_assert_num_queries):
    prison = EstablishmentFactory(slug="cp-essai")
    PolicyFactory(wing=WingFactory(establishment=prison, code="MA/QMA"))
    PolicyFactory(wing=WingFactory(establishment=prison, code="CD/QCD"), opens_days_before=14)

    with django_assert_num_queries(2):
        found = establishment_by_slug("cp-essai")
        assert found is not None
        wings = [(wing.code, wing.policy.opens_days_before) for wing in found.wings.all()]

    assert wings == [("CD/QCD", 14), ("MA/QMA", 30)]


def test_an_unknown_slug_is_no_establishment():
    assert establishment_by_slug("nulle-part") is None


def test_wings_are_named_as_the_feed_names_them():
    wing = WingFactory(establishment=EstablishmentFactory(slug="ma-dijon"), code="MA/QMA")

    assert wing_ids() == {("ma-dijon", "MA/QMA"): wing.id}


def test_a_wing_that_decided_nothing_has_the_default_policy():
    assert policy_of(WingFactory().id) == Policy()
    assert policy_of(PolicyFactory(duration_minutes=30).wing_id) == Policy(duration_minutes=30)
    with pytest.raises(Wing.DoesNotExist):
        policy_of(0)
