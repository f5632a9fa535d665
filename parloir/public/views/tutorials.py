"""The video tutorials: their list, and one with its transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from parloir.content.rules import language_for
from parloir.foundation import languages
from parloir.foundation.access import public
from parloir.foundation.caching import same_for_everyone
from parloir.public.films import film_and_next, films_as_read
from parloir.public.structured import as_data, video

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@same_for_everyone
def tutorials(request: HttpRequest) -> HttpResponse:
    """List the tutorials in the order of the journey."""
    return render(request, "public/tutorials/list.html", films_as_read())


@public
@same_for_everyone
def tutorial(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one tutorial: the film, its chapters, its files, what it says."""
    try:
        film, following = film_and_next(slug, _language())
    except LookupError as error:
        raise Http404 from error
    branch = {"address": "/aide/tutoriels/", "title": _("Tutoriels vidéo")}
    context = {"film": film, "following": following, "branch": branch, "structured": as_data(video(film)), **_reading()}
    return render(request, "public/tutorials/tutorial.html", context)


def _language() -> str:
    return language_for(languages.current())


def _reading() -> dict[str, bool]:
    """Say whether what is told is in French for a reader of another language."""
    return {"is_in_french": languages.current() != _language()}
