"""Every page for everyone, as the two site maps list them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings

from parloir.content.queries import dated_leaves
from parloir.content.rules import Section
from parloir.content.sentences import SECTIONS
from parloir.content.tutorials import read_recordings, read_tutorials
from parloir.establishments.queries import days_of_change
from parloir.foundation.listing import address_in, alternates
from parloir.public.contact import SUBJECTS
from parloir.public.search import known_prisons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    """One page: its path, when it last changed if that is known, and the same in every language."""

    path: str
    changed_on: date | None

    @property
    def address(self) -> str:
        """Its address, which is French."""
        return address_in(settings.LANGUAGE_CODE, self.path)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Its address in each language that the whole site is written in; French needs no saying."""
        return alternates(self.path)


def main_branches() -> dict[str, object]:
    """Return the branches of the site that the page of its map opens: the sections of the help, who to contact."""
    return {
        "sections": [(f"/aide/{section}/", title) for section, title in SECTIONS.items()],
        "contacts": [(f"/contact/{subject.code}/", subject.title) for subject in SUBJECTS],
    }


def addresses() -> list[Listed]:
    """Return every page that search engines should know, in one order always."""
    return [Listed(path, changed_on) for path, changed_on in _paths()]


def _paths() -> Iterator[tuple[str, date | None]]:
    leaves = dated_leaves(settings.LANGUAGE_CODE)
    prisons = days_of_change()
    films = {
        f"/aide/tutoriels/{slug}/": date.fromisoformat(film.recorded_on) for slug, film in read_recordings().items()
    }
    sections = {
        f"/aide/{section}/": _last(day for leaf, day in leaves if leaf.section == section) for section in Section
    }
    lists = {
        "/aide/": _last(day for _leaf, day in leaves),
        "/aide/tutoriels/": _last(films.values()),
        "/etablissements/": _last(prisons.values()),
        "/etablissements/carte/": _last(prisons.values()),
    }
    known = sections | films | lists
    yield from ((path, known.get(path)) for path in PAGES)
    yield from ((leaf.address, day) for leaf, day in leaves)
    yield from ((f"/etablissements/{prison.slug}/", prisons.get(prison.slug)) for prison in known_prisons())


def _last(days: Iterable[date]) -> date | None:
    return max(days, default=None)
