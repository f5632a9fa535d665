"""A page has one block for questions, at its end: what fits the page, whom to call or write to, an opinion."""

from __future__ import annotations

import re

import pytest
from django.utils.html import escape

from parloir.foundation.assets import PACKAGE
from parloir.visits.models import Visit
from tests.portal.booking import a_family, about, confirm

ASKS = re.compile(r"Une question[^<\"]*\?")


def test_one_template_alone_asks_whether_there_is_a_question():
    asking = {
        path.relative_to(PACKAGE).as_posix(): len(ASKS.findall(path.read_text(encoding="utf-8")))
        for path in PACKAGE.rglob("*.html")
        if "messages" not in path.parts
    }

    assert {name: count for name, count in asking.items() if count} == {"foundation/templates/components/help.html": 1}


@pytest.mark.django_db
def test_the_block_of_a_page_about_a_prison_says_how_to_reach_it_and_nothing_else_on_the_page_does():
    family = a_family()
    prison = family.wing.establishment
    prison.phone, prison.street = "+33380664732", "72 rue d’Auxonne"
    prison.save()
    confirm(family, family.permit)
    visit = Visit.objects.get()

    for path in (about(visit), about(visit, "annuler/")):
        page = family.browser.get(path).content.decode()
        block = page.partition('<aside class="p-help"')[2].partition("</aside>")[0]

        assert page.count('class="p-help"') == page.count("tel:+33380664732") == 1
        assert "tel:+33380664732" in block
        assert "72 rue d’Auxonne" in block
        assert escape(prison.name) in block
