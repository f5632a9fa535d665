"""Where the prisons are, how to find one, and all that is known of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone

from parloir.foundation.access import missing_is_404, public
from parloir.foundation.caching import REMEMBERED_SECONDS, same_for_everyone
from parloir.public.atlas import map_around, national_map
from parloir.public.search import search_page, suggestions
from parloir.public.sheets import sheet_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@public
@same_for_everyone
def establishments(request: HttpRequest) -> HttpResponse:
    """List every establishment by direction, or those that somebody looks for."""
    return render(request, "public/establishments.html", search_page(request.GET.dict()))


@public
def suggest(request: HttpRequest) -> HttpResponse:
    """Answer the page's script while somebody types; without the script the form says the same."""
    response = JsonResponse({"results": suggestions(request.GET.get("q", ""))})
    response["Cache-Control"] = f"public, max-age={REMEMBERED_SECONDS}"
    return response


@public
@same_for_everyone
@missing_is_404
def sheet(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell all that is known of one establishment, and say so of what is not."""
    return render(request, "public/sheet.html", sheet_page(slug, now=timezone.now()))


@public
@same_for_everyone
def prisons_map(request: HttpRequest) -> HttpResponse:
    """Draw where the establishments are, and list them."""
    return render(request, "public/map.html", national_map())


@public
@same_for_everyone
@missing_is_404
def map_of(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw what is around one establishment, near enough to tell each from the next."""
    return render(request, "public/map_around.html", map_around(slug))
