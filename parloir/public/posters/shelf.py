"""What the page of posters shows: every document by who reads it, and how to have a prison's own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings

from parloir.establishments.finding import find
from parloir.public.posters.papers import TITLES, Paper, all_prints
from parloir.public.posters.texts import READERS, Readers
from parloir.public.search import cleaned, known_prisons, prison_named

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from parloir.public.posters.papers import Print

MOST_SHOWN = 12


@dataclass(frozen=True)
class Offered:
    """One paper for some readers, with its address in each language."""

    title: StrPromise
    picture: str
    languages: list[tuple[str, str, str]]
    """Each language's code and name, with the document's address."""


_PICTURES = {Paper.POSTER: "permit", Paper.LEAFLET: "letter", Paper.CARDS: "identity"}


def shelf(slug: str, *, query: str) -> dict[str, object]:
    """Return the documents, general or of one prison, and the prisons that a query means.

    :raises ObjectDoesNotExist: when there is no such prison.
    """
    prison = prison_named(slug) if slug else None
    asked = cleaned(query)
    prints = sorted(all_prints(prison), key=lambda one: list(Readers).index(one.readers))
    groups = groupby(prints, key=attrgetter("readers"))
    return {
        "prison": prison,
        "asked": asked,
        "found": find(asked, known_prisons())[:MOST_SHOWN] if asked else [],
        "groups": [(READERS[readers], readers, _offered(list(of_them))) for readers, of_them in groups],
    }


def _offered(prints: list[Print]) -> list[Offered]:
    names = dict(settings.LANGUAGES)
    return [
        Offered(TITLES[paper], _PICTURES[paper], [(one.language, names[one.language], one.address) for one in same])
        for paper, same in groupby(prints, key=attrgetter("paper"))
    ]
