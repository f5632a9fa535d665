"""The posters, leaflets and cards to print: what each says, from the site's own settings and a prison's own facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from parloir.content.rules import LANGUAGES
from parloir.foundation.paper import code_as_drawing, printed
from parloir.foundation.text import local_day, telephone
from parloir.public.posters.drawings import illustration, pictogram
from parloir.public.posters.texts import Readers, for_readers, pictures, steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from parloir.establishments.finding import Prison

_HERE = Path(__file__).parent
_REMEMBERED = 64
_PATIENCE_SECONDS = 5


class Paper(StrEnum):
    """The three kinds; values are their addresses."""

    POSTER = "affiche"
    LEAFLET = "depliant"
    CARDS = "cartes"


TITLES = {
    Paper.POSTER: gettext_lazy("Affiche A4"),
    Paper.LEAFLET: gettext_lazy("Dépliant A5, recto verso"),
    Paper.CARDS: gettext_lazy("Cartes à découper, 10 par feuille A4"),
}
_TEMPLATES = {Paper.POSTER: "poster.typ", Paper.LEAFLET: "leaflet.typ", Paper.CARDS: "cards.typ"}


class TooManyPrints(Exception):
    """Other documents are being made: this one can be asked for again in a moment."""


@dataclass(frozen=True)
class Print:
    """One document: which paper, for whom, in which language, with which prison's telephone."""

    paper: Paper
    readers: Readers
    language: str
    prison: Prison | None = None

    @property
    def name(self) -> str:
        """Its file's name."""
        return f"{self.paper}-{self.readers}-{self.language}.pdf"

    @property
    def address(self) -> str:
        """Where it is downloaded."""
        return f"/affiches/{self.prison.slug}/{self.name}" if self.prison else f"/affiches/{self.name}"


def all_prints(prison: Prison | None) -> Iterator[Print]:
    """Return every document there is, general or for one prison."""
    for paper in Paper:
        for readers in Readers:
            yield from (Print(paper, readers, language, prison) for language in LANGUAGES)


def print_named(name: str, prison: Prison | None) -> Print:
    """Return the document of a file's name.

    :raises ObjectDoesNotExist: when there is none of that name.
    """
    for known in all_prints(prison):
        if known.name == name:
            return known
    raise ObjectDoesNotExist(name)


# One process makes one document at a time: they take a tenth of a second of its processor, which pages need too.
_making = BoundedSemaphore(1)


def pdf_of(wanted: Print, *, now: datetime) -> bytes:
    """Return a document, as it is on that day.

    :raises TooManyPrints: when others are being made for too long.
    """
    if not _making.acquire(timeout=_PATIENCE_SECONDS):
        raise TooManyPrints
    try:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return _made(wanted, day=day, site=settings.SITE_URL, official=settings.OFFICIAL)
    finally:
        _making.release()


@lru_cache(maxsize=_REMEMBERED)
def _made(wanted: Print, *, day: datetime, site: str, official: bool) -> bytes:
    with override(wanted.language):
        said = _said(wanted, day=day, site=site, official=official)
    return printed(_HERE / _TEMPLATES[wanted.paper], said, made_at=day)


def _said(wanted: Print, *, day: datetime, site: str, official: bool) -> dict[str, object]:
    prison = wanted.prison
    return {
        "language": wanted.language,
        "document": f"{TITLES[wanted.paper]} – {_('Parloir')}",
        "demonstration": "" if official else _("Démonstration, site non officiel"),
        "site": urlsplit(site).netloc,
        "code": code_as_drawing(f"{site}/"),
        "code_is": _("Code à photographier : il ouvre %(site)s.") % {"site": urlsplit(site).netloc},
        "drawing": illustration(),
        "pictures": {name: pictogram(name) for name in pictures()},
        "steps": steps(wanted.readers),
        "prison": prison.name if prison else "",
        "phone": telephone(prison.phone) if prison and prison.phone else "",
        "made": _("Fait le %(day)s.") % {"day": local_day(day.date())},
        **for_readers(wanted.readers, prison=prison),
    }
