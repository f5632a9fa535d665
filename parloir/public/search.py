"""Looking for a prison: what was asked in the address, and what answers it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist

from parloir.establishments import queries
from parloir.establishments.finding import LONGEST_QUERY, find, near, sorting_name
from parloir.establishments.places import department_of_postcode, department_of_town
from parloir.establishments.sentences import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parloir.establishments.finding import Near, Prison

SUGGESTIONS = 7
_REMEMBERED_SECONDS = 60
_HELD: dict[str, tuple[Prison, ...]] = {}


@dataclass(frozen=True)
class Asked:
    """What the address asks; what is not in a list is as if it had not been asked."""

    query: str
    region: str
    kind: str
    postcode: str

    @property
    def is_nothing(self) -> bool:
        """Whether all prisons are asked for."""
        return not (self.query or self.region or self.kind or self.postcode)


def search_page(parameters: Mapping[str, str]) -> dict[str, object]:
    """Return what the page of all prisons shows for an address."""
    prisons = known_prisons()
    regions = sorted({prison.direction for prison in prisons}, key=lambda name: (name.startswith("Outre"), name))
    asked = _asked(parameters, regions)
    among = tuple(prison for prison in prisons if _passes(prison, asked))
    page: dict[str, object] = {"asked": asked, "regions": regions, "kinds": KINDS.items(), "count": len(prisons)}
    if asked.postcode:
        return {**page, **_near(asked.postcode, among)}
    if asked.is_nothing:
        return {**page, "directions": by_direction(prisons)}
    found = find(asked.query, among) if asked.query else sorted(among, key=sorting_name)
    return {**page, "results": found}


def suggestions(query: str) -> list[dict[str, str]]:
    """Return the few prisons that a beginning of query means, as the page's script shows them."""
    return [
        {
            "name": prison.name,
            "place": _place(prison),
            "slug": prison.slug,
            "url": f"/etablissements/{prison.slug}/",
        }
        for prison in find(query, known_prisons())[:SUGGESTIONS]
    ]


def known_prisons() -> tuple[Prison, ...]:
    """Return all prisons, read once a minute; the cache holds only which reading is current, never copies of it."""
    held = _HELD.get(cache.get("prisons", ""))
    if held is None:
        reading, held = uuid4().hex, queries.prisons()
        _HELD.clear()
        _HELD[reading] = held
        cache.set("prisons", reading, _REMEMBERED_SECONDS)
    return held


def prison_named(slug: str) -> Prison:
    """Return one prison.

    :raises ObjectDoesNotExist: when there is no such prison.
    """
    for prison in known_prisons():
        if prison.slug == slug:
            return prison
    raise ObjectDoesNotExist(slug)


def _asked(parameters: Mapping[str, str], regions: list[str]) -> Asked:
    region, kind = parameters.get("region", ""), parameters.get("type", "")
    return Asked(
        query=cleaned(parameters.get("q", "")),
        region=region if region in regions else "",
        kind=kind if kind in KINDS else "",
        postcode=cleaned(parameters.get("cp", "")),
    )


def cleaned(text: str) -> str:
    """Return what was typed on one line, cut to the longest query."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_QUERY]


def _passes(prison: Prison, asked: Asked) -> bool:
    return asked.region in {"", prison.direction} and asked.kind in {"", prison.kind}


def _near(postcode: str, among: tuple[Prison, ...]) -> dict[str, object]:
    found: list[Near] | None = near(postcode, among)
    return {"nearby": found or [], "department": department_of_postcode(postcode), "is_bad_postcode": found is None}


def by_direction(prisons: tuple[Prison, ...]) -> list[tuple[str, list[Prison]]]:
    """Return prisons under their directions, both in the order of the alphabet."""
    rows = sorted(prisons, key=lambda prison: (prison.direction, sorting_name(prison)))
    return [(direction, list(group)) for direction, group in groupby(rows, key=attrgetter("direction"))]


def _place(prison: Prison) -> str:
    department = department_of_town(prison.insee)
    town = prison.city or prison.postal_city.title()
    return f"{town} ({department.name})" if department and department.name != town else town
