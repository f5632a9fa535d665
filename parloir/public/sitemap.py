"""Every page for everyone, as the two site maps list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from parloir.content.queries import dated_leaves
from parloir.content.rules import LANGUAGES, Section
from parloir.content.sentences import SECTIONS
from parloir.content.tutorials import read_tutorials
from parloir.foundation.middleware import LANGUAGE_PARAMETER
from parloir.public.contact import SUBJECTS
from parloir.public.search import known_prisons

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

PAGES = (
    "/",
    "/etablissements/",
    "/etablissements/carte/",
    "/aide/",
    *(f"/aide/{section}/" for section in Section),
    "/permis/demander/",
    "/aide/tutoriels/",
    *(f"/aide/tutoriels/{tutorial.slug}/" for tutorial in read_tutorials()),
    "/affiches/",
    "/contact/",
    *(f"/contact/{subject.code}/" for subject in SUBJECTS),
    "/accessibilite/",
    "/accessibilite/schema-pluriannuel/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/cookies/",
    "/plan-du-site/",
)
"""The pages that are no row of the database."""


@dataclass(frozen=True)
class Listed:
    """One page: its address, when it last changed if that is known, and the same in every language."""

    address: str
    changed_on: date | None

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Its address in each language that the whole site is written in; French needs no saying."""
        others = [code for code in LANGUAGES if code != settings.LANGUAGE_CODE]
        return [
            (settings.LANGUAGE_CODE, self.address),
            *((code, f"{self.address}?{LANGUAGE_PARAMETER}={code}") for code in others),
            ("x-default", self.address),
        ]


def main_branches() -> dict[str, object]:
    """Return the branches of the site that the page of its map opens: the sections of the help, who to contact."""
    return {
        "sections": [(f"/aide/{section}/", title) for section, title in SECTIONS.items()],
        "contacts": [(f"/contact/{subject.code}/", subject.title) for subject in SUBJECTS],
    }


def addresses() -> list[Listed]:
    """Return every page that search engines should know, in one order always."""
    return [Listed(settings.SITE_URL + path, changed_on) for path, changed_on in _paths()]


def _paths() -> Iterator[tuple[str, date | None]]:
    yield from ((path, None) for path in PAGES)
    yield from ((leaf.address, changed_on) for leaf, changed_on in dated_leaves(settings.LANGUAGE_CODE))
    yield from ((f"/etablissements/{prison.slug}/", None) for prison in known_prisons())
