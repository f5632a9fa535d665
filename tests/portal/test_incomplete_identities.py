"""What FranceConnect does not know of a person is said plainly, and never held against them."""

from __future__ import annotations

import pytest

from tests.portal.booking import a_family, new
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db


def become(family, **civil):
    """Have the person of this space be known differently from now on."""
    for name, value in civil.items():
        setattr(family.account, name, value)
    family.account.save()


def page(family, address):
    return " ".join(family.browser.get(address).content.decode().split())


def test_without_a_birth_date_nobody_is_called_a_minor_but_told_what_to_do(family):
    become(family, birth_date="")
    family.browser = signed_in(family.account)

    calendar = page(family, new(family))
    why = page(family, new(family, "pourquoi/"))
    registering = page(family, "/espace/permis/ajouter/")

    for shown in (calendar, why):
        assert "moins de 18 ans" not in shown
        assert "date de naissance" in shown
        assert "Appelez l’établissement" in shown
    assert "FranceConnect ne nous a pas donné votre date de naissance" in registering
    assert "/espace/permis/aide/" in registering


@pytest.mark.parametrize(
    ("civil", "shown", "greeted"),
    [
        ({}, "Sophie DURAND", "Bonjour Sophie"),
        ({"first_names": []}, "DURAND", "Bonjour DURAND"),
        ({"first_names": [], "birth_name": ""}, "Mon espace", "Bonjour"),
    ],
)
def test_every_link_of_the_header_has_a_name_and_everybody_is_greeted(civil, shown, greeted):
    family = a_family()
    become(family, **civil)
    family.browser = signed_in(family.account)

    home = page(family, "/espace/")

    assert f"<span>{shown}</span></a>" in home
    assert f"<h1>{greeted}</h1>" in home
