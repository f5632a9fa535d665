"""Contact: the right person for each subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from parloir.content.rules import language_for
from parloir.foundation import languages
from parloir.foundation.access import missing_is_404, public
from parloir.foundation.caching import same_for_everyone
from parloir.public.contact import contact_of_prison, contact_page, subjects

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@same_for_everyone
def contact(request: HttpRequest) -> HttpResponse:
    """Ask what it is about."""
    return render(request, "public/contact/home.html", subjects())


@public
@same_for_everyone
@missing_is_404
def contact_about(request: HttpRequest, subject: str) -> HttpResponse:
    """Say who answers for a subject; when it is a prison, ask which."""
    query = request.GET.get("q", "")
    return render(request, "public/contact/subject.html", contact_page(subject, query=query, language=_language()))


@public
@same_for_everyone
@missing_is_404
def contact_prison(request: HttpRequest, subject: str, slug: str) -> HttpResponse:
    """Give the telephone and the address of the right office."""
    return render(request, "public/contact/prison.html", contact_of_prison(subject, slug, language=_language()))


def _language() -> str:
    return language_for(languages.current())
