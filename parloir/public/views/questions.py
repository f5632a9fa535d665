"""The help pages: the tree of questions, one answer, what is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from parloir.content import operations, queries
from parloir.content.rules import language_for
from parloir.content.search import search
from parloir.content.searching import LONGEST_QUERY
from parloir.foundation import languages
from parloir.foundation.access import missing_is_404, public
from parloir.foundation.caching import same_for_everyone
from parloir.public import opinions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse

_OPINIONS = {"oui": True, "non": False}


@public
@same_for_everyone
def help_page(request: HttpRequest) -> HttpResponse:
    """Show what answers the words asked for; without any, the tree of questions."""
    asked = " ".join(request.GET.get("q", "")[:LONGEST_QUERY].split())
    found = search(asked, _language()) if asked else []
    context = {"asked": asked, "found": found, "branches": [] if found else queries.tree(_language())}
    return _page(request, "home", context)


@public
@same_for_everyone
@missing_is_404
def help_section(request: HttpRequest, section: str) -> HttpResponse:
    """List the questions of one section."""
    return _page(request, "section", {"branch": queries.branch_of(section, _language())})


@public
@same_for_everyone
@missing_is_404
def answer(request: HttpRequest, section: str, slug: str) -> HttpResponse:
    """Answer one question and say what to read next."""
    context = {"answer": queries.answer_to(section, slug, _language()), "thanks": "merci" in request.GET}
    return _page(request, "answer", context)


@public
@csrf_exempt  # The button is on pages that are the same for everyone; the worst a forger wins is one more in a count.
@require_POST
@missing_is_404
def give_opinion(request: HttpRequest, section: str, slug: str) -> HttpResponse:
    """Count whether an answer helped, once a reader, and go back to it."""
    helped = _OPINIONS.get(request.POST.get("avis", ""))
    leaf = queries.answer_to(section, slug, _language()).leaf
    if helped is not None and opinions.counts(request, about=slug):
        today = timezone.localdate()
        operations.count_opinion(slug=slug, language=_language(), helped=helped, day=today)
    return HttpResponseRedirect(f"{leaf.address}?merci#utile" if helped is not None else leaf.address)


def _language() -> str:
    return language_for(languages.current())


def _page(request: HttpRequest, name: str, context: Mapping[str, object]) -> HttpResponse:
    """Show a page of the help, telling a reader of a language that it is not written in that it is in French."""
    is_in_french = languages.current() != _language()
    return render(request, f"public/help/{name}.html", {**context, "is_in_french": is_in_french})
