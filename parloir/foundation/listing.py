"""What search engines are told of a page: its one address, and where it is in another language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language

from parloir.foundation import languages
from parloir.foundation.middleware import LANGUAGE_PARAMETER

if TYPE_CHECKING:
    from django.http import HttpRequest

PRIVATE = ("/espace/", "/courriel/", "/m/", "/deconnexion/", "/connexion/franceconnect/")
"""Where the pages of an account are: their titles, which tabs and histories show, do not say what the site is."""

DOORS = ("/connexion/",)
"""Where whoever is sent a link into a space arrives first: what is shown of the link tells nothing either."""


@dataclass(frozen=True)
class Listing:
    """A page for everyone that is to be found: absolute addresses."""

    address: str
    languages: list[tuple[str, str]]


def tells_nothing(path: str) -> bool:
    """Tell whether a page must not say what the site is, where its link is shown."""
    return path.startswith((*PRIVATE, *DOORS))


def listing_of(request: HttpRequest) -> Listing | None:
    """Return how a page is listed; None for one that is not: of an account, an answer to a search or to a form."""
    match = request.resolver_match
    if match is None or getattr(match.func, "login_required", True) or tells_nothing(request.path):
        return None
    if request.method not in {"GET", "HEAD"} or request.GET.keys() - {LANGUAGE_PARAMETER}:
        return None
    return Listing(address_in(languages.current(), request.path), alternates(request.path))


def address_in(language: str, path: str) -> str:
    """Return the address of a page in a language: French needs no saying."""
    asked = "" if language == settings.LANGUAGE_CODE else f"?{LANGUAGE_PARAMETER}={language}"
    return f"{settings.SITE_URL}{path}{asked}"


def alternates(path: str) -> list[tuple[str, str]]:
    """Return a page's address in each language that the whole site is written in, and for a reader of none of them."""
    known = [(code, address_in(code, path)) for code in whole_languages()]
    return [*known, ("x-default", address_in(settings.LANGUAGE_CODE, path))]


def whole_languages() -> list[str]:
    """Return the languages in which every page is: not those whose help is in French, which no speaker has read."""
    return [code for code, _name in languages.of_messages() if code not in languages.UNREVIEWED]


def spoken_as() -> str:
    """Return the language of the page as shared links write it: ``fr_FR``."""
    return {"fr": "fr_FR", "en": "en_GB", "ar": "ar_AR"}.get(languages.spoken(get_language() or "fr"), "fr_FR")
